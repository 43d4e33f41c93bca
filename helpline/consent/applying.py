"""The journal of withdrawals brought into the database: before anything is sent, and before anybody signs up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, select, update

from helpline.consent.journal import Journal
from helpline.consent.once import insert_new, one_at_a_time
from helpline.consent.position import POSITION, is_applied, position_in, row_of
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import apply
from helpline.records.engine import reading
from helpline.records.tables import controls, effects

__all__ = ["POSITION", "Applied", "apply_journal", "begin_again", "is_applied"]
TOGETHER = 100  # withdrawals in one transaction: for so long SQLite's other writers wait

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of the journal: withdrawals applied now, known before, lines that cannot be read, bytes torn off."""

    applied: int = 0
    known: int = 0
    damaged: int = 0
    torn: int = 0


def apply_journal(engine: Engine, journal: Journal, now: datetime) -> Applied:
    """Apply what the journal has gained. Nothing may be sent unless this returned: it raises what goes wrong.

    Safe to run twice, and by two at once: a withdrawal ends nothing that is newer than itself.
    """
    if not journal.identity():
        return Applied()
    with reading(engine).connect() as connection:
        position = position_in(connection, journal)
    size = journal.size()
    if position > size:
        log.warning("the journal of withdrawals is shorter than it was: applied from its beginning")
        position = 0
        begin_again(engine, journal, now)
    total = Applied()
    while position < size:
        lines = journal.read(position)
        applied = _apply_each(engine, lines.withdrawals, now)
        known = len(lines.withdrawals) - applied
        total = Applied(total.applied + applied, total.known + known, total.damaged + lines.damaged, lines.torn)
        if lines.next == position:
            break
        position = lines.next
        _set_position(engine, journal, position, now)
    if total.torn and journal.is_news(position):
        log.warning("the last line of the journal of withdrawals is not whole: left out", bytes=total.torn)
    if total.damaged or total.applied:
        report = log.error if total.damaged else log.info
        report("journal applied", applied=total.applied, known=total.known, damaged=total.damaged)
    return total


def begin_again(engine: Engine, journal: Journal, now: datetime) -> None:
    """The next time the journal is applied from its beginning."""
    _set_position(engine, journal, 0, now)


def _apply_each(engine: Engine, withdrawals: tuple[Withdrawal, ...], now: datetime) -> int:
    """Some at a time, so that nobody waits for all of them. How many were new."""
    keys = [withdrawal.key for withdrawal in withdrawals if withdrawal.key]
    with reading(engine).connect() as connection:
        known = set(connection.scalars(select(effects.c.key).where(effects.c.key.in_(keys)))) if keys else set()
    fresh = [withdrawal for withdrawal in withdrawals if withdrawal.key not in known]
    for first in range(0, len(fresh), TOGETHER):
        with engine.begin() as connection:
            _apply_together(connection, fresh[first : first + TOGETHER], now)
    return len(fresh)


def _apply_together(connection: Connection, withdrawals: list[Withdrawal], now: datetime) -> None:
    """All keys first, then all callers, each in order: as in a caller's turn, so that no two wait for each other."""
    for key in sorted({withdrawal.key for withdrawal in withdrawals if withdrawal.key}):
        if not insert_new(connection, effects, key=key, outcome="", at=now):
            withdrawals = [withdrawal for withdrawal in withdrawals if withdrawal.key != key]
    for fingerprint in sorted({withdrawal.fingerprint for withdrawal in withdrawals}):
        one_at_a_time(connection, fingerprint)
    done = set()
    for withdrawal in withdrawals:
        if withdrawal.key and withdrawal.key in done:
            continue
        outcome = withdrawal.outcome(apply(connection, withdrawal, now))
        done.add(withdrawal.key)
        connection.execute(update(effects).where(effects.c.key == withdrawal.key).values(outcome=outcome))


def _set_position(engine: Engine, journal: Journal, position: int, now: datetime) -> None:
    row = row_of(journal)
    with engine.begin() as connection:
        if not insert_new(connection, controls, name=row, value=str(position), changed_at=now):
            mine = controls.c.name == row
            connection.execute(update(controls).where(mine).values(value=str(position), changed_at=now))
