"""Invitations: who signed a paper form is asked once, by text, whether they want the reminders. Nobody else agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpline.consent.caller_rows import spread_of
from helpline.consent.consent import KIND
from helpline.consent.once import insert_new, one_at_a_time
from helpline.consent.proof import record
from helpline.consent.rounds import Page
from helpline.menus.windows import today_in_paris
from helpline.records.engine import reading
from helpline.records.messages import IN_DOUBT
from helpline.records.sealing import Sealed
from helpline.records.tables import callers, carrier_blocks, invitations, messages, objections, subscriptions

INVITE = "invite"  # the kind of message
ON_PAPER = "paper"  # the channel of the proof that somebody was asked
WORTH_SENDING = timedelta(days=7)  # how long an invitation may wait for its turn
NOT_AGAIN_FOR = timedelta(days=90)  # a form that was signed sooner after an invitation invites nobody
ANSWER_WITHIN = timedelta(days=30)

# What becomes of a form: invited now or before, has the reminders, wants no texts, or the carrier lets none through.
Fate = Literal["invited", "already", "subscribed", "objected", "blocked"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A form that somebody signed: who, which form, on which day, and the language to ask them in."""

    fingerprint: str
    number: Sealed = field(repr=False)
    language: str
    form: str
    on: date


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of somebody. `caller` is their row's id, `is_reminded` of anything at all."""

    fate: Fate
    caller: int | None
    is_reminded: bool


def fates(connection: Connection, signed: Sequence[tuple[str, date]]) -> list[Fate]:
    """What would become of forms, by fingerprint and day. Each fingerprint once."""
    known = _known(connection, dict(signed))
    return [known[fingerprint].fate for fingerprint, _ in signed]


def invite(engine: Engine, papers: Sequence[Paper], now: datetime, turn: Callable[[], datetime]) -> list[Fate]:
    """Plan the invitations of these forms in one transaction. `turn` gives the moment of the next one.

    Each fingerprint once. Whoever was invited before, or wants nothing, is left alone: so it may be run again.
    """
    with engine.begin() as connection:
        for fingerprint in sorted(paper.fingerprint for paper in papers):
            one_at_a_time(connection, fingerprint)
        known = _known(connection, {paper.fingerprint: paper.on for paper in papers})
        for paper in papers:
            if known[paper.fingerprint].fate == "invited":
                _invite(connection, paper, known[paper.fingerprint], now, turn())
    return [known[paper.fingerprint].fate for paper in papers]


def forget_unanswered(engine: Engine, now: datetime, page: int, after: str | None = None) -> Iterator[Page]:
    """Forget who did not answer for a month; that they were invited stays, so that no second file invites them."""
    last = after or ""
    while True:
        found = select(invitations.c.fingerprint).where(invitations.c.fingerprint > last, _unanswered(now)).distinct()
        with reading(engine).connect() as connection:
            people = list(connection.scalars(found.order_by(invitations.c.fingerprint).limit(page)))
        if not people:
            return
        with engine.begin() as connection:
            forgotten = _forget(connection, people, now)
        last = people[-1]
        yield last, {"invited": forgotten}


def forget_invitations(engine: Engine, before: datetime, page: int, after: str | None = None) -> Iterator[Page]:
    """Forget that somebody was invited, once it is old enough and nothing else is kept of them."""
    last = after or ""
    is_kept = exists().where(callers.c.fingerprint == invitations.c.fingerprint)
    old = (invitations.c.invited_at <= before, ~is_kept)
    while True:
        found = select(invitations.c.fingerprint).where(invitations.c.fingerprint > last, *old).distinct()
        with reading(engine).connect() as connection:
            people = list(connection.scalars(found.order_by(invitations.c.fingerprint).limit(page)))
        if not people:
            return
        with engine.begin() as connection:
            gone = connection.execute(delete(invitations).where(invitations.c.fingerprint.in_(people), *old)).rowcount
        last = people[-1]
        yield last, {"invitations": gone}


def _known(connection: Connection, signed: dict[str, date]) -> dict[str, _Known]:
    people = list(signed)
    blocked = _of(connection, select(carrier_blocks.c.fingerprint), carrier_blocks.c.fingerprint, people)
    objected = _of(connection, select(objections.c.fingerprint), objections.c.fingerprint, people)
    rows = select(callers.c.fingerprint, callers.c.id).where(callers.c.fingerprint.in_(people))
    ids = {row.fingerprint: int(row.id) for row in connection.execute(rows)}
    of_all = select(callers.c.fingerprint).join_from(callers, subscriptions).where(subscriptions.c.ended_at.is_(None))
    reminded = _of(connection, of_all, callers.c.fingerprint, people)
    of_this = _of(connection, of_all.where(subscriptions.c.kind == KIND), callers.c.fingerprint, people)
    newest = select(invitations.c.fingerprint, func.max(invitations.c.invited_at).label("at"))
    newest = newest.where(invitations.c.fingerprint.in_(people)).group_by(invitations.c.fingerprint)
    last = {row.fingerprint: row.at for row in connection.execute(newest)}

    def fate(person: str) -> Fate:
        if person in blocked:
            return "blocked"
        if person in objected:
            return "objected"
        if person in of_this:
            return "subscribed"
        if person in last and signed[person] <= today_in_paris(last[person] + NOT_AGAIN_FOR):
            return "already"
        return "invited"

    return {person: _Known(fate(person), ids.get(person), person in reminded) for person in people}


def _of(connection: Connection, found: Any, column: ColumnElement[str], people: list[str]) -> set[str]:
    return set(connection.scalars(found.where(column.in_(people))))


def _invite(connection: Connection, paper: Paper, known: _Known, now: datetime, due: datetime) -> None:
    insert_new(
        connection,
        messages,
        caller_id=_caller(connection, paper, known, now),
        kind=INVITE,
        occurrence=paper.on.isoformat(),
        wave="",
        queue="bulk",
        state="planned",
        due_at=due,
        not_after=due + WORTH_SENDING,
        changed_at=now,
    )
    _remember(connection, paper, now)
    record(
        connection,
        "asked",
        paper.fingerprint,
        now,
        channel=ON_PAPER,
        language=paper.language,
        heard=f"signed {paper.on}",
    )


def _caller(connection: Connection, paper: Paper, known: _Known, now: datetime) -> int:
    """The id of their row, with the number to write to. Who is reminded of something else keeps what they chose."""
    fresh = {"number": paper.number.number, "number_key": paper.number.key, "language": paper.language}
    if known.caller is None:
        row = {"fingerprint": paper.fingerprint, "spread": spread_of(paper.fingerprint), "last_seen": now}
        added = insert(callers).values(**row, **fresh, created_at=now).returning(callers.c.id)
        return int(connection.execute(added).scalar_one())
    if not known.is_reminded:
        mine = callers.c.id == known.caller
        connection.execute(update(callers).where(mine).values(**fresh, channel="sms"))
    return known.caller


def _remember(connection: Connection, paper: Paper, now: datetime) -> None:
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = {"signed_on": paper.on.isoformat(), "language": paper.language, "invited_at": now}
    row = into(invitations).values(fingerprint=paper.fingerprint, form=paper.form, **fresh)
    connection.execute(row.on_conflict_do_update(index_elements=list(invitations.primary_key), set_=fresh))


def _unanswered(now: datetime) -> ColumnElement[bool]:
    """Who was invited a month ago or longer, was not heard of since, and never had any reminders."""
    limit = now - ANSWER_WITHIN
    other = invitations.alias()
    newer = exists().where(other.c.fingerprint == invitations.c.fingerprint, other.c.invited_at > limit)
    had = exists().where(subscriptions.c.caller_id == callers.c.id)
    still_open = exists().where(
        messages.c.caller_id == callers.c.id,
        or_(messages.c.state == "planned", messages.c.state.in_(IN_DOUBT)),
    )
    stays = exists().where(
        callers.c.fingerprint == invitations.c.fingerprint, or_(had, still_open, callers.c.last_seen > limit)
    )
    return and_(invitations.c.form != "", invitations.c.invited_at <= limit, ~newer, ~stays)


def _forget(connection: Connection, people: list[str], now: datetime) -> int:
    for fingerprint in people:  # they come in order
        one_at_a_time(connection, fingerprint)
    # Asked anew: they may have answered meanwhile.
    still = _unanswered(now)
    newest = select(invitations.c.fingerprint, func.max(invitations.c.invited_at).label("at"))
    newest = newest.where(invitations.c.fingerprint.in_(people), still).group_by(invitations.c.fingerprint)
    rows = connection.execute(newest).all()
    gone = [row.fingerprint for row in rows]
    if not gone:
        return 0
    connection.execute(delete(callers).where(callers.c.fingerprint.in_(gone)))
    connection.execute(delete(invitations).where(invitations.c.fingerprint.in_(gone)))
    nothing_more = {"form": "", "signed_on": "", "language": ""}
    connection.execute(
        insert(invitations), [{"fingerprint": row.fingerprint, "invited_at": row.at, **nothing_more} for row in rows]
    )
    return len(gone)
