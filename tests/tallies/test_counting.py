"""What processes count is added up in the database, each count once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from helpline.records.desk_tables import people_helped
from helpline.records.engine import open_records
from helpline.tallies.counting import MOST_ROWS, ROWS_AT_ONCE, Tallies
from helpline.tallies.people import PeopleHelped
from helpline.telemetry.counters import Counters
from tests.conftest import THURSDAY, Clock
from tests.databases import address
from tests.tallies.conftest import TODAY, written

KEY = b"a key for tests"

# A process that counts in rounds, and writes after each but the last.
PROGRAM = """
import sys, time
from datetime import UTC, datetime
from helpline.records.engine import open_records
from helpline.tallies.counting import Tallies
from helpline.tallies.people import PeopleHelped
from helpline.telemetry.counters import Counters

url, name, rounds = sys.argv[1:]
now = datetime(2026, 12, 3, 9, tzinfo=UTC)
counters, people = Counters(), PeopleHelped(b"a key for tests")
tallies = Tallies(open_records(url), counters, people, lambda: now)
for place in range(int(rounds)):
    counters.count("turns", channel="sms")
    counters.count("turns", channel=name)
    people.note(f"+3363998{place:04}", now)
    tallies.write()
print("written", flush=True)
counters.count("turns", channel="sms")
sys.stdin.readline()
"""


class Process:
    """Counters and what writes them, as a process has them."""

    def __init__(self, engine: Engine) -> None:
        self.clock = Clock()
        self.counters, self.people = Counters(), PeopleHelped(KEY)
        self.tallies = Tallies(engine, self.counters, self.people, self.clock)


def started(engine: Engine, name: str, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, address(engine), name, str(rounds)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_what_two_processes_count_is_added_up(engine: Engine) -> None:
    one, other = Process(engine), Process(engine)
    for process in (one, other, one):
        process.counters.count("turns", heard="key", channel="sms")
        process.tallies.write()
    other.counters.add("turns", 5, heard="key", channel="sms")
    other.counters.count("store_down")
    other.tallies.write()
    assert written(engine) == {f"{TODAY} store_down{{}}": 1, f"{TODAY} turns{{channel=sms,heard=key}}": 8}


def test_processes_that_write_at_once_lose_nothing(engine: Engine) -> None:
    rounds, names = 25, ("a", "b", "c")
    running = [started(engine, name, rounds) for name in names]
    for process in running:
        process.communicate("\n")
        assert process.returncode == 0
    assert written(engine) == {
        f"{TODAY} turns{{channel=sms}}": rounds * len(names),
        **{f"{TODAY} turns{{channel={name}}}": rounds for name in names},
    }
    with engine.connect() as connection:
        assert len(connection.execute(select(people_helped)).all()) == rounds  # the same people, in each of them


def test_a_killed_process_loses_only_what_it_had_not_written(engine: Engine) -> None:
    process = started(engine, "a", 3)
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert written(engine) == {f"{TODAY} turns{{channel=a}}": 3, f"{TODAY} turns{{channel=sms}}": 3}


@pytest.mark.parametrize("table", ["tallies", "people_helped"])
def test_what_cannot_be_written_is_kept_and_written_later_once(engine: Engine, table: str) -> None:
    process = Process(engine)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO elsewhere"))
    for place in range(3):
        process.counters.count("turns")
        process.people.note(f"+3363998000{place}", THURSDAY)
        with pytest.raises(SQLAlchemyError):
            process.tallies.write()
    process.tallies.write_safely()
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE elsewhere RENAME TO {table}"))
    process.counters.count("turns")
    process.tallies.write()
    process.tallies.write()
    assert written(engine) == {f"{TODAY} turns{{}}": 4}
    with engine.connect() as connection:
        assert len(connection.execute(select(people_helped)).all()) == 3


def test_a_count_stays_on_its_day_though_it_is_written_on_the_next(engine: Engine) -> None:
    process = Process(engine)
    process.clock.now = datetime(2026, 12, 3, 22, 59, 55, tzinfo=UTC)  # almost midnight in France
    process.counters.count("turns")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE tallies RENAME TO elsewhere"))
    process.tallies.write_safely()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO tallies"))
    process.clock.now += timedelta(seconds=10)
    process.counters.count("turns")
    process.tallies.write()
    assert written(engine) == {"2026-12-03 turns{}": 1, "2026-12-04 turns{}": 1}


def test_one_transaction_is_bounded_and_the_rest_comes_with_the_next(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpline.tallies.counting.MOST_ROWS", 5)
    process = Process(sqlite_engine)
    for place in range(7):
        process.counters.count("effects", effect=f"e{place}")
    process.tallies.write()
    assert len(written(sqlite_engine)) == 5
    process.tallies.write()
    assert len(written(sqlite_engine)) == 7
    assert MOST_ROWS > ROWS_AT_ONCE


def test_more_rows_than_a_statement_takes_are_written(engine: Engine) -> None:
    process = Process(engine)
    for place in range(2 * ROWS_AT_ONCE + 1):
        process.counters.count("effects", effect=f"e{place}")
        process.people.note(f"+336399{place:06}", THURSDAY)
    process.tallies.write()
    assert len(written(engine)) == 2 * ROWS_AT_ONCE + 1


def test_a_forked_process_writes_what_it_counted_and_its_parent_the_rest(sqlite_engine: Engine) -> None:
    process = Process(sqlite_engine)
    process.counters.add("turns", 10)
    process.people.note("+33639980001", THURSDAY)
    child = os.fork()
    if not child:
        try:
            sqlite_engine.dispose(close=False)
            process.counters.count("turns")
            process.people.note("+33639980002", THURSDAY)
            process.tallies.write()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert written(sqlite_engine) == {f"{TODAY} turns{{}}": 1}
    process.tallies.write()
    assert written(sqlite_engine) == {f"{TODAY} turns{{}}": 11}
    with sqlite_engine.connect() as connection:
        assert len(connection.execute(select(people_helped)).all()) == 2


def test_nothing_counted_is_nothing_written(sqlite_engine: Engine) -> None:
    engine = open_records("sqlite:////nowhere/at/all.db")
    Tallies(engine, Counters(), PeopleHelped(KEY), Clock()).write()
