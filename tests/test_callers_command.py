"""`helpline callers`: an operator sees, hands over, ends and erases what is kept of one person."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, update

from helpline.callers_command.opening import open_consent
from helpline.cli import main
from helpline.consent.consent import Consent
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.records.tables import callers, consents, messages, objections
from helpline.settings import load_settings
from tests.consent.people import ASK, MOBILE, Person, rows
from tests.consent.test_journal import of
from tests.databases import address
from tests.fresh_logs import fresh_logs

FROM_SHELL = ("HELPLINE_ENV", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "FINGERPRINT_KEY", "NUMBER_KEYS")
AS_WRITTEN = ("06", "39", "98", "00", "01")


def helpline(*words: str) -> Result:
    return CliRunner().invoke(main, ["callers", *words])


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    for name in FROM_SHELL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    with fresh_logs():
        yield tmp_path


@pytest.fixture
def consent(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consent]:
    """The one that the command will find, on each kind of database."""
    monkeypatch.setenv("DATABASE_URL", address(engine))
    with open_consent(load_settings()) as consent:
        yield consent


@pytest.fixture
def somebody(consent: Consent) -> Person:
    person = Person(consent)
    person.signs_up()
    person.gets(wave="opening", state="delivered", sid="SM" + "1" * 32)
    person.gets(wave="middle")
    return person


def test_show_tells_what_is_kept_with_the_exact_words(somebody: Person) -> None:
    result = helpline("show", *AS_WRITTEN)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "Reminders     all reminders, since 2026-12-03 10:00"
    assert "Language      fr" in lines
    assert "Number        kept, sealed" in lines
    for line in ASK.split("\n"):
        assert f"    | {line}" in lines
    assert re.search(r"^  2026-12-03 10:00  given all, sms fr, heard: 1 SM[0-9a-f]{32}$", result.output, re.MULTILINE)
    assert re.search(r"^  2026-12-03 11:00  update opening  2026-11  delivered  SM1{32}$", result.output, re.MULTILINE)
    assert MOBILE[3:] not in result.output


@pytest.mark.parametrize("number", [("0639980001",), ("+33639980001",), ("06.39.98.00.01",), ("+33 6 39 98 00 01",)])
def test_numbers_are_taken_as_people_write_them(somebody: Person, number: tuple[str, ...]) -> None:
    assert "all reminders" in helpline("show", *number).output


def test_what_is_no_number_is_refused_with_an_example() -> None:
    result = helpline("show", "somebody")
    assert result.exit_code == 2
    assert "Write it as 06 39 98 00 01" in result.output


def test_show_as_json_is_json_and_nothing_else(somebody: Person) -> None:
    found = json.loads(helpline("show", *AS_WRITTEN, "--json").stdout)
    assert found["language"] == "fr"
    assert found["subscriptions"][0]["since"] == "2026-12-03T10:00:00+01:00"
    assert [proof["event"] for proof in found["proofs"]] == ["asked", "given"]
    assert found["proofs"][1]["text"] == ASK
    assert [message["state"] for message in found["messages"]] == ["delivered", "planned"]


def test_somebody_unknown_is_told_so(consent: Consent) -> None:
    assert helpline("show", *AS_WRITTEN).output == "Nothing is kept of this number.\n"


def test_show_tells_of_an_objection_and_a_block(somebody: Person) -> None:
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, somebody.later(hours=1).now)
    output = helpline("show", *AS_WRITTEN).output
    assert "Reminders     none\nEnded         2026-12-03 11:00 (blocked)\n" in output
    assert "Number        not kept any more\n" in output
    assert "Objection     2026-12-03 11:00 (blocked)\n" in output
    assert "Carrier block 2026-12-03 11:00, until they text START\n" in output


def test_an_export_is_a_private_file_for_the_person(somebody: Person, environ: Path) -> None:
    result = helpline("export", *AS_WRITTEN)
    assert result.exit_code == 0, result.output
    (path,) = environ.glob("caller-*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MOBILE[3:] not in path.name
    found = json.loads(path.read_text())
    assert found["number"] == MOBILE
    assert found["fingerprint"] == somebody.fingerprint
    assert found["responsible"]["operator"] == "association Le Pont"
    assert {*found["about"]} == {"fr", "en"}
    assert found["proofs"][1]["text"] == ASK
    again = helpline("export", *AS_WRITTEN)
    assert again.exit_code == 1
    assert "File exists. Name another one with --to" in again.output


def test_an_export_may_go_to_standard_output(somebody: Person) -> None:
    assert json.loads(helpline("export", *AS_WRITTEN, "--to", "-").stdout)["language"] == "fr"


def test_an_operator_stops_somebody_and_one_text_tells_them(somebody: Person) -> None:
    result = helpline("stop", *AS_WRITTEN, "--yes")
    assert result.exit_code == 0, result.output
    assert result.output.endswith("Stopped. One text tells them.\n")
    assert somebody.scope == ""
    assert somebody.message_states()[("update", "middle")] == ("skipped", "operator")
    assert somebody.message_states()[("stopped", "")] == ("planned", "")
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.channel, ended.heard) == ("ended", "operator", "operator")
    assert [one.reason for one in somebody.consent.journal.read(0).withdrawals] == ["operator"]


def test_a_stop_of_who_has_no_reminders_notes_the_objection(consent: Consent) -> None:
    result = helpline("stop", *AS_WRITTEN, "--yes")
    assert "No reminders were active. The objection is noted" in result.output
    assert len(rows(consent.engine, objections)) == 1


def test_an_operator_erases_somebody(somebody: Person) -> None:
    result = helpline("erase", *AS_WRITTEN, "--yes")
    assert result.exit_code == 0, result.output
    assert result.output.endswith("Erased. What stays has no number: the objection, and the proof of consent.\n")
    assert rows(somebody.consent.engine, callers) == []
    assert rows(somebody.consent.engine, messages) == []
    shown = helpline("show", *AS_WRITTEN).output
    assert "Objection " in shown
    assert "(operator)" in shown
    assert ASK.split("\n")[0] in shown
    assert "Nothing was there to erase" in helpline("erase", *AS_WRITTEN, "--yes").output


def as_json(*words: str) -> dict[str, object]:
    """Standard output is one object, and nothing else."""
    result = helpline(*words, *AS_WRITTEN, "--yes", "--json")
    assert result.exit_code == 0, result.output
    assert MOBILE[3:] not in result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_programs_are_told_what_a_stop_did(somebody: Person) -> None:
    assert as_json("stop") == {"outcome": "stopped", "told_by_text": True}
    assert somebody.scope == ""
    assert as_json("stop") == {"outcome": "nothing_active", "told_by_text": True}  # the first one's still waits
    assert "Reminders" not in helpline("stop", *AS_WRITTEN, "--yes", "--json").stdout


def test_programs_are_told_what_an_erasing_did(somebody: Person) -> None:
    assert as_json("erase") == {"outcome": "erased", "told_by_text": False}
    assert rows(somebody.consent.engine, callers) == []
    assert as_json("erase") == {"outcome": "nothing_kept", "told_by_text": False}


def test_programs_are_told_when_the_database_is_down(monkeypatch: pytest.MonkeyPatch, environ: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://helpline@/helpline?host={environ}")
    assert as_json("stop") == {"outcome": "in_journal", "told_by_text": None}
    assert as_json("erase") == {"outcome": "in_journal", "told_by_text": False}
    load_settings()
    (environ / "var" / "demo-withdrawals.jsonl").unlink()
    (environ / "var" / "demo-withdrawals.jsonl").mkdir()
    result = helpline("stop", *AS_WRITTEN, "--yes", "--json")
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize("command", ["stop", "erase"])
def test_for_a_program_nothing_is_done_without_yes_either(somebody: Person, command: str) -> None:
    result = helpline(command, *AS_WRITTEN, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "add --yes" in result.stderr
    assert somebody.scope == "all"


@pytest.mark.parametrize("command", ["stop", "erase"])
def test_in_a_pipe_nothing_is_done_without_yes(somebody: Person, command: str) -> None:
    result = helpline(command, *AS_WRITTEN)
    assert result.exit_code == 2
    assert "add --yes" in result.output
    assert somebody.scope == "all"


def test_a_database_without_tables_is_told_with_the_fix() -> None:
    result = helpline("show", *AS_WRITTEN)
    assert result.exit_code == 1
    assert "Run: helpline migrate" in result.output


def test_a_stop_does_not_wait_for_a_database_that_is_down(monkeypatch: pytest.MonkeyPatch, environ: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://helpline@/helpline?host={environ}")
    result = helpline("stop", *AS_WRITTEN, "--yes")
    assert result.exit_code == 0, result.output
    assert "Written to the journal on disk" in result.output
    assert len((environ / "var" / "demo-withdrawals.jsonl").read_text().splitlines()) == 1
    assert MOBILE[3:] not in result.output
    assert helpline("show", *AS_WRITTEN).exit_code == 1


def test_a_stop_that_nothing_takes_is_an_error(monkeypatch: pytest.MonkeyPatch, environ: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://helpline@/helpline?host={environ}")
    load_settings()
    (environ / "var" / "demo-withdrawals.jsonl").mkdir()
    result = helpline("stop", *AS_WRITTEN, "--yes")
    assert result.exit_code == 1
    assert "Nothing was saved" in result.output


def test_what_waited_in_the_journal_is_applied_before_it_is_shown(somebody: Person) -> None:
    somebody.consent.journal.append(of(somebody, somebody.later(minutes=1).now))
    assert "Reminders     none" in helpline("show", *AS_WRITTEN).output


def test_somebody_at_a_terminal_is_asked_first(somebody: Person) -> None:
    assert at_a_terminal("erase", "n").endswith("Error: Nothing was changed.\n")
    assert somebody.scope == "all"
    seen = at_a_terminal("stop", "y")
    assert "End the reminders of this caller? [y/N]: y\n" in seen
    assert seen.endswith("Stopped. One text tells them.\n")
    assert somebody.scope == ""


def test_at_a_terminal_the_words_shown_are_framed(somebody: Person) -> None:
    with somebody.consent.engine.begin() as connection:
        connection.execute(update(messages).values(reason="30005"))
    seen = at_a_terminal("show", "")
    assert "shown, word for word" in seen
    assert "│ 1 Oui, tous" in seen
    assert re.search(r"update opening +2026-11 +delivered \(30005\)", seen)


def at_a_terminal(command: str, answer: str) -> str:
    """What somebody at a real terminal sees."""
    mine, theirs = pty.openpty()
    program = Path(sys.executable).with_name("helpline")
    process = subprocess.Popen(
        [program, "callers", command, *AS_WRITTEN],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "140"},
        start_new_session=True,
    )
    os.close(theirs)
    seen, answered, deadline = "", not answer, time.monotonic() + 45
    try:
        while time.monotonic() < deadline:
            if not select.select([mine], [], [], 0.1)[0]:
                continue
            try:
                seen += os.read(mine, 65536).decode()
            except OSError:  # it has ended
                break
            if not answered and "[y/N]:" in seen:
                os.write(mine, f"{answer}\n".encode())
                answered = True
    finally:
        process.kill()
        process.wait()
        os.close(mine)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen).replace("\r\n", "\n")
