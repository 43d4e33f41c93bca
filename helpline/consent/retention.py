"""What is forgotten, and when. Run every night, and harmless to run again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Engine, Table, and_, delete, exists, select

from helpline.consent.applying import apply_journal, begin_again
from helpline.consent.caller_rows import drop_numbers, number_without_use
from helpline.consent.idleness import ask_to_keep, erase_idle, mark_seen, months_before
from helpline.consent.journal import Journal
from helpline.menus.shapes import Calendar
from helpline.records.engine import reading
from helpline.records.messages import IN_DOUBT
from helpline.records.reseal import reseal
from helpline.records.sealing import Seals
from helpline.records.tables import callers, carrier_blocks, consents, effects, messages, objections

PAGE = 500
MESSAGES_KEPT = timedelta(days=90)  # longer than any wave lives: no row that keeps one from going twice is missed
EFFECTS_KEPT = timedelta(days=30)
QUESTIONS_KEPT = timedelta(days=30)  # that somebody was asked and did not agree proves nothing
PROOF_KEPT = 36  # months after the end
RESEALED_A_NIGHT = 200_000
JOURNAL_KEPT = PROOF_KEPT + 1  # it is rewritten once a month at most

_NO_PROOF = ("asked", "refused")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many: callers seen, asked whether to go on, erased; numbers and rows that went; numbers sealed anew.

    `unreadable` numbers are those that no key of NUMBER_KEYS opens.
    """

    seen: int
    asked: int
    erased: int
    numbers: int
    messages: int
    effects: int
    proofs: int
    objections: int
    journal_lines: int
    resealed: int
    unreadable: int


def retention(
    engine: Engine,
    seals: Seals,
    seen: Iterable[str],
    now: datetime,
    calendar: Calendar,
    journal: Journal | None = None,
    page: int = PAGE,
) -> Forgotten:
    """Forget what is not needed any more, page by page. `seen` are the fingerprints of who was there lately."""
    if journal:
        apply_journal(engine, journal, now)
    old_proof = months_before(now, PROOF_KEPT)
    resealed = reseal(engine, seals, RESEALED_A_NIGHT)
    done = Forgotten(
        seen=mark_seen(engine, seen, now, page),
        asked=ask_to_keep(engine, calendar, now, page),
        erased=erase_idle(engine, now, page, journal),
        numbers=_drop_numbers(engine, page),
        messages=_delete(engine, messages.c.id, page, messages.c.changed_at <= now - MESSAGES_KEPT, _NOTHING_OPEN),
        effects=_delete(engine, effects.c.key, page, effects.c.at <= now - EFFECTS_KEPT),
        proofs=_forget_proofs(engine, old_proof, now, page),
        objections=_forget_by_fingerprint(engine, objections, old_proof, page)
        + _forget_by_fingerprint(engine, carrier_blocks, old_proof, page),
        journal_lines=_trim(engine, journal, now) if journal else 0,
        resealed=resealed.done,
        unreadable=resealed.unreadable,
    )
    log.info("retention", **{name: count for name in done.__slots__ if (count := getattr(done, name))})
    return done


_NOTHING_OPEN = messages.c.state.not_in(("planned", *sorted(IN_DOUBT)))


def _drop_numbers(engine: Engine, page: int) -> int:
    """The numbers of callers who ended everything, once nothing is on its way to them any more."""
    dropped, last = 0, 0
    while True:
        found = select(callers.c.id).where(callers.c.id > last, number_without_use()).order_by(callers.c.id).limit(page)
        with reading(engine).connect() as connection:  # a look at everybody keeps nobody from writing
            ids = list(connection.scalars(found))
        if not ids:
            return dropped
        with engine.begin() as connection:
            # Asked anew under the rows' lock: they may have signed up again meanwhile.
            connection.execute(select(callers.c.id).where(callers.c.id.in_(ids)).with_for_update())
            dropped += drop_numbers(connection, ids)
        last = ids[-1]


def _forget_proofs(engine: Engine, before: datetime, now: datetime, page: int) -> int:
    """The proofs of people of whom nothing else is kept, once their last one is old enough."""
    other = consents.alias()
    same = other.c.fingerprint == consents.c.fingerprint
    kept = exists().where(callers.c.fingerprint == consents.c.fingerprint)
    old = and_(~kept, consents.c.at <= before, ~exists().where(same, other.c.at > before))
    never_answered = and_(
        ~kept,
        consents.c.event.in_(_NO_PROOF),
        consents.c.at <= now - QUESTIONS_KEPT,
        ~exists().where(same, other.c.event.not_in(_NO_PROOF)),
    )
    return _delete(engine, consents.c.id, page, old) + _delete(engine, consents.c.id, page, never_answered)


def _forget_by_fingerprint(engine: Engine, table: Table, before: datetime, page: int) -> int:
    kept = exists().where(callers.c.fingerprint == table.c.fingerprint)
    return _delete(engine, table.c.fingerprint, page, table.c.since <= before, ~kept)


def _delete(engine: Engine, key: Column[Any], page: int, *where: ColumnElement[bool]) -> int:
    """Delete the rows for which everything holds, so many at once. How many went."""
    deleted = 0
    last: Any = None
    while True:
        after = where if last is None else (key > last, *where)
        with reading(engine).connect() as connection:
            keys = list(connection.scalars(select(key).where(*after).order_by(key).limit(page)))
        if not keys:
            return deleted
        with engine.begin() as connection:
            deleted += connection.execute(delete(key.table).where(key.in_(keys), *where)).rowcount
        last = keys[-1]


def _trim(engine: Engine, journal: Journal, now: datetime) -> int:
    """Old lines of the journal. Its reader begins again, before and after: no crash between leaves a line unread."""
    before, first_before = months_before(now, PROOF_KEPT), months_before(now, JOURNAL_KEPT)
    if not journal.begins_before(first_before):
        return 0
    begin_again(engine, journal, now)
    gone = journal.trim(before)
    begin_again(engine, journal, now)
    return gone
