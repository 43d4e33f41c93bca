"""How many people are called back in a day, all of them together. It is money, and goes by days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, select, update

from helpline.consent.once import insert_new
from helpline.records.tables import controls

_BUDGET = "call_backs "  # and the day
_DAYS_KEPT = timedelta(days=7)


def spend_call(connection: Connection, day: date, budget: int, now: datetime) -> Literal["", "spent", "last"]:
    """Take one of the day's calls for everybody: `spent` if none was left, `last` if now none is.

    The day's row is locked until the transaction ends.
    """
    mine = controls.c.name == _row(day)
    if insert_new(connection, controls, name=_row(day), value="0", changed_at=now):
        old = (controls.c.name.startswith(_BUDGET), controls.c.name < _row(day - _DAYS_KEPT))
        connection.execute(delete(controls).where(*old))
    made = int(connection.execute(select(controls.c.value).where(mine).with_for_update()).scalar_one())
    if made >= budget:
        return "spent"
    connection.execute(update(controls).where(mine).values(value=str(made + 1), changed_at=now))
    return "last" if made + 1 == budget else ""


def _row(day: date) -> str:
    return f"{_BUDGET}{day.isoformat()}"
