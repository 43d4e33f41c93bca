"""What one caller withdrew and the database does not know yet: applied in their own turn, and nothing of others'."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from helpline.consent.applying import POSITION
from helpline.consent.consent import Consent
from helpline.consent.journal import READ_AT_ONCE, Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import apply_once
from helpline.records.engine import reading
from helpline.records.tables import controls, effects

MOST_READ = 16 * READ_AT_ONCE  # some 16,000 lines, half a second: a caller waits


class TooFarBehind(RuntimeError):
    """So much of the journal waits that a turn cannot look through it."""


def apply_own_lines(consent: Consent, fingerprint: str, now: datetime) -> None:
    """An older STOP of this caller that waits in the journal must not end what they agree to now.

    The rest of the journal waits for who applies all of it, and so does its position.
    """
    size = consent.journal.size()
    if not size:
        return
    with reading(consent.engine).connect() as connection:
        position = _position(connection, consent.journal)
        own = _of(consent.journal, fingerprint, position if position <= size else 0, size)
        keys = [withdrawal.key for withdrawal in own if withdrawal.key]
        known = set(connection.scalars(select(effects.c.key).where(effects.c.key.in_(keys)))) if keys else set()
    for withdrawal in own:
        if withdrawal.key not in known:
            with consent.engine.begin() as connection:
                apply_once(connection, withdrawal, now)


def _of(journal: Journal, fingerprint: str, position: int, size: int) -> list[Withdrawal]:
    """The caller's lines from `position` on."""
    if size - position > MOST_READ:
        raise TooFarBehind(f"{size - position} bytes of {journal.path} are not applied: do the workers run?")
    own: list[Withdrawal] = []
    while position < size:
        lines = journal.read(position)
        own += [withdrawal for withdrawal in lines.withdrawals if withdrawal.fingerprint == fingerprint]
        if lines.next == position:
            break
        position = lines.next
    return own


def _position(connection: Connection, journal: Journal) -> int:
    row = f"{POSITION} {journal.identity()}"
    value = connection.scalar(select(controls.c.value).where(controls.c.name == row))
    return int(value) if value and value.isdecimal() else 0
