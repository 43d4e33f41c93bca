"""Callers of whom nothing is heard: asked after eleven months whether to go on, forgotten after twelve."""

from __future__ import annotations

import secrets
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, func, or_, select, update

from helpline.consent.caller_rows import active_subscription, caller_of
from helpline.consent.consent import KIND
from helpline.consent.extra_messages import plan_keep
from helpline.consent.journal import Journal
from helpline.consent.once import one_at_a_time
from helpline.consent.rounds import Page
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import apply_once
from helpline.menus.shapes import Calendar
from helpline.menus.waves import SPREAD, next_allowed
from helpline.menus.windows import PARIS, month_after, today_in_paris
from helpline.records.engine import reading
from helpline.records.tables import callers, messages, subscriptions

ASKED_AFTER, ERASED_AFTER = 11, 12  # months without a word
ERASED_UNREACHED_AFTER = 15  # ... if the question went every month and never arrived
TIME_TO_ANSWER = 1  # month, as the question says
WORTH_ASKING = timedelta(days=7)  # how long the question may wait for its turn

_ANYTHING = exists().where(subscriptions.c.caller_id == callers.c.id, subscriptions.c.ended_at.is_(None))
# Whoever has only things with a date of their own is not asked: these end by themselves.
_MONTHLY = exists().where(
    subscriptions.c.caller_id == callers.c.id, subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None)
)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last day, at the same time in France."""
    local = moment.astimezone(PARIS)
    month = month_after(local.date(), -months)
    day = min(local.day, monthrange(month.year, month.month)[1])
    return local.replace(year=month.year, month=month.month, day=day)


def mark_seen(engine: Engine, seen: Iterable[str], now: datetime, page: int) -> int:
    """Whoever texted or called is not idle: `seen` are their fingerprints. How many of them are kept here.

    A page is written before the next is asked for: who forgets those that were told may do so then.
    """
    marked = 0
    waiting = iter(seen)
    while fingerprints := sorted(islice(waiting, page)):
        with engine.begin() as connection:
            marked += connection.execute(
                update(callers)
                .where(callers.c.fingerprint.in_(fingerprints), callers.c.last_seen < now)
                .values(last_seen=now)
            ).rowcount
    return marked


def ask_to_keep(
    engine: Engine, calendar: Calendar, now: datetime, page: int, after: int | None = None
) -> Iterator[Page]:
    """Plan the question for the next hour in which we may write. Once for each time that somebody is idle."""
    begins = next_allowed(calendar, now)
    day = today_in_paris(begins)
    ends = datetime.combine(day, calendar.hours.spread_until, tzinfo=PARIS)
    length = max(ends - begins, timedelta())
    # What did not arrive was not asked: again next month.
    not_asked = ~_asked(messages.c.state.not_in(("skipped", "expired", "failed", "undelivered")))
    for ids in _idle(engine, and_(_MONTHLY, not_asked), months_before(now, ASKED_AFTER), page, after):
        asked = 0
        with engine.begin() as connection:
            people = select(callers.c.id, callers.c.spread, callers.c.channel).where(callers.c.id.in_(ids))
            for caller, spread, channel in connection.execute(people).all():
                due = begins + length * spread / SPREAD
                asked += plan_keep(connection, caller, channel, f"{day:%Y-%m}", due, begins + WORTH_ASKING, now)
        yield ids[-1], {"asked": asked}


def erase_silent(
    engine: Engine, now: datetime, page: int, journal: Journal | None = None, after: int | None = None
) -> Iterator[Page]:
    """Erase who has not answered for a month.

    Nobody is erased whom the question did not reach, unless it was sent to nowhere for months. `journal`: so that a
    restored backup does not bring them back.
    """
    limit = months_before(now, ERASED_AFTER)
    in_time = func.coalesce(messages.c.claimed_at, messages.c.due_at) <= months_before(now, TIME_TO_ANSWER)
    asked = or_(
        _asked(messages.c.state.in_(("sent", "delivered")), in_time),
        and_(
            callers.c.last_seen <= months_before(now, ERASED_UNREACHED_AFTER),
            _asked(messages.c.state.not_in(("planned", "skipped", "expired")), in_time),
        ),
    )
    for ids in _idle(engine, and_(_MONTHLY, asked), limit, page, after):
        gone = [withdrawal for caller in ids if (withdrawal := _erased(engine, caller, limit, now))]
        if journal and gone:
            journal.append(*gone)
        yield ids[-1], {"erased": len(gone)}


def drop_ended(engine: Engine, now: datetime, page: int, after: int | None = None) -> Iterator[Page]:
    """Delete the rows of those who had ended everything."""
    limit = months_before(now, ERASED_AFTER)
    for ids in _idle(engine, ~_ANYTHING, limit, page, after):
        with engine.begin() as connection:
            # Asked anew under the rows' lock: they may have signed up again meanwhile.
            connection.execute(select(callers.c.id).where(callers.c.id.in_(ids)).with_for_update())
            still = (callers.c.id.in_(ids), callers.c.last_seen <= limit, ~_ANYTHING)
            erased = connection.execute(delete(callers).where(*still)).rowcount
        yield ids[-1], {"erased": erased}


def _asked(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the question was planned since the caller was last seen, and what else is to hold of it."""
    return exists().where(
        messages.c.caller_id == callers.c.id,
        messages.c.kind == "keep",
        messages.c.due_at >= callers.c.last_seen,
        *conditions,
    )


def _idle(
    engine: Engine, condition: ColumnElement[bool], seen_before: datetime, page: int, after: int | None
) -> Iterator[list[int]]:
    """The ids of callers not seen since then for whom the condition holds, page by page."""
    last = after or 0
    while True:
        wanted = (callers.c.id > last, callers.c.last_seen <= seen_before, condition)
        with reading(engine).connect() as connection:
            ids = list(connection.scalars(select(callers.c.id).where(*wanted).order_by(callers.c.id).limit(page)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _erased(engine: Engine, caller: int, limit: datetime, now: datetime) -> Withdrawal | None:
    """Erase one caller, if they are idle still."""
    with engine.begin() as connection:
        row = connection.execute(select(callers.c.fingerprint).where(callers.c.id == caller)).first()
        if row is None:
            return None
        one_at_a_time(connection, row.fingerprint)
        known = caller_of(connection, row.fingerprint)
        if known is None or known.last_seen > limit or active_subscription(connection, known.id) is None:
            return None
        withdrawal = Withdrawal(
            fingerprint=row.fingerprint,
            reason="idle",
            at=now,
            channel="nightly",
            key=f"{secrets.token_hex(8)}.idle",
            erases=True,
        )
        apply_once(connection, withdrawal, now, everything=True)
        return withdrawal
