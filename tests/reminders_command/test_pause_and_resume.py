"""`helpline reminders pause` and `resume`: the switch, also after a backup was restored."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline.reminders.pause import pause, paused
from tests.databases import address
from tests.reminders.bench import KEY, SEALING
from tests.reminders.people import (
    paris,
)
from tests.reminders.restored import OURS, Helpline, restored
from tests.reminders_command.running import NOWHERE, as_json, run, shown


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
        "no_call": 0,
        "lost": 0,
        "lost_calls": 0,
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
