"""What the processes counted, added up by day in the table `tallies`; and who was helped, by marks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Connection, Dialect, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from helpline.menus.windows import today_in_paris
from helpline.records.desk_tables import people_helped, tallies
from helpline.tallies.people import Mark, PeopleHelped
from helpline.telemetry.counters import Counters

WRITE_SECONDS = 10.0
ROWS_AT_ONCE = 200  # a statement has a limit of parameters
MOST_ROWS = 20_000  # in one transaction: the rest is written with the next one

Tally = tuple[str, str, str]  # day, name, labels

log = structlog.get_logger(__name__)


class Tallies:
    """Adds what this process counted to what all have. What cannot be written is kept, and written later.

    A count belongs to the day on which it is taken up here, at most ten seconds after it was made. What a process
    counted since the last `write` is lost with it where it is killed. Where the database does not say whether it has
    written something, it may be counted twice: better than not at all.
    """

    def __init__(self, engine: Engine, counters: Counters, people: PeopleHelped, now: Callable[[], datetime]) -> None:
        self._engine, self._counters, self._people, self._now = engine, counters, people, now
        self._process = os.getpid()
        self._counts: Counter[Tally] = Counter()
        self._marks: set[Mark] = set()
        self._lock = Lock()

    def write(self) -> None:
        """Write what is there, in one transaction; SQLAlchemyError where that is not possible now."""
        with self._lock:
            self._take()
            counts = dict(list(self._counts.items())[:MOST_ROWS])
            marks = sorted(self._marks)[:MOST_ROWS]
            if not counts and not marks:
                return
            with self._engine.begin() as connection:
                add(connection, counts)
                _mark(connection, marks)
            for tally in counts:
                del self._counts[tally]
            self._marks.difference_update(marks)

    def write_safely(self) -> None:
        """The same for who ends, or has something else to do: it is logged where it is not possible."""
        try:
            self.write()
        except SQLAlchemyError as error:
            log.warning("tallies are not written yet", error=type(error).__name__)

    def waiting(self) -> dict[Tally, int]:
        """What could not be written."""
        with self._lock:
            return dict(self._counts)

    def _take(self) -> None:
        if self._process != os.getpid():  # what waits is the parent's to write
            self._process, self._counts, self._marks = os.getpid(), Counter(), set()
        day = today_in_paris(self._now()).isoformat()
        for (name, labels), count in self._counters.take().items():
            self._counts[day, name, labels] += count
        self._marks |= self._people.take()


def add(connection: Connection, counts: dict[Tally, int]) -> None:
    """Add to the tallies. In one order, so that two who do so at once do not wait for each other in a ring."""
    rows = [
        {"day": day, "name": name, "labels": labels, "count": count}
        for (day, name, labels), count in sorted(counts.items())
        if count
    ]
    for piece in _pieces(rows):
        new = _insert(connection.dialect, tallies).values(piece)
        sums = {"count": tallies.c.count + new.excluded.count}
        connection.execute(new.on_conflict_do_update(index_elements=["day", "name", "labels"], set_=sums))


def _mark(connection: Connection, marks: Iterable[Mark]) -> None:
    rows = [{"day": day, "mark": mark} for day, mark in marks]
    for piece in _pieces(rows):
        connection.execute(_insert(connection.dialect, people_helped).values(piece).on_conflict_do_nothing())


def _insert(dialect: Dialect, table: Table) -> Any:
    return (postgresql if dialect.name == "postgresql" else sqlite).insert(table)


def _pieces(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[begin : begin + ROWS_AT_ONCE]
