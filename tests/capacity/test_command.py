"""`helpline capacity`, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helpline.cli import main


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"VAR_DIR": str(tmp_path), "HELPLINE_ENV": "demo"}


def run(environ: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["capacity", *words], env=environ)


def test_all_in_time_is_said_plainly(environ: dict[str, str]) -> None:
    told = run(environ, "--subscribers", "5000", "--per-second", "2")
    assert told.exit_code == 0
    assert "5,000 people, 2 messages a second, 2 segments each" in told.output
    assert "All are in time; 1 a second would be enough." in told.output


def test_what_comes_too_late_is_said_with_what_would_be_enough(environ: dict[str, str]) -> None:
    told = run(environ, "--subscribers", "1000000", "--per-second", "1")
    assert told.exit_code == 1
    assert "reminders a year would come too late and are not sent. From 14 messages a second on" in told.output


def test_a_budget_of_the_day_that_is_too_small_is_said(environ: dict[str, str]) -> None:
    small = run({**environ, "MESSAGES_A_DAY": "4999"}, "--subscribers", "5000", "--per-second", "2")
    assert "On the busiest day 5,000 messages go out. MESSAGES_A_DAY is 4,999" in small.output
    enough = run({**environ, "MESSAGES_A_DAY": "5000"}, "--subscribers", "5000", "--per-second", "2")
    assert "On the busiest day 5,000 messages go out, within MESSAGES_A_DAY (5,000)." in enough.output


def test_programs_get_the_same(environ: dict[str, str]) -> None:
    told = run(environ, "--subscribers", "1000", "--per-second", "1", "--json")
    found = json.loads(told.output)
    assert found["late"] == sum(wave["late"] for wave in found["waves"]) == 0
    assert found["segments"] == 2 * sum(wave["messages"] for wave in found["waves"])
    assert set(found["database_bytes"]) == {"sqlite", "postgresql"}


@pytest.mark.parametrize("words", [(), ("--subscribers", "0"), ("--subscribers", "9", "--per-second", "0")])
def test_what_cannot_be_reckoned_is_refused(environ: dict[str, str], words: tuple[str, ...]) -> None:
    assert run(environ, *words).exit_code == 2


def test_it_writes_and_reads_no_database(environ: dict[str, str], tmp_path: Path) -> None:
    run(environ, "--subscribers", "10")
    assert not list(tmp_path.glob("*.db"))
