"""`helpline operators`: who may use the desk, by a person or a program at the terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from helpline.cli import main
from helpline.operators import links, sessions
from helpline.operators.audit import entries
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.operators.signing_in import Door
from tests.databases import address
from tests.fresh_logs import fresh_logs
from tests.operators.people import begun

KEY = "0123456789abcdef" * 4
COMMANDS = ("add", "list", "remove", "reset", "role")


@pytest.fixture
def environ(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """A helpline that was just set up, on each kind of database."""
    return {
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": address(engine),
        "HELPLINE_ENV": "demo",
        "FINGERPRINT_KEY": KEY,
        "PORT": "8123",
    }


def run(environ: dict[str, str], *words: str) -> Result:
    with fresh_logs():
        return CliRunner().invoke(main, ["operators", *words], env=environ)


def as_json(environ: dict[str, str], *words: str) -> dict[str, Any]:
    """Standard output is one object, and nothing else."""
    result = run(environ, *words, "--json")
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_each_explains_itself_with_examples_one_of_them_for_programs(name: str) -> None:
    shown = CliRunner().invoke(main, ["operators", name, "--help"]).output
    examples = shown.split("Examples:")[1].split("Options:")[0]
    assert f"helpline operators {name}" in examples
    assert "--json" in examples
    assert "With --json:" in " ".join(shown.split())


def test_add_prints_a_link_that_leads_in_for_a_day(environ: dict[str, str], engine: Engine) -> None:
    shown = run(environ, "add", "Anna", "--role", "editor").output
    (link,) = (line.strip() for line in shown.splitlines() if "/desk/link/" in line)
    assert link.startswith("http://localhost:8123/desk/link/")
    assert "Anna (editor) begins with this link. It works once, until 20" in shown
    now = datetime.now(UTC)
    with engine.connect() as connection:
        token = link.rpartition("/")[2]
        found = links.invitation(connection, keys_of(KEY.encode()), token, now + timedelta(hours=23))
        assert found is not None
        assert found.operator.may_edit
        assert links.invitation(connection, keys_of(KEY.encode()), token, now + timedelta(hours=25)) is None


def test_programs_are_told_the_same(environ: dict[str, str]) -> None:
    told = as_json(environ, "add", "Jean Dupont")
    assert (told["name"], told["role"]) == ("Jean Dupont", "reader")
    assert datetime.fromisoformat(told["expires_at"]).tzinfo
    again = as_json(environ, "reset", "jean dupont")
    assert (again["name"], again["role"]) == ("Jean Dupont", "reader")
    assert again["link"] != told["link"]
    assert as_json(environ, "role", "Jean Dupont", "editor") == {"name": "Jean Dupont", "role": "editor"}
    (one,) = as_json(environ, "list")["operators"]
    assert (one["name"], one["role"], one["has_password"], one["signed_in_at"]) == (
        "Jean Dupont",
        "editor",
        False,
        None,
    )
    assert as_json(environ, "remove", "Jean Dupont", "--yes") == {"name": "Jean Dupont", "removed": True}
    assert as_json(environ, "list") == {"operators": []}


def test_the_list_says_how_each_stands(environ: dict[str, str], engine: Engine) -> None:
    assert "There is no operator yet. Add one: helpline operators add NAME" in run(environ, "list").output
    now = datetime.now(UTC)
    door = Door(engine, keys_of(KEY.encode()), Passwords(memory_kib=64))
    begun(door, "Anna", "editor", now)
    begun(door, "Boris", "reader", now - timedelta(days=2))
    run(environ, "add", "Carla")
    lines = run(environ, "list").output.splitlines()
    assert [line.split()[:2] for line in lines] == [["Anna", "editor"], ["Boris", "reader"], ["Carla", "reader"]]
    assert "last signed in 20" in lines[0]
    assert "has a link until 20" in lines[2]


def test_who_is_removed_is_signed_out(environ: dict[str, str], engine: Engine) -> None:
    now = datetime.now(UTC)
    anna = begun(Door(engine, keys_of(KEY.encode()), Passwords(memory_kib=64)), "Anna", "editor", now)
    assert sessions.find(engine, anna.session, now) is not None
    assert run(environ, "remove", "anna", "--yes").output == "Anna is no operator any more.\n"
    assert sessions.find(engine, anna.session, now) is None


def test_everything_is_in_the_audit_trail_under_who_ran_it(environ: dict[str, str], engine: Engine) -> None:
    for words in (["add", "Anna"], ["role", "Anna", "editor"], ["reset", "Anna"], ["remove", "Anna", "--yes"]):
        assert run(environ, *words).exit_code == 0
    with engine.connect() as connection:
        found = entries(connection, 10)
    assert [one.what for one in found] == ["operator_removed", "operator_reset", "role_changed", "operator_added"]
    assert all(one.who.startswith("command: ") and one.about == "Anna" for one in found)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "Anna"], "There is an operator Anna already. For a new link: helpline operators reset Anna"),
        (["add", "<Anna>"], "A name has 1 to 40 letters"),
        (["reset", "Boris"], "There is no operator Boris. To see them: helpline operators list"),
        (["role", "Boris", "editor"], "There is no operator Boris."),
        (["remove", "Boris", "--yes"], "There is no operator Boris."),
        (["remove", "Anna"], "nobody can be asked here: add --yes"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(environ: dict[str, str], words: list[str], told: str) -> None:
    assert run(environ, "add", "Anna").exit_code == 0
    for more in ([], ["--json"]):
        result = run(environ, *words, *more)
        assert result.exit_code != 0
        assert told in " ".join(result.stderr.split())
        assert result.stdout == ""
    assert "Anna" in run(environ, "list").output


def test_without_a_database_it_says_how_there_comes_to_be_one(tmp_path: Path) -> None:
    result = run({"VAR_DIR": str(tmp_path / "var"), "HELPLINE_ENV": "demo"}, "add", "Anna")
    assert result.exit_code == 1
    assert "Start scripts/server, or run: helpline migrate" in result.output


def test_a_person_is_asked_before_somebody_is_removed(environ: dict[str, str]) -> None:
    run(environ, "add", "Anna")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from helpline.cli import main; main()", "operators", "remove", "Anna"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, env={**os.environ, **environ}) as asked:
        os.write(ours, b"n\n")
        output, _ = asked.communicate(timeout=30)
    assert b"Remove Anna? They are signed out at once." in output
    assert asked.returncode == 1
    assert "Anna" in run(environ, "list").output
