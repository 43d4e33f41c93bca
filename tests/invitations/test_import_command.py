"""`helpline callers import`: says what would happen, asks, invites, names each row that invites nobody."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from helpline.callers_command.importing import Turns
from helpline.cli import main
from helpline.consent.consent import Consent
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.date.real import utc_now
from helpline.menus.waves import may_send_until, next_allowed
from helpline.menus.windows import PARIS
from helpline.records.engine import reading
from helpline.records.tables import callers, consents, invitations, messages, metadata, subscriptions
from tests.consent.people import Person, rows
from tests.consent.test_journal import of
from tests.invitations.files import days_ago, file_of, form, number_of
from tests.menus.calendars import USUAL

MIXED = [
    form(1),
    form(2, "en"),
    f"0199001234;fr;PONT-3;{days_ago(3)}",
    form(1),
    form(4, "ar"),
    form(5, signed=days_ago(-1)),
    form(6, signed=days_ago(400)),
    f"{number_of(7)};fr;;{days_ago(3)}",
]
NAMED = """\
line 4: this is a landline, or a number that takes no texts (number ends in 34)
line 5: the same number as in line 2 (number ends in 01)
line 6: the language is none of those in use (en, fr) (number ends in 04)
line 7: the day of signing is yet to come (number ends in 05)
line 8: it was signed more than a year ago (number ends in 06)
line 9: the form is missing (number ends in 07)
"""


def imported(path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["callers", "import", str(path), *options])


def everything(consent: Consent) -> dict[str, list[object]]:
    """All rows of all tables."""
    return {name: rows(consent.engine, table) for name, table in metadata.tables.items()}


def count(consent: Consent, kind: str = "invite") -> int:
    with reading(consent.engine).connect() as connection:
        return int(connection.scalar(select(func.count()).where(messages.c.kind == kind)) or 0)


def test_a_file_invites_whom_it_can_and_names_every_other_row(known: Consent, folder: Path) -> None:
    result = imported(file_of(folder, MIXED), "--yes")
    assert result.exit_code == 3
    assert result.stdout.startswith(NAMED)
    summary = result.stdout.removeprefix(NAMED).splitlines()
    assert summary[0] == "Invited: 2"
    assert re.fullmatch(r"Texts go from \d{4}-\d\d-\d\d \d\d:\d\d .*; 4 segments at 0.07 € = 0.28 €", summary[1])
    assert summary[2:] == ["        6  refused, each named above"]
    assert (count(known), rows(known.engine, subscriptions)) == (2, [])
    assert {row.language for row in rows(known.engine, callers)} == {"fr", "en"}
    assert not any(number_of(place)[3:] in result.output for place in range(8))


def test_a_file_without_a_fault_ends_well_and_a_second_run_changes_nothing(known: Consent, folder: Path) -> None:
    path = file_of(folder, [form(1), form(2)])
    assert imported(path, "--yes").exit_code == 0
    before = everything(known)
    again = imported(path, "--yes")
    assert (again.exit_code, everything(known)) == (0, before)
    assert again.stdout.splitlines() == [
        "Nothing has changed: everybody in this file was invited before.",
        "        2  invited before",
    ]


@pytest.mark.parametrize("options", [("--dry-run",), ("--dry-run", "--yes"), ("--dry-run", "--json")])
def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    known: Consent, folder: Path, options: tuple[str, ...]
) -> None:
    before = everything(known)
    result = imported(file_of(folder, MIXED), *options)
    assert result.exit_code == 3
    assert everything(known) == before
    if "--json" in options:
        told = json.loads(result.stdout)
        assert (told["changed"], told["invited"], told["refused"]) == (False, 2, 6)
    else:
        assert result.stdout.startswith(NAMED + "To be invited: 2\n")


def test_programs_get_one_object(on_sqlite: Consent, folder: Path) -> None:
    result = imported(file_of(folder, MIXED), "--yes", "--json")
    told = json.loads(result.stdout)
    assert {name: told[name] for name in ("changed", "invited", "already", "subscribed", "objected", "blocked")} == {
        **{"changed": True, "invited": 2, "already": 0, "subscribed": 0, "objected": 0, "blocked": 0},
    }
    assert (told["refused"], told["segments"], told["cost"]) == (6, 4, "0.28")
    assert [row["line"] for row in told["rows"]] == [4, 5, 6, 7, 8, 9]
    assert told["rows"][0] == {
        "line": 4,
        "why": "this is a landline, or a number that takes no texts",
        "number_ends": "34",
    }
    assert datetime.fromisoformat(told["first_at"]) <= datetime.fromisoformat(told["last_at"])


def test_who_is_left_alone_is_named_and_counted(known: Consent, folder: Path) -> None:
    reminded, stopped, blocked = (Person(known, number_of(place), now=utc_now()) for place in (1, 2, 3))
    for person in (reminded, stopped, blocked):
        person.signs_up()
    stopped.does("stop", heard="STOP")
    blocked_by_carrier(known.engine, blocked.fingerprint, blocked.now)
    result = imported(file_of(folder, [form(place) for place in (1, 2, 3, 4)]), "--yes")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:4] == [
        "line 2: has the reminders already (number ends in 01)",
        "line 3: said STOP, or does not want to be written to (number ends in 02)",
        "line 4: is blocked by the carrier until they text START (number ends in 03)",
        "Invited: 1",
    ]
    assert result.stdout.splitlines()[5:] == [
        "        1  have the reminders already",
        "        1  said STOP, or do not want to be written to",
        "        1  blocked by the carrier",
    ]


def test_a_stop_that_waits_in_the_journal_counts(on_sqlite: Consent, folder: Path) -> None:
    stopped = Person(on_sqlite, number_of(1), now=utc_now())
    on_sqlite.journal.append(of(stopped, stopped.now))
    assert "line 2: said STOP" in imported(file_of(folder, [form(1)]), "--yes").stdout
    assert count(on_sqlite) == 0


def test_in_a_pipe_nothing_is_done_without_yes(on_sqlite: Consent, folder: Path) -> None:
    result = imported(file_of(folder, [form(1)]))
    assert (result.exit_code, count(on_sqlite)) == (2, 0)
    assert "add --yes, or --dry-run" in result.stderr


def test_prices_are_those_of_the_settings(on_sqlite: Consent, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_PRICE", "0.1")
    assert "4 segments at 0.1 € = 0.40 €" in imported(file_of(folder, [form(1), form(2)]), "--dry-run").stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("0639980001;fr;PONT-1;2026-11-02\n", "has no column number"),
        ("number;language\n", "has no column form and no column signed"),
        ("", "Its first line must name the columns: number, language, form, signed."),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(on_sqlite: Consent, folder: Path, content: str, told: str) -> None:
    path = folder / "forms.csv"
    path.write_text(content)
    result = imported(path, "--yes")
    assert (result.exit_code, count(on_sqlite)) == (1, 0)
    assert told in result.stderr
    assert "0639980001" not in result.output


def test_a_file_that_is_not_there_is_told_so(folder: Path) -> None:
    assert imported(folder / "nowhere.csv").exit_code == 2


def test_a_database_without_tables_is_told_with_the_fix(folder: Path) -> None:
    result = imported(file_of(folder, [form(1)]), "--yes")
    assert result.exit_code == 1
    assert "Run: helpline migrate" in result.stderr


def test_a_database_that_is_down_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://helpline@/helpline?host={folder}")
    result = imported(file_of(folder, [form(1)]), "--yes")
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr


def test_the_help_shows_what_a_file_looks_like() -> None:
    told = CliRunner().invoke(main, ["callers", "import", "--help"]).output
    assert "    number;language;form;signed\n    06 39 98 00 01;fr;PONT-2026-014;2026-11-02\n" in told
    assert "helpline callers import forms.csv --dry-run" in told


def test_the_sample_of_the_help_is_a_file_that_can_be_read(on_sqlite: Consent, folder: Path) -> None:
    told = CliRunner().invoke(main, ["callers", "import", "--help"]).output
    lines = [line.strip() for line in told.splitlines() if line.count(";") == 3]
    path = folder / "sample.csv"
    path.write_text("\n".join(lines).replace("2026-11-02", days_ago(1)).replace("03/11/2026", days_ago(1)))
    assert imported(path, "--yes").exit_code == 0
    assert count(on_sqlite) == 2


def test_show_tells_of_the_invitation(known: Consent, folder: Path) -> None:
    imported(file_of(folder, [form(1)]), "--yes")
    shown = CliRunner().invoke(main, ["callers", "show", number_of(1)]).output
    assert f"asked, paper fr, heard: signed {days_ago(3)}" in shown
    assert f"invite  {days_ago(3)}  planned" in shown
    assert re.search(rf"Invited +.* \(form PONT-1, signed {days_ago(3)}\)", shown)


def test_texts_go_in_allowed_hours_one_after_the_other() -> None:
    friday_evening = datetime(2026, 12, 4, 17, 59, 58, tzinfo=PARIS)
    turns = Turns(USUAL, friday_evening, per_second=2)
    moments = [turns() for _ in range(4 * 3600)]
    assert moments[:2] == [friday_evening, friday_evening + timedelta(seconds=1)]
    assert moments[2] == datetime(2026, 12, 5, 9, tzinfo=PARIS)
    assert all(next_allowed(USUAL, moment) == moment and may_send_until(USUAL, moment) for moment in moments)
    assert sorted(moments) == moments
    assert (turns.first, turns.last) == (moments[0], moments[-1])


def most_memory(path: Path) -> int:
    """At its peak, in bytes."""
    tracemalloc.start()
    result = imported(path, "--dry-run")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "To be invited: " in result.stdout
    return most


def test_a_long_file_is_not_held_in_memory(on_sqlite: Consent, folder: Path) -> None:
    short, long = (file_of(folder, map(form, range(count)), f"{count}.csv") for count in (1_000, 5_000))
    most_memory(short)  # what is loaded once
    a_row = (most_memory(long) - most_memory(short)) / 4_000
    assert a_row < 400  # bytes: a mark of its number, and its line


def at_a_terminal(path: Path, answer: str) -> tuple[str, int]:
    """What somebody at a real terminal sees, and the exit code."""
    mine, theirs = pty.openpty()
    program = Path(sys.executable).with_name("helpline")
    command = [program, "callers", "import", path]
    environ = {**os.environ, "COLUMNS": "140", "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True)
    os.close(theirs)
    seen = ""
    try:
        while True:
            seen += os.read(mine, 65536).decode()
            if answer and "[y/N]:" in seen:
                os.write(mine, f"{answer}\n".encode())
                answer = ""
    except OSError:  # it has ended
        pass
    finally:
        os.close(mine)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen).replace("\r", ""), process.wait()


def test_somebody_at_a_terminal_is_asked_first_and_sees_how_far_it_is(on_sqlite: Consent, folder: Path) -> None:
    path = file_of(folder, [form(place) for place in range(500)])
    seen, code = at_a_terminal(path, "n")
    assert (code, count(on_sqlite)) == (1, 0)
    assert "To be invited: 500\n" in seen
    assert "1,000 segments at 0.07 € = 70.00 €" in seen
    assert "Send 500 texts? Nobody is signed up before they answer. [y/N]: n" in seen
    assert seen.endswith("Error: Nothing was changed.\n")
    seen, code = at_a_terminal(path, "y")
    assert (code, count(on_sqlite)) == (0, 500)
    assert re.search(r"inviting ━+ 50\d of 50\d", seen)
    assert "Invited: 500\n" in seen
    seen, code = at_a_terminal(path, "")
    assert "Nothing has changed" in seen
    assert "[y/N]" not in seen
    assert len(rows(on_sqlite.engine, consents)) == len(rows(on_sqlite.engine, invitations)) == 500
