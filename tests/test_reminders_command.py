"""`helpline reminders`: what an operator sees before, while and after reminders go out, and the switch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from redis import Redis
from rich.console import Console
from sqlalchemy import Engine, insert, update

from helpline.cli import main
from helpline.menus.waves import wave_of
from helpline.records.tables import carrier_blocks, messages
from helpline.reminders.figures import latest_waves, wave_figures
from helpline.reminders.last_tick import mark_tick
from helpline.reminders.pause import pause, paused
from helpline.reminders.planning import plan
from helpline.reminders.preview import preview, waves_on
from helpline.reminders_command import status_shown
from helpline.reminders_command.status import Status
from helpline.reminders_command.words import ago, bar, reason_in_words
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.terminal import Terminal
from tests.conftest import redis_of
from tests.databases import address
from tests.reminders.bench import KEY, SEALING, shipped_prompts
from tests.reminders.people import (
    fingerprint_of,
    many_subscribed,
    messages_of,
    paris,
    subscribed,
)
from tests.reminders.restored import OURS, Helpline, helpline, restored

FROM_SHELL = (
    "HELPLINE_ENV",
    "HELPLINE_LANGUAGES",
    "PROMPTS_DIR",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "SMS_PRICE",
)
PROMPTS = shipped_prompts()
CALENDAR = PROMPTS.menus.calendar
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def env(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """The settings of a demo on this database, without Redis."""
    return {"VAR_DIR": str(tmp_path), "DATABASE_URL": address(engine), "REDIS_URL": NOWHERE}


def run(env: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["reminders", *words], env={**dict.fromkeys(FROM_SHELL), **env})


def shown(env: dict[str, str], *words: str, code: int = 0) -> str:
    result = run(env, *words)
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.mark.parametrize("name", ["preview", "status", "pause", "resume"])
def test_each_command_explains_itself_with_an_example(name: str) -> None:
    result = run({}, name, "--help")
    assert result.exit_code == 0
    assert f"  helpline reminders {name}" in result.output


def test_a_day_without_a_reminder_shows_the_next_one(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 9)
    many_subscribed(engine, 3, "en")
    output = shown(env, "preview", "--on", "2026-12-10")
    assert output.startswith("No reminder begins on Thursday 10 December 2026. The next one:")
    assert "Reminder 'last' for November 2026, Saturday 12 December 2026" in output
    assert re.search(r"Messages: 12, the first at \d\d:\d\d, the last at \d\d:\d\d", output)
    assert "Français: 9, 2 segments each" in output
    assert "English: 3, 2 segments each" in output
    assert "Cost: 24 segments at 0.07 € = 1.68 €" in output
    assert "l'actualisation finit dans 3 jours" in output


def test_the_price_of_a_segment_is_the_settings(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 1000)
    assert "2,000 segments at 0.0450 € = 90.00 €" in shown(
        env | {"SMS_PRICE": "0.0450"}, "preview", "--on", "2026-12-08"
    )


def test_a_preview_counts_who_gets_nothing_and_says_why(env: dict[str, str], engine: Engine) -> None:
    for number in range(4):
        subscribed(engine, number, done="2026-11")
    for number in range(10, 13):
        subscribed(engine, number, scope="last")
    for number in range(20, 22):
        subscribed(engine, number, ended_at=paris(2026, 12, 2, 12))
    subscribed(engine, 30)
    with engine.begin() as connection:
        connection.execute(insert(carrier_blocks).values(fingerprint=fingerprint_of(30), since=paris(2026, 12, 2)))
    subscribed(engine, 31)
    output = shown(env, "preview", "--on", "2026-12-08")
    assert "Messages: 1," in output
    assert re.search(r"4  answered that it is done\n", output)
    assert re.search(r"3  chose the last reminder only\n", output)
    assert re.search(r"1  the carrier lets nothing through to them\n", output)
    assert re.search(r"Ended in the month before:\n +2  ", output)


def test_a_preview_as_json_says_the_same(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 20)
    subscribed(engine, 100, done="2026-11")
    found = json.loads(shown(env, "preview", "--on", "2026-12-12", "--json"))
    (wave,) = found["waves"]
    assert found["asked_for"] == "2026-12-12"
    assert (wave["wave"], wave["messages"], wave["segments"], wave["cost"]) == ("last", 20, 40, "2.80")
    assert sum(wave["hours"].values()) == 20
    assert wave["languages"]["fr"]["messages"] == 20
    assert wave["not_sent"] == {"done": {"count": 1, "means": "answered that it is done"}}
    assert wave["begins"] <= wave["first"] <= wave["last"] < wave["spread_until"]


def test_a_preview_is_what_is_then_planned(engine: Engine) -> None:
    many_subscribed(engine, 200)
    subscribed(engine, 1000, done="2026-11")
    (wave,) = waves_on(CALENDAR, paris(2026, 12, 8).date())
    for _ in range(2):  # the second time it is planned
        with engine.connect() as connection:
            found = preview(connection, PROMPTS, wave, Decimal("0.07"))
        plan(engine, CALENDAR, paris(2026, 12, 7, 20))
        with engine.connect() as connection:
            figures = wave_figures(connection, wave)[wave]
            dues = connection.execute(messages.select().where(messages.c.wave == "middle")).all()
        assert found.count == figures.total == 200
        assert found.first == min(row.due_at for row in dues)
        assert found.last == max(row.due_at for row in dues)


def test_what_has_gone_already_is_not_counted_again(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 10)
    plan(engine, CALENDAR, paris(2026, 12, 7, 20))
    with engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.caller_id <= 4).values(state="accepted", tries=1))
    output = shown(env, "preview", "--on", "2026-12-08")
    assert "Already gone, or under way: 4" in output
    assert "Messages: 6," in output


def test_words_that_are_missing_are_a_fault(engine: Engine) -> None:
    subscribed(engine, 1)
    wave = replace(waves_on(CALENDAR, paris(2026, 12, 8).date())[0], name="nowhere")
    with engine.connect() as connection:
        found = preview(connection, PROMPTS, wave, Decimal("0.07"))
    assert found.faults == ("prompts/ has no place wave.nowhere",)
    assert (found.count, found.cost) == (1, 0)


@pytest.mark.parametrize("day", ["10/12/2026", "2026-13-01", "1026-12-10", "tomorrow"])
def test_a_date_that_is_none_is_refused_with_the_right_form(env: dict[str, str], day: str) -> None:
    result = run(env, "preview", "--on", day)
    assert result.exit_code == 2
    assert "2026-12-10" in result.stderr


@pytest.mark.parametrize(
    ("given", "way"),
    [
        ({}, "Start scripts/server first, or give its VAR_DIR"),
        ({"HELPLINE_ENV": "demo", "TWILIO_AUTH_TOKEN": "0" * 32}, "helpline migrate"),
    ],
)
def test_without_a_database_the_way_to_one_is_said(tmp_path: Path, given: dict[str, str], way: str) -> None:
    for name in ("preview", "status", "pause", "resume"):
        result = run({"VAR_DIR": str(tmp_path), **given}, name)
        assert result.exit_code == 1
        assert way in result.stderr
        assert "fault of its own" not in result.stderr


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://helpline:secret@127.0.0.1:1/helpline"
    result = run({"VAR_DIR": str(tmp_path), "DATABASE_URL": url}, "status")
    assert result.exit_code == 1
    assert "127.0.0.1:1/helpline cannot be used" in result.stderr
    assert "secret" not in result.stderr


def test_a_pause_holds_until_it_is_ended(env: dict[str, str], engine: Engine) -> None:
    assert shown(env, "pause", "--reason", "a wrong word") == "Paused. To go on: helpline reminders resume\n"
    with engine.connect() as connection:
        found = paused(connection)
    assert found
    assert (found.by, found.reason) == ("operator", "a wrong word")
    assert re.match(
        r"It was paused already, by operator, since \d{4}-\d\d-\d\d \d\d:\d\d \(a wrong word\)\.\n", shown(env, "pause")
    )
    assert "(a wrong word)" in shown(env, "status", code=3)
    assert shown(env, "resume").startswith("Sending goes on; it was paused since ")
    assert shown(env, "resume") == "Nothing was paused.\n"


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
    assert "Jobs that wait: replies 0, bulk 0, upkeep 0" in output
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
    assert found["queues"] == {"replies": 0, "bulk": 0, "upkeep": 0}
    (told,) = [each for each in found["waves"] if each["planned"]]
    assert (told["wave"], told["delivered"], told["failed"]) == (wave.name, 3, 1)
    assert told["failed_by_reason"] == {"failed": 1}


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


@pytest.fixture
def lost(sqlite_engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Helpline]:
    with helpline(sqlite_engine, redis, tmp_path) as made:
        yield made


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    with Redis.from_url(shared_valkey.url) as client:
        client.flushall()
        yield client


def test_an_operators_pause_outlasts_what_is_looked_up_after_a_restore(lost: Helpline, tmp_path: Path) -> None:
    lost.subscriber()
    backup = lost.backed_up()
    env = {"VAR_DIR": str(tmp_path), "DATABASE_URL": address(lost.engine), "REDIS_URL": NOWHERE}
    with restored(lost, backup, tmp_path / "new") as after:
        assert shown(env, "pause", "--reason", "wait").startswith("Paused.")
        assert after.reconciles()
        with after.engine.connect() as connection:
            found = paused(connection)
        assert found
        assert found.by == "operator"
        assert shown(env, "resume").startswith("Sending goes on")


def as_json(env: dict[str, str], *words: str) -> dict[str, Any]:
    """Standard output is one object, and nothing else."""
    found = json.loads(shown(env, *words, "--json"))
    assert isinstance(found, dict)
    return found


def test_programs_are_told_of_a_pause_and_its_end(env: dict[str, str], engine: Engine) -> None:
    first = as_json(env, "pause", "--reason", "a wrong word")
    assert first["changed"] is True
    assert (first["paused"]["by"], first["paused"]["reason"]) == ("operator", "a wrong word")
    with engine.connect() as connection:
        found = paused(connection)
    assert found
    assert datetime.fromisoformat(first["paused"]["since"]) == found.since
    assert as_json(env, "pause", "--reason", "another") == {"changed": False, "paused": first["paused"]}
    assert as_json(env, "resume") == {"changed": True, "paused": None, "caught_up": None}
    assert as_json(env, "resume") == {"changed": False, "paused": None, "caught_up": None}


@pytest.mark.parametrize("name", ["pause", "resume"])
def test_programs_are_told_by_the_exit_code_what_goes_wrong(env: dict[str, str], tmp_path: Path, name: str) -> None:
    result = run(env | {"DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}, name, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")


def test_programs_are_told_what_was_looked_up_after_a_restore(lost: Helpline, tmp_path: Path) -> None:
    stopped = lost.subscriber()
    with lost.engine.begin() as connection:
        assert pause(connection, "operator", "a wrong word", lost.clock.now)
    backup = lost.backed_up()
    lost.texts(stopped, "STOP", "stop", "stopped")
    env = at_the_carrier(lost, tmp_path)
    with restored(lost, backup, tmp_path / "new"):
        lost.carrier.lists()
        lost.carrier.stub.kill()
        failed = run(env, "resume", "--json")
        assert (failed.exit_code, failed.stdout) == (1, "")
        assert as_json(env, "pause")["paused"]["by"] == "operator"
        lost.carrier.stub.start()
        found = as_json(env, "resume")
    assert found.pop("caught_up") == {
        "since": "2026-12-07T01:00:00+00:00",
        "listed": 1,
        "stop": 1,
        "not_me": 0,
        "erase": 0,
        "done": 0,
        "sent": 0,
        "lost": 0,
    }
    assert found == {"changed": True, "paused": None}


def test_where_the_demo_looks_up_by_itself_an_operators_pause_ends_all_the_same(lost: Helpline, tmp_path: Path) -> None:
    with lost.engine.begin() as connection:
        assert pause(connection, "operator", "a wrong word", lost.clock.now)
    backup = lost.backed_up()
    env = {"VAR_DIR": str(tmp_path), "DATABASE_URL": address(lost.engine), "REDIS_URL": NOWHERE}
    with restored(lost, backup, tmp_path / "new") as after:
        found = as_json(env, "resume")
        assert (found["changed"], found["paused"]["by"], found["caught_up"]) == (False, "restore", None)
        assert "within two minutes" in shown(env, "resume")
        assert after.reconciles()
        assert as_json(env, "resume") == {"changed": False, "paused": None, "caught_up": None}


def at_the_carrier(lost: Helpline, folder: Path) -> dict[str, str]:
    return {
        "VAR_DIR": str(folder / "new"),
        "DATABASE_URL": address(lost.engine),
        "REDIS_URL": NOWHERE,
        "TWILIO_API_URL": lost.carrier.stub.url,
        "FINGERPRINT_KEY": KEY.decode(),
        "NUMBER_KEYS": SEALING,
        "SMS_SENDER": OURS.sender,
        "SETTLE_SECONDS": "1",
    }


def test_a_restored_helpline_looks_up_what_happened_before_it_goes_on(lost: Helpline, tmp_path: Path) -> None:
    stopped, stays = lost.subscriber(), lost.subscriber()
    backup = lost.backed_up()
    lost.texts(stopped, "STOP", "stop", "stopped")
    env = at_the_carrier(lost, tmp_path)
    with restored(lost, backup, tmp_path / "new") as after:
        lost.carrier.lists()
        lost.carrier.stub.kill()
        result = run(env, "resume")
        assert result.exit_code == 1
        assert "Sending stays paused. Try again: helpline reminders resume" in result.stderr
        assert "the carrier's list cannot be had" in shown(env, "status", code=3)
        lost.carrier.stub.start()
        output = shown(env, "resume")
        assert "Looked at 1 messages of the carrier's list. Sending goes on." in output
        assert re.search(r"1  said stop\n", output)
        after.at(paris(2026, 12, 8, 18, 30))
        assert [message.to for message in after.sends()] == [stays.number]
