"""What is forgotten, and when. Run every night, in pieces, and harmless to run again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Engine, Table, and_, delete, exists, select

from helpline.consent.applying import apply_journal, begin_again
from helpline.consent.called_back import OPEN, drop_ended_numbers
from helpline.consent.caller_rows import drop_numbers, number_without_use
from helpline.consent.idleness import ask_to_keep, drop_ended, erase_silent, mark_seen, months_before
from helpline.consent.invitations import forget_invitations, forget_unanswered
from helpline.consent.journal import Journal
from helpline.consent.over import forget_over
from helpline.consent.rounds import Page, Step, go_on
from helpline.menus.shapes import Calendar
from helpline.records.desk_tables import call_requests
from helpline.records.engine import reading
from helpline.records.messages import IN_DOUBT
from helpline.records.reseal import reseal
from helpline.records.sealing import Seals
from helpline.records.tables import callers, carrier_blocks, consents, effects, messages, objections

PAGE = 500
SECONDS = 40.0  # a piece: so long whoever plans, settles and watches may have to wait for it
MESSAGES_KEPT = timedelta(days=90)  # longer than any wave lives: no row that keeps one from going twice is missed
EFFECTS_KEPT = timedelta(days=30)
REQUESTS_KEPT = timedelta(days=90)  # of who wants to be called: since anything last happened to it
QUESTIONS_KEPT = timedelta(days=30)  # that somebody was asked and did not agree proves nothing
PROOF_KEPT = 36  # months after the end
JOURNAL_KEPT = PROOF_KEPT + 1  # it is rewritten once a month at most

_NO_PROOF = ("asked", "refused")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many: callers seen, asked whether to go on, erased; numbers and rows that went; numbers sealed anew.

    `dated`: what had a date of its own and is over. `invited`: people who did not answer their invitation. `requests`:
    to be called by one of us.

    `unreadable` numbers are those that no key of NUMBER_KEYS opens. `round_began`: when the round did that is over
    now; None if it was cut short.
    """

    seen: int = 0
    asked: int = 0
    erased: int = 0
    numbers: int = 0
    messages: int = 0
    effects: int = 0
    proofs: int = 0
    questions: int = 0
    objections: int = 0
    blocks: int = 0
    journal_lines: int = 0
    dated: int = 0
    invited: int = 0
    invitations: int = 0
    requests: int = 0
    resealed: int = 0
    unreadable: int = 0
    round_began: datetime | None = field(default=None, compare=False)


def retention(
    engine: Engine,
    seals: Seals,
    seen: Iterable[str],
    now: datetime,
    calendar: Calendar,
    journal: Journal | None = None,
    page: int = PAGE,
    seconds: float = SECONDS,
) -> Forgotten:
    """Forget what is not needed any more, page by page, for about so many seconds; the next call goes on from there.

    `seen` are the fingerprints of who was there lately.
    """
    # Both in every piece, and whole: days may lie between two, and nobody is erased who was there meanwhile.
    if journal:
        apply_journal(engine, journal, now)
    marked = mark_seen(engine, seen, now, page)
    piece = go_on(engine, _steps(engine, seals, now, calendar, journal, page), now, seconds)
    counts = {"seen": marked, **piece.counts}
    log.info(
        "retention", is_over=piece.round_began is not None, **{name: count for name, count in counts.items() if count}
    )
    return Forgotten(**counts, round_began=piece.round_began)


def _steps(
    engine: Engine, seals: Seals, now: datetime, calendar: Calendar, journal: Journal | None, page: int
) -> dict[str, Step]:
    """What a round does, in order: what people were promised first, and last what may take several nights."""
    old_proof = months_before(now, PROOF_KEPT)
    is_old = messages.c.changed_at <= now - MESSAGES_KEPT
    return {
        "ask": lambda after: ask_to_keep(engine, calendar, now, page, after),
        "erase": lambda after: erase_silent(engine, now, page, journal, after),
        "dated": lambda after: forget_over(engine, calendar, now, page, after),
        "invited": lambda after: forget_unanswered(engine, now, page, after),
        "drop": lambda after: drop_ended(engine, now, page, after),
        "numbers": lambda after: _drop_numbers(engine, page, after),
        "called": lambda after: drop_ended_numbers(engine, page, after),
        "requests": lambda after: _forget_requests(engine, page, after, now - REQUESTS_KEPT),
        "messages": lambda after: _delete(engine, messages.c.id, page, after, is_old, _NOTHING_OPEN),
        "effects": lambda after: _delete(engine, effects.c.key, page, after, effects.c.at <= now - EFFECTS_KEPT),
        "proofs": lambda after: _delete(engine, consents.c.id, page, after, _old_proof(old_proof), name="proofs"),
        "questions": lambda after: _delete(engine, consents.c.id, page, after, _never_answered(now), name="questions"),
        "objections": lambda after: _by_fingerprint(engine, objections, old_proof, page, after),
        "blocks": lambda after: _by_fingerprint(engine, carrier_blocks, old_proof, page, after, name="blocks"),
        "invitations": lambda after: forget_invitations(engine, old_proof, page, after),
        "journal": lambda after: _trim(engine, journal, now),
        "reseal": lambda after: _reseal(engine, seals, page, after),
        "reseal_requests": lambda after: _reseal(engine, seals, page, after, call_requests),
    }


_NOTHING_OPEN = messages.c.state.not_in(("planned", *sorted(IN_DOUBT)))


def _drop_numbers(engine: Engine, page: int, after: int | None) -> Iterator[Page]:
    """The numbers of callers who ended everything, once nothing is on its way to them any more."""
    last = after or 0
    while True:
        found = select(callers.c.id).where(callers.c.id > last, number_without_use()).order_by(callers.c.id).limit(page)
        with reading(engine).connect() as connection:  # a look at everybody keeps nobody from writing
            ids = list(connection.scalars(found))
        if not ids:
            return
        with engine.begin() as connection:
            # Asked anew under the rows' lock: they may have signed up again meanwhile.
            connection.execute(select(callers.c.id).where(callers.c.id.in_(ids)).with_for_update())
            dropped = drop_numbers(connection, ids)
        last = ids[-1]
        yield last, {"numbers": dropped}


def _forget_requests(engine: Engine, page: int, after: int | None, before: datetime) -> Iterator[Page]:
    """Requests for a call to which nothing has happened since. Whom nobody called is told of: they were promised it."""
    is_old = call_requests.c.changed_at <= before
    last = after or 0
    while True:
        found = select(call_requests.c.id).where(call_requests.c.id > last, is_old)
        with reading(engine).connect() as connection:
            ids = list(connection.scalars(found.order_by(call_requests.c.id).limit(page)))
        if not ids:
            return
        with engine.begin() as connection:
            gone = delete(call_requests).where(call_requests.c.id.in_(ids), is_old)
            states = list(connection.scalars(gone.returning(call_requests.c.state)))
        if waited := sum(state in OPEN for state in states):
            log.warning("forgotten without a call", count=waited)
        last = ids[-1]
        yield last, {"requests": len(states)}


def _old_proof(before: datetime) -> ColumnElement[bool]:
    """The proofs of people of whom nothing else is kept, once their last one is old enough."""
    other = consents.alias()
    newer = exists().where(other.c.fingerprint == consents.c.fingerprint, other.c.at > before)
    return and_(~_is_kept(consents), consents.c.at <= before, ~newer)


def _never_answered(now: datetime) -> ColumnElement[bool]:
    other = consents.alias()
    proof = exists().where(other.c.fingerprint == consents.c.fingerprint, other.c.event.not_in(_NO_PROOF))
    is_old = consents.c.at <= now - QUESTIONS_KEPT
    return and_(~_is_kept(consents), consents.c.event.in_(_NO_PROOF), is_old, ~proof)


def _is_kept(table: Table) -> ColumnElement[bool]:
    return exists().where(callers.c.fingerprint == table.c.fingerprint)


def _by_fingerprint(
    engine: Engine, table: Table, before: datetime, page: int, after: str | None, name: str = ""
) -> Iterator[Page]:
    old = and_(table.c.since <= before, ~_is_kept(table))
    return _delete(engine, table.c.fingerprint, page, after, old, name=name)


def _delete(
    engine: Engine, key: Column[Any], page: int, after: Any, *where: ColumnElement[bool], name: str = ""
) -> Iterator[Page]:
    """Delete the rows for which everything holds, so many at once. Counted under `name`, or the table's."""
    while True:
        rest = where if after is None else (key > after, *where)
        with reading(engine).connect() as connection:
            keys = list(connection.scalars(select(key).where(*rest).order_by(key).limit(page)))
        if not keys:
            return
        with engine.begin() as connection:
            deleted = connection.execute(delete(key.table).where(key.in_(keys), *where)).rowcount
        after = keys[-1]
        yield after, {name or key.table.name: deleted}


def _reseal(engine: Engine, seals: Seals, page: int, after: int | None, table: Table = callers) -> Iterator[Page]:
    while (found := reseal(engine, seals, page, after or 0, table)).last:
        after = found.last
        yield after, {"resealed": found.done, "unreadable": found.unreadable}


def _trim(engine: Engine, journal: Journal | None, now: datetime) -> Iterator[Page]:
    """Old lines of the journal. Its reader begins again, before and after: no crash between leaves a line unread."""
    before, first_before = months_before(now, PROOF_KEPT), months_before(now, JOURNAL_KEPT)
    if journal is None or not journal.begins_before(first_before):
        return
    begin_again(engine, journal, now)
    gone = journal.trim(before)
    begin_again(engine, journal, now)
    yield None, {"journal_lines": gone}
