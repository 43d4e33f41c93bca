"""How many people are called back in a day, all of them together; whatever else costs is spent alike, by days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, select, update

from helpline.consent.once import insert_new
from helpline.records.tables import controls

_CALL_BACKS = "call_backs"
_DAYS_KEPT = timedelta(days=7)


def spend_call(
    connection: Connection, day: date, budget: int, now: datetime, name: str = _CALL_BACKS
) -> Literal["", "spent", "last"]:
    """Take one of the day's calls for everybody: `spent` if none was left, `last` if now none is. `name`: of what.

    The day's row is locked until the transaction ends.
    """
    mine = controls.c.name == _row(name, day)
    if insert_new(connection, controls, name=_row(name, day), value="0", changed_at=now):
        old = (controls.c.name.startswith(f"{name} "), controls.c.name < _row(name, day - _DAYS_KEPT))
        connection.execute(delete(controls).where(*old))
    made = int(connection.execute(select(controls.c.value).where(mine).with_for_update()).scalar_one())
    if made >= budget:
        return "spent"
    connection.execute(update(controls).where(mine).values(value=str(made + 1), changed_at=now))
    return "last" if made + 1 == budget else ""


def _row(name: str, day: date) -> str:
    return f"{name} {day.isoformat()}"
