"""How far each journal of withdrawals is applied: every machine has one of its own, and the database knows all."""

from __future__ import annotations

from sqlalchemy import Connection, select

from helpline.consent.journal import Journal
from helpline.records.tables import controls

POSITION = "journal_position"  # rows of `controls`, one for each journal: how many of its bytes are applied


def is_applied(connection: Connection, journal: Journal) -> bool:
    """Whether the database knows every whole line of the journal. In the transaction of whoever is about to send."""
    size = journal.size()
    if not size:
        return True
    position = position_in(connection, journal)
    if position == size:
        return True
    return position < size and journal.read(position).next == position  # no more than a torn line


def row_of(journal: Journal) -> str:
    """The name of this journal's row."""
    return f"{POSITION} {journal.identity()}"


def position_in(connection: Connection, journal: Journal) -> int:
    """How many bytes of this journal are applied."""
    value = connection.scalar(select(controls.c.value).where(controls.c.name == row_of(journal)))
    return int(value) if value and value.isdecimal() else 0
