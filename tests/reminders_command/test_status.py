"""`helpline reminders status`: what an operator sees while and after reminders go out."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console
from sqlalchemy import Engine, update

from helpline.menus.waves import wave_of
from helpline.records.tables import messages
from helpline.reminders.figures import latest_waves, wave_figures
from helpline.reminders.held import hold
from helpline.reminders.last_tick import mark_tick
from helpline.reminders.pause import pause
from helpline.reminders_command import status_shown
from helpline.reminders_command.status import Status
from helpline.reminders_command.words import ago, bar, reason_in_words
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.terminal import Terminal
from tests.conftest import redis_of
from tests.reminders.people import (
    messages_of,
    paris,
)
from tests.reminders_command.running import CALENDAR, shown


@pytest.fixture
def watched(env: dict[str, str], shared_valkey: EmbeddedValkey) -> dict[str, str]:
    """The settings with a Valkey in which a clock has just ticked."""
    with redis_of(shared_valkey) as redis:
        redis.flushall()
        mark_tick(redis, datetime.now(UTC))
    return env | {"REDIS_URL": shared_valkey.url}


def last_wave_now() -> tuple[str, str]:
    begun = [wave for wave in latest_waves(CALENDAR, datetime.now(UTC)) if wave.begins <= datetime.now(UTC)]
    return begun[-1].occurrence, begun[-1].name


def test_a_status_in_which_all_is_well_ends_with_0(watched: dict[str, str], engine: Engine) -> None:
    output = shown(watched, "status")
    assert output.startswith("Sending: on\nClock: ticked ")
    assert "Oldest waiting text: none is due" in output
    assert "Jobs that wait: replies 0, bulk 0, calls 0, upkeep 0" in output
    assert "!" not in output


def test_a_status_shows_what_became_of_a_wave(watched: dict[str, str], engine: Engine) -> None:
    wave = wave_of(CALENDAR, *last_wave_now())
    assert wave
    messages_of(engine, wave, delivered=50, accepted=20, failed=6, undelivered=4, skipped=15, expired=5)
    with engine.begin() as connection:
        for state, reason in (("failed", "30005"), ("undelivered", "30003"), ("skipped", "done"), ("expired", "")):
            connection.execute(update(messages).where(messages.c.state == state).values(reason=reason))
    output = shown(watched, "status")
    assert f"Reminder '{wave.name}' for " in output
    assert "[####################++++++++xxxx--------]" in output
    assert "accepted 74, delivered 50 (68% of those accepted), failed 10, not sent 20" in output
    assert re.search(r"6  the number does not exist \(30005\)\n +4  phone off or out of reach \(30003\)", output)
    assert re.search(r"15  answered that it is done\n +5  too late", output)


def test_a_status_as_json_says_the_same(watched: dict[str, str], engine: Engine) -> None:
    wave = wave_of(CALENDAR, *last_wave_now())
    assert wave
    messages_of(engine, wave, delivered=3, failed=1)
    found = json.loads(shown(watched, "status", "--json"))
    assert (found["state"], found["means"], found["paused"]) == ("ok", [], None)
    assert found["queues"] == {"replies": 0, "bulk": 0, "calls": 0, "upkeep": 0}
    (told,) = [each for each in found["waves"] if each["planned"]]
    assert (told["wave"], told["delivered"], told["failed"]) == (wave.name, 3, 1)
    assert told["failed_by_reason"] == {"failed": 1}


def test_a_wave_that_is_held_back_is_told_with_its_reason(watched: dict[str, str], engine: Engine) -> None:
    wave = wave_of(CALENDAR, *last_wave_now())
    assert wave
    with engine.begin() as connection:
        hold(connection, wave, "Anna", "a wrong word", paris(2026, 11, 20, 10))
    told = shown(watched, "status")
    assert re.search(rf"Held back: '{wave.name}' for \w+ 20\d\d, by Anna since 2026-11-20 10:00 \(a wrong word\)", told)
    (found,) = json.loads(shown(watched, "status", "--json"))["held"]
    assert (found["wave"], found["occurrence"], found["who"]) == (wave.name, wave.occurrence, "Anna")


def test_a_status_without_redis_says_so_quickly_and_ends_with_3(env: dict[str, str]) -> None:
    output = shown(env, "status", code=3)
    assert "! Redis does not answer" in output
    found = json.loads(shown(env, "status", "--json", code=3))
    assert (found["state"], found["queues"], found["last_tick"]) == ("degraded", None, None)


def test_a_pause_by_the_carrier_is_shown_with_its_reason(watched: dict[str, str], engine: Engine) -> None:
    with engine.begin() as connection:
        pause(connection, "carrier", "20003", datetime.now(UTC) - timedelta(hours=1))
    output = shown(watched, "status", code=3)
    assert "The carrier takes no texts from us (20003): none goes out" in output
    assert shown(watched, "resume").startswith("Sending goes on")


def test_in_a_terminal_the_bar_has_colours(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpline.reminders.health import standing

    now = paris(2026, 12, 8, 12)
    wave = wave_of(CALENDAR, "2026-11", "middle")
    assert wave
    messages_of(engine, wave, delivered=3, failed=1)
    with engine.connect() as connection:
        found = Status(
            now, standing(connection, CALENDAR, now, now), {"bulk": 0}, tuple(wave_figures(connection, wave).items())
        )
    terminal = Terminal()
    terminal.is_drawn = True
    terminal.console = Console(file=StringIO(), force_terminal=True, width=100, color_system="standard")
    status_shown.show_status(terminal, found)
    drawn = terminal.console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[32m" + "█" * 30 in drawn
    assert "\x1b[31m" + "█" * 10 in drawn


def test_parts_of_a_bar_are_all_seen_and_fill_it() -> None:
    assert bar([(1_000_000, "#"), (1, "x"), (0, "-")], 40) == [("#", 39), ("x", 1)]
    assert bar([(0, "#")], 40) == []
    assert sum(size for _, size in bar([(1, "a"), (1, "b"), (1, "c")], 40)) == 40


def test_times_and_codes_are_said_in_words() -> None:
    assert ago(timedelta(seconds=1)) == "1 second"
    assert ago(timedelta(seconds=119)) == "119 seconds"
    assert ago(timedelta(hours=30)) == "30 hours"
    assert ago(timedelta(days=3)) == "3 days"
    assert reason_in_words("30099") == "error 30099"
