"""Things with a date of their own, as operators see them: how many on which day, and never whose."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, insert, update

from helpline.menus.windows import PARIS, today_in_paris
from helpline.records.tables import callers, messages
from tests.reminders.people import a_caller, subscribed
from tests.reminders_command.running import run, shown

DAY = date(2026, 12, 10)


def planned(engine: Engine, number: int, day: date, queue: str = "replies") -> None:
    due = datetime(day.year, day.month, day.day, 9, tzinfo=PARIS)
    about = {"kind": "appointment", "occurrence": f"{day + timedelta(1)}T14:30", "wave": "eve", "queue": queue}
    caller = a_caller(engine, number)
    with engine.begin() as connection:
        row = about | {"caller_id": caller, "due_at": due, "not_after": due, "changed_at": due}
        connection.execute(insert(messages).values(row))


def test_a_preview_counts_what_is_planned_for_that_day(env: dict[str, str], engine: Engine) -> None:
    planned(engine, 1, DAY)
    planned(engine, 2, DAY, "calls")
    planned(engine, 3, DAY + timedelta(1))
    output = shown(env, "preview", "--on", DAY.isoformat())
    assert "Reminders of things with a date of their own\n  Thursday 10 December 2026:\n" in output
    assert "        2  appointment, 1 of them by call" in output
    found = json.loads(shown(env, "preview", "--on", DAY.isoformat(), "--json"))
    assert found["dated"] == [{"kind": "appointment", "day": "2026-12-10", "planned": 2, "calls": 1}]


def test_a_preview_says_how_many_go_by_call(env: dict[str, str], engine: Engine) -> None:
    by_call = subscribed(engine, 1)
    subscribed(engine, 2)
    with engine.begin() as connection:
        connection.execute(update(callers).where(callers.c.id == by_call).values(channel="voice"))
    found = json.loads(shown(env, "preview", "--on", "2026-12-12", "--json"))["waves"][0]
    assert (found["messages"], found["calls"]) == (2, 1)
    assert found["languages"]["fr"]["messages"] == 1


def test_a_status_shows_the_next_two_weeks(env: dict[str, str], engine: Engine) -> None:
    today = today_in_paris(datetime.now(UTC))
    planned(engine, 1, today + timedelta(3))
    planned(engine, 2, today + timedelta(20))
    result = run(env, "status", "--json")
    assert json.loads(result.stdout)["dated"] == [
        {"kind": "appointment", "day": f"{today + timedelta(3)}", "planned": 1, "calls": 0}
    ]
    assert "1  appointment" in run(env, "status").stdout
