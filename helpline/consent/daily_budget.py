"""How many texts and calls go out in a day, all together: whoever plays with us spends no more than that.

A row of `controls` counts each day in France. What is taken for sending is counted in the transaction that takes it,
so that no process sends beyond the budget and a kill counts nothing twice; what did not go out after all is given back.
What callers ask for at any hour has half of the budget at most: asking for pages must not keep reminders from others.
What confirms a STOP is counted, and never held back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from helpline.consent.once import insert_new
from helpline.records.tables import controls

NO_LIMIT = 10_000_000
NEVER_HELD = "stopped"  # the kind of message
ASKED_FOR = frozenset({"page", "call_back", "welcome"})  # kinds that a caller sets off at once
NEARLY = 0.8
_ALL, _ASKED = "sent", "sent_asked"
_DAYS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Left:
    """How many messages may still go today: in all, and of those the ones that callers ask for."""

    of_all: int = NO_LIMIT
    of_asked: int = NO_LIMIT

    def holds(self, kind: str) -> bool:
        """Whether messages of a kind wait until there is room again."""
        return kind != NEVER_HELD and (self.of_all <= 0 or (kind in ASKED_FOR and self.of_asked <= 0))

    def less(self, kind: str) -> Left:
        """With one message of a kind fewer."""
        return Left(self.of_all - 1, self.of_asked - (kind in ASKED_FOR))


def left(connection: Connection, day: date, budget: int) -> Left:
    """How many may still go."""
    found = select(controls.c.name, controls.c.value).where(controls.c.name.in_([_row(_ALL, day), _row(_ASKED, day)]))
    made = {row.name: int(row.value) for row in connection.execute(found)}
    of_all = budget - made.get(_row(_ALL, day), 0)
    return Left(of_all, min(of_all, max(1, budget // 2) - made.get(_row(_ASKED, day), 0)))


def went(connection: Connection, day: date) -> int:
    """How many went out that day so far."""
    return int(connection.scalar(select(controls.c.value).where(controls.c.name == _row(_ALL, day))) or 0)


def spend(connection: Connection, day: date, kinds: Collection[str], budget: int, now: datetime) -> bool:
    """Count messages of these kinds. False, and nothing counted, where others have spent meanwhile what they need.

    The day's rows are locked from here until the transaction ends.
    """
    asked = sum(kind in ASKED_FOR for kind in kinds)
    held = sum(kind != NEVER_HELD for kind in kinds)
    if held and _locked(connection, _ALL, day, now) + held > budget:
        return False
    if asked and _locked(connection, _ASKED, day, now) + asked > max(1, budget // 2):
        return False
    add(connection, day, len(kinds), now)
    if asked:
        _add(connection, _ASKED, day, asked, now)
    return True


def add(connection: Connection, day: date, count: int, now: datetime) -> None:
    """Count so many that go out in any case, or that did not after all: then it is negative."""
    _add(connection, _ALL, day, count, now)


def give_back(connection: Connection, day: date, kinds: Collection[str], now: datetime) -> None:
    """Messages of these kinds were counted, and did not go out."""
    add(connection, day, -len(kinds), now)
    if asked := sum(kind in ASKED_FOR for kind in kinds):
        _add(connection, _ASKED, day, -asked, now)


def _add(connection: Connection, name: str, day: date, count: int, now: datetime) -> None:
    made = max(0, _locked(connection, name, day, now) + count)
    connection.execute(update(controls).where(controls.c.name == _row(name, day)).values(value=str(made)))


def _locked(connection: Connection, name: str, day: date, now: datetime) -> int:
    """What was counted; nobody else counts until this transaction ends."""
    mine = select(controls.c.value).where(controls.c.name == _row(name, day)).with_for_update()
    made = connection.scalar(mine)
    if made is None:
        if insert_new(connection, controls, name=_row(name, day), value="0", changed_at=now):
            old = (controls.c.name.startswith(f"{name} "), controls.c.name < _row(name, day - _DAYS_KEPT))
            connection.execute(delete(controls).where(*old))
        made = connection.scalar(mine)
    return int(made or 0)


def _row(name: str, day: date) -> str:
    return f"{name} {day.isoformat()}"
