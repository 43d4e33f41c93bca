"""The journal of withdrawals brought into the database: before anything is sent, and before anybody signs up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, select, update

from helpline.consent.journal import Journal
from helpline.consent.once import insert_new
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import apply_once
from helpline.records.engine import reading
from helpline.records.tables import controls, effects

POSITION = "journal_position"  # the row of `controls`: how many bytes of the journal are applied

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
    with reading(engine).connect() as connection:
        position = _position(connection)
    size = journal.size()
    if position > size:
        log.warning("the journal of withdrawals is shorter than it was: applied from its beginning")
        position = 0
        begin_again(engine, now)
    total = Applied()
    while position < size:
        lines = journal.read(position)
        applied = _apply_each(engine, lines.withdrawals, now)
        known = len(lines.withdrawals) - applied
        total = Applied(total.applied + applied, total.known + known, total.damaged + lines.damaged, lines.torn)
        if lines.next == position:
            break
        position = lines.next
        _set_position(engine, position, now)
    if total.torn and journal.is_news(position):
        log.warning("the last line of the journal of withdrawals is not whole: left out", bytes=total.torn)
    if total.damaged or total.applied:
        report = log.error if total.damaged else log.info
        report("journal applied", applied=total.applied, known=total.known, damaged=total.damaged)
    return total


def begin_again(engine: Engine, now: datetime) -> None:
    """The next time the journal is applied from its beginning."""
    _set_position(engine, 0, now)


def _apply_each(engine: Engine, withdrawals: tuple[Withdrawal, ...], now: datetime) -> int:
    """Each in a transaction of its own, so that nobody waits for all of them. How many were new."""
    keys = [withdrawal.key for withdrawal in withdrawals if withdrawal.key]
    with reading(engine).connect() as connection:
        known = set(connection.scalars(select(effects.c.key).where(effects.c.key.in_(keys)))) if keys else set()
    fresh = [withdrawal for withdrawal in withdrawals if withdrawal.key not in known]
    for withdrawal in fresh:
        with engine.begin() as connection:
            apply_once(connection, withdrawal, now)
    return len(fresh)


def _position(connection: Connection) -> int:
    value = connection.scalar(select(controls.c.value).where(controls.c.name == POSITION))
    return int(value) if value and value.isdecimal() else 0


def _set_position(engine: Engine, position: int, now: datetime) -> None:
    with engine.begin() as connection:
        if not insert_new(connection, controls, name=POSITION, value=str(position), changed_at=now):
            mine = controls.c.name == POSITION
            connection.execute(update(controls).where(mine).values(value=str(position), changed_at=now))
