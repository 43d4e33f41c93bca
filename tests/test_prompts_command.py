import re
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helpline.cli import main
from helpline.identity import identity_of
from helpline.menus.dates import PARIS
from helpline.prompts_command.node_shown import NodeView
from helpline.prompts_folder import load_folder
from helpline.setting_rules import LONGEST_OPERATOR
from helpline.settings import load_settings
from helpline.terminal import Terminal
from tests.menus.mistakes import FIFTEEN, Case, broken_prompts, place

FROM_SHELL = ("HELPLINE_ENV", "HELPLINE_LANGUAGES", "PROMPTS_DIR", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
TOO_LONG = Case("too long", "", "", broken=place(f"text: {FIFTEEN} seize. Appelez le 3949."))
NO_YAML = Case("no YAML", "", "", broken="broken: 'a\nb: c: d\n")


def helpline(*words: str, **env: str) -> Result:
    return CliRunner().invoke(main, words, env={**dict.fromkeys(FROM_SHELL), **env})


@pytest.fixture(autouse=True)
def var_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))


def test_the_prompts_of_this_repository_have_no_fault() -> None:
    result = helpline("prompts", "check", "--quiet")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(
        r"Looked at \d+ places, 2 languages \(fr, en\), \d+ facts: 0 faults, \d+ warnings?\.\n", result.output
    )


@pytest.mark.parametrize("voice", ["+33199001234", "+262262000012"])
def test_they_have_none_for_the_longest_names_that_the_settings_take(
    voice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPLINE_ENV", "demo")
    name = "Centre communal d'action sociale d'Agens"
    assert len(name) == LONGEST_OPERATOR
    monkeypatch.setenv("OPERATOR_NAME", name)
    monkeypatch.setenv("VOICE_NUMBER", voice)
    assert "0 faults" in CliRunner().invoke(main, ["prompts", "check", "--quiet"]).output


def test_faults_stand_last_where_one_looks_with_how_to_mend_them(tmp_path: Path) -> None:
    result = helpline("prompts", "check", PROMPTS_DIR=str(broken_prompts(tmp_path, TOO_LONG)))
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0] == "Warnings"
    faults = lines[lines.index("Faults") :]
    assert re.fullmatch(r"  broken\.yaml:\d+  broken \(en\)", faults[1])
    assert faults[2].startswith("    A sentence has 16 words: ")
    assert faults[3] == "      Mend: make two of it."
    assert lines[-1].startswith("Looked at ")
    assert ": 2 faults, " in lines[-1]


def test_one_fault_is_told_once(tmp_path: Path) -> None:
    result = helpline("prompts", "check", "-q", PROMPTS_DIR=str(broken_prompts(tmp_path, TOO_LONG)))
    assert result.output.count("A sentence has 16 words") == 2  # once a language
    assert "Warnings" not in result.output


def test_prompts_that_cannot_be_read_are_told_too(tmp_path: Path) -> None:
    folder = str(broken_prompts(tmp_path, NO_YAML))
    result = helpline("prompts", "check", PROMPTS_DIR=folder)
    assert result.exit_code == 1
    assert "1 fault, 0 warnings. The rest is looked at once these are mended." in result.output
    shown = helpline("prompts", "show", "menu", PROMPTS_DIR=folder)
    assert shown.exit_code == 1
    assert "broken.yaml:" in shown.output


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = helpline("prompts", "check", PROMPTS_DIR=str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "There is no such folder." in result.output


def test_a_place_is_shown_as_texted_and_as_spoken() -> None:
    result = helpline("prompts", "show", "contact", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("contact  (topic, en)  contact.yaml:")
    assert re.search(r"^Text 1 of \d: 2 SMS, \d+ characters  \(1 [a-z.]+", result.output, re.MULTILINE)
    assert re.search(r"^Call 1 of \d: [\d.]+ s, [\d.]+ s before the first key", result.output, re.MULTILINE)
    assert "\n  F105 (" in result.output
    assert "checked 2026-" in result.output
    assert "{" not in result.output


@pytest.mark.parametrize(
    ("day", "state", "others"),
    [
        ("2026-12-10", "On jeudi 10 décembre 2026 it is open: ", "last_day: "),
        ("2026-12-15", "On mardi 15 décembre 2026 it is last_day: ", "closed: "),
        ("2026-12-20", "On dimanche 20 décembre 2026 it is closed: ", "open: "),
    ],
)
def test_a_computed_place_is_shown_as_on_a_day(day: str, state: str, others: str) -> None:
    result = helpline("prompts", "show", "update.when", "--on", day)
    assert result.exit_code == 0, result.output
    assert state in result.output
    assert others in result.output.partition("Other cases: ")[2].splitlines()[0]
    assert "{" not in result.output


def test_every_place_can_be_shown_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings({"TWILIO_AUTH_TOKEN": "any", "HELPLINE_ENV": "demo"})
    prompts = load_folder(settings.prompts_dir, settings.languages, identity_of(settings)).prompts
    for code in prompts.languages:
        view = NodeView(prompts, frozenset({f"{code}/contact.mp3"}), code, datetime(2026, 12, 15, tzinfo=PARIS))
        for node in prompts.menus.nodes:
            view.show(Terminal(), node)
    shown = capsys.readouterr().out
    assert "(the recording audio/fr/contact.mp3, in place of the voice)" in shown
    assert "{" not in shown
    assert "<" not in shown


def test_a_name_that_is_almost_right_gets_its_neighbours() -> None:
    result = helpline("prompts", "show", "updat.whn")
    assert result.exit_code == 2
    assert "there is no place 'updat.whn'. Near to it: update.when" in result.output


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--lang", "xx"], "use one of fr, en"), (["--on", "12/12"], "write a date as 2026-12-10")],
)
def test_options_that_make_no_sense_are_refused_with_an_example(options: list[str], told: str) -> None:
    result = helpline("prompts", "show", "menu", *options)
    assert result.exit_code == 2
    assert told in result.output


def test_without_a_subcommand_its_help_is_shown() -> None:
    result = helpline("prompts")
    for word in ("check", "show", "Examples:"):
        assert word in result.output
