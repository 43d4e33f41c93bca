"""`helpline reminders`: each command explains itself, and says what to do about a database that it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reminders_command.running import run


@pytest.mark.parametrize("name", ["preview", "status", "pause", "resume"])
def test_each_command_explains_itself_with_an_example(name: str) -> None:
    result = run({}, name, "--help")
    assert result.exit_code == 0
    assert f"  helpline reminders {name}" in result.output


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
