"""Planning measured against the least that a database can do for as many rows."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import URL, Engine, text

from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from tests.bench.planner import PATIENCE

SMALL = 10_000
SMALL_ONES = 4  # before and after each large one: they take little time, and differ more from time to time

_COLUMNS = "caller_id, kind, occurrence, wave, queue, due_at, not_after, changed_at"
# The barest statement that makes the very same rows: they lie ready, and nothing is looked up.
_READY = f"CREATE TABLE ready AS SELECT {_COLUMNS} FROM messages"
_BARE = f"INSERT INTO {{table}} ({_COLUMNS}) SELECT {_COLUMNS} FROM ready"
_PEOPLE = """
INSERT INTO callers (fingerprint, number, number_key, language, spread, last_seen, created_at)
SELECT md5(i::text), repeat('x', 120), 'key', 'fr', ('x' || left(md5(i::text), 4))::bit(16)::int, 0, 0
FROM generate_series(1, {count}) i;
INSERT INTO subscriptions (caller_id, kind, scope, since) SELECT id, 'update', 'all', 0 FROM callers;
"""
# What a bare table is: the name, and how it is made like `messages`.
TABLES = {
    "keyed": "CREATE TABLE keyed (LIKE messages INCLUDING ALL)",
    "referring": "CREATE TABLE referring (LIKE messages INCLUDING ALL); "
    "ALTER TABLE referring ADD FOREIGN KEY (caller_id) REFERENCES callers (id) ON DELETE CASCADE",
    "heap": "CREATE TABLE heap (LIKE messages INCLUDING DEFAULTS)",
}


@dataclass
class Measured:
    """Seconds for all rows, by what was done; and by how many kilobytes a planner grew."""

    rows: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    kilobytes: list[int] = field(default_factory=list)

    def of(self, what: str) -> float:
        return median(self.seconds[what])

    def add(self, what: str, seconds: float) -> None:
        self.seconds.setdefault(what, []).append(seconds)


class Population:
    """A database with so many subscriptions."""

    def __init__(self, admin: URL, count: int) -> None:
        self.url = admin.set(database=f"bench_{count}").render_as_string(hide_password=False)
        with open_records(admin.render_as_string(hide_password=False), PATIENCE).connect() as connection:
            _alone(connection.engine, f"CREATE DATABASE bench_{count}")
            connection.engine.dispose()
        upgrade(self.url)
        self.engine = open_records(self.url, PATIENCE)
        self.measured = Measured(count)
        for statement in (*_PEOPLE.format(count=count).split(";")[:2], *"; ".join(TABLES.values()).split(";")):
            with self.engine.begin() as connection:
                connection.execute(text(statement))
        _alone(self.engine, "VACUUM ANALYZE")
        self._planned()  # once uncounted: the first one finds nothing in memory
        with self.engine.begin() as connection:
            connection.execute(text(_READY))
        _alone(self.engine, "VACUUM ANALYZE")

    def plan(self) -> None:
        """As the helpline does it."""
        found = self._planned()
        self.measured.add("plan", found["seconds"])
        self.measured.kilobytes.append(int(found["kilobytes"]))

    @contextmanager
    def planned_beside(self) -> Iterator[Callable[[], bool]]:
        """All are planned while something else is done; yields whether that goes on, from its beginning."""
        with self._planner() as planner:
            assert planner.stdout is not None
            planner.stdout.readline()
            yield lambda: planner.poll() is None
            self._found_by(planner)

    def _planned(self) -> dict[str, float]:
        with self._planner() as planner:
            return self._found_by(planner)

    def _planner(self) -> subprocess.Popen[str]:
        self._empty("messages, planned_waves")
        command = [sys.executable, "-m", "tests.bench.planner", self.url]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def _found_by(self, planner: subprocess.Popen[str]) -> dict[str, float]:
        told, trouble = planner.communicate()
        if planner.returncode:
            raise AssertionError(trouble)
        found: dict[str, float] = json.loads(told.splitlines()[-1])
        if found["rows"] != self.measured.rows:
            raise AssertionError(f"{found['rows']} of {self.measured.rows} were planned")
        return found

    def insert(self, table: str) -> None:
        """As many rows by one bare statement."""
        self._empty(table)
        began = time.perf_counter()
        with self.engine.begin() as connection:
            made = connection.execute(text(_BARE.format(table=table)), execution_options={"preserve_rowcount": True})
        self.measured.add(table, time.perf_counter() - began)
        if made.rowcount != self.measured.rows:
            raise AssertionError(f"{made.rowcount} of {self.measured.rows} were inserted")
        self._empty(table)

    def _empty(self, tables: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        _alone(self.engine, "CHECKPOINT")


def measure_planning(
    admin: URL, count: int, small: int, repeats: int, tell: Callable[[str], None]
) -> tuple[Population, Population]:
    """Both sizes, with their measurements, taken by turns: whatever else the machine does befalls all alike."""
    tell(f"making {count:,} subscriptions")
    large, little = Population(admin, count), Population(admin, small)
    small_ones = SMALL_ONES if repeats > 1 else 1
    for repeat in range(repeats):
        tell(f"planning, {repeat + 1} of {repeats}")
        for _ in range(small_ones):
            little.plan()
        large.plan()
        for _ in range(small_ones):
            little.plan()
        for table in TABLES:
            for population in (large, little):
                population.insert(table)
    little.engine.dispose()
    return large, little


def _alone(engine: Engine, statement: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
