"""The switch that holds everything back, and who may throw it back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from helpline.records.engine import open_records
from helpline.reminders.pause import PROBE_EVERY, begin_probe, end, end_after_probe, pause, paused, resume
from tests.databases import address

NOON = datetime(2026, 12, 12, 12, tzinfo=UTC)


def test_a_pause_says_who_and_why_and_since_when(engine: Engine) -> None:
    with engine.begin() as connection:
        assert paused(connection) is None
        assert pause(connection, "operator", "wrong words", NOON)
    with engine.begin() as connection:
        found = paused(connection)
        assert found
        assert (found.by, found.reason, found.since) == ("operator", "wrong words", NOON)
        assert resume(connection)
        assert paused(connection) is None
        assert not resume(connection)


def test_the_carriers_trouble_takes_nothing_from_an_operators_pause(engine: Engine) -> None:
    with engine.begin() as connection:
        pause(connection, "operator", "holidays", NOON)
        assert not pause(connection, "carrier", "20003", NOON)
        assert not end_after_probe(connection)
        found = paused(connection)
        assert found
        assert (found.by, found.reason) == ("operator", "holidays")


def test_an_operators_pause_takes_the_place_of_the_carriers(engine: Engine) -> None:
    with engine.begin() as connection:
        assert pause(connection, "carrier", "20003", NOON)
        assert not pause(connection, "carrier", "20003", NOON), "it is one pause, told of once"
        assert pause(connection, "operator", "holidays", NOON)
        found = paused(connection)
        assert found
        assert found.by == "operator"


def test_only_a_carriers_pause_is_probed_and_by_one_worker_at_a_time(engine: Engine) -> None:
    later = NOON + PROBE_EVERY
    with engine.begin() as connection:
        pause(connection, "carrier", "20003", NOON)
        found = paused(connection)
        assert found
        assert not begin_probe(connection, found, later - timedelta(seconds=1))
        assert begin_probe(connection, found, later)
        assert not begin_probe(connection, found, later), "another one has the turn"
        assert end_after_probe(connection)
        for by in ("operator", "restore"):
            pause(connection, by, "because", NOON)  # type: ignore[arg-type]
            found = paused(connection)
            assert found
            assert not begin_probe(connection, found, NOON + timedelta(days=30))
            resume(connection)


def test_who_ends_a_pause_ends_no_other_that_came_meanwhile(engine: Engine) -> None:
    for by in ("restore", "carrier"):
        with engine.begin() as connection:
            pause(connection, by, "because", NOON)  # type: ignore[arg-type]
            seen = paused(connection)
            assert seen
            assert pause(connection, "operator", "wrong words", NOON)
            assert not end(connection, seen)
            found = paused(connection)
            assert found
            assert found.by == "operator"
            assert end(connection, found)
            assert paused(connection) is None


def test_of_two_workers_who_pause_at_once_one_tells_of_it(engine: Engine) -> None:
    told: list[bool] = []

    def work() -> None:
        other = open_records(address(engine))
        with other.begin() as connection:
            told.append(pause(connection, "carrier", "20003", NOON))
        other.dispose()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, False, False, True]
