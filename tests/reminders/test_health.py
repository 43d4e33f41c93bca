"""The part `reminders` of /readyz: how old the last tick and the oldest due message are, and what trouble means."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from helpline.records.engine import open_records
from helpline.reminders.health import SQL_DOWN, Standing, reminders_part
from helpline.reminders.pause import pause
from helpline.reminders.watch import HELD_BACK, Sending
from helpline.telemetry.alerts import Alerts, Open, Problem
from helpline.telemetry.health import Part, Quickly
from tests.reminders.people import CALENDAR, messages_of, paris, wave
from tests.server.running import wait_until

NOON = paris(2026, 12, 8, 12)


def part(engine: Engine, now: datetime = NOON, tick: Callable[[], datetime | None] | None = None) -> Part:
    last_tick = tick or (lambda: now - timedelta(seconds=3))
    return reminders_part(engine, lambda: CALENDAR, last_tick, lambda: now, patience=30)()


def test_all_is_well(engine: Engine) -> None:
    assert part(engine) == {
        "state": "ok",
        "database": "ok",
        "paused": "no",
        "last_tick_seconds": 3,
        "oldest_due_seconds": 0,
    }


def test_messages_that_wait_too_long_are_told(engine: Engine) -> None:
    messages_of(engine, wave("middle"), planned=1)
    found = part(engine)
    assert found["oldest_due_seconds"] == 3 * 3600
    assert (found["state"], found["means"]) == ("degraded", "Texts have been due for 180 minutes.")


def test_messages_that_wait_over_night_are_no_trouble(engine: Engine) -> None:
    messages_of(engine, wave("middle"), planned=1)
    assert part(engine, paris(2026, 12, 8, 22))["state"] == "ok"


@pytest.mark.parametrize(
    ("by", "means"),
    [
        ("operator", "An operator paused all texts: none goes out until: helpline reminders resume"),
        ("carrier", "The carrier takes no texts from us (why): none goes out; one is tried every ten minutes."),
        ("restore", "A backup was restored, and what happened since must be looked up at the carrier first (why)"),
    ],
)
def test_a_pause_is_told_with_what_ends_it(sqlite_engine: Engine, by: str, means: str) -> None:
    with sqlite_engine.begin() as connection:
        pause(connection, by, "why", NOON)  # type: ignore[arg-type]
    found = part(sqlite_engine)
    assert found["state"] == "degraded"
    assert str(found["paused"]).startswith(f"by {by}, since 2026-12-08T")
    assert str(found["means"]).startswith(means)


def test_what_an_operator_wrote_of_a_pause_is_not_for_everybody(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        pause(connection, "operator", "a caller of Lyon complains", NOON)
    assert "Lyon" not in str(part(sqlite_engine))


def test_a_clock_that_does_not_tick_is_told(engine: Engine) -> None:
    found = part(engine, tick=lambda: NOON - timedelta(minutes=10))
    assert found["last_tick_seconds"] == 600
    assert "No clock has ticked for 10 minutes" in str(found["means"])
    assert "No clock has ticked yet" in str(part(engine, tick=lambda: None)["means"])


def test_a_clock_that_stopped_is_told_to_an_operator_by_whoever_is_asked(engine: Engine) -> None:
    texts: list[str] = []
    now = NOON

    def send(text: str) -> bool:
        texts.append(text)
        return True

    alerts = Alerts(engine, send, lambda: now)
    ask = reminders_part(engine, lambda: CALENDAR, lambda: NOON, lambda: now, alerts, patience=30)
    for minutes in (1, 9, 10, 30, 69):
        now = NOON + timedelta(minutes=minutes)
        ask()
        wait_until(_nothing_is_told, str)
    assert texts == ["Helpline: No clock has ticked for 10 minutes: no reminder goes out. Start it: scripts/server"]
    now = NOON + timedelta(minutes=71)
    ask()
    wait_until(_nothing_is_told, str)
    assert len(texts) == 2


def _nothing_is_told() -> bool:
    return not any(thread.name == "alert" for thread in threading.enumerate())


def test_a_place_of_ticks_that_breaks_is_a_clock_that_does_not_tick(engine: Engine) -> None:
    def broken() -> datetime | None:
        raise ConnectionError

    assert "No clock has ticked yet" in str(part(engine, tick=broken)["means"])


def test_an_open_problem_is_told(engine: Engine) -> None:
    Alerts(engine, clock=lambda: NOON).report([Problem("arrived 2026-11 middle", "Only 60% arrived.")])
    assert part(engine)["means"] == "Only 60% arrived."


@pytest.mark.parametrize("url", ["sqlite:////nowhere/helpline.db", "postgresql+psycopg://127.0.0.1:1/helpline"])
def test_without_a_database_it_is_degraded_in_words(url: str) -> None:
    engine = open_records(url)
    assert part(engine) == SQL_DOWN
    engine.dispose()


def test_a_database_that_hangs_is_not_waited_for(sqlite_engine: Engine) -> None:
    hangs = threading.Event()
    event.listen(sqlite_engine, "begin", lambda connection: hangs.wait(30))
    ask = reminders_part(sqlite_engine, lambda: CALENDAR, lambda: NOON, lambda: NOON)
    assert ask() == ask() == SQL_DOWN
    assert len([thread for thread in threading.enumerate() if thread.name == "health"]) == 1
    hangs.set()


def test_a_part_that_answers_late_is_asked_once_and_heard_later() -> None:
    answers, asked = threading.Event(), []

    def slow() -> Part:
        asked.append(1)
        answers.wait(30)
        return {"state": "ok"}

    ask = Quickly(slow, {"state": "degraded"}, patience=0.01)
    assert [ask()["state"] for _ in range(5)] == ["degraded"] * 5
    assert len(asked) == 1
    answers.set()
    assert Quickly(lambda: {"state": "ok"}, {"state": "degraded"}, patience=30)() == {"state": "ok"}


def test_a_part_that_raises_is_degraded() -> None:
    def broken() -> Part:
        raise RuntimeError

    assert Quickly(broken, {"state": "degraded"})() == {"state": "degraded"}


def test_who_holds_a_wave_back_is_not_told_to_everybody() -> None:
    held = Open(f"{HELD_BACK}2026-11 last", "Anna holds a wave back since Monday", NOON)
    standing = Standing(Sending(None, None, timedelta(0)), NOON, (held,))
    assert [*standing.means(NOON)][-1] == "Anna holds a wave back since Monday"
    assert "Anna" not in " ".join(standing.means(NOON, is_for_all=True))
    assert "held back" in " ".join(standing.means(NOON, is_for_all=True))
