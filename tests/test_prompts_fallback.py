"""`helpline prompts fallback`: what Twilio says to callers while this server does not answer."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from helpline.cli import main
from helpline.identity import identity_of
from helpline.menus import gsm7
from helpline.menus.prompts import Prompts
from helpline.prompts_command.fallback import CALLS, TEXTS, fallback_files, segments_of, text_of
from helpline.prompts_folder import load_prompts
from helpline.settings import load_settings
from helpline.simulator.twiml.reading import read_call, read_texts


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    settings = load_settings({"HELPLINE_ENV": "demo"})
    return load_prompts(settings.prompts_dir, settings.languages, identity_of(settings))


def written(folder: Path, **environ: str) -> Result:
    return CliRunner().invoke(main, ["prompts", "fallback", str(folder)], env={"HELPLINE_ENV": "demo", **environ})


def test_two_files_are_written_and_told(tmp_path: Path) -> None:
    told = written(tmp_path / "new" / "folder")
    assert told.exit_code == 0
    assert {file.name for file in (tmp_path / "new" / "folder").iterdir()} == {TEXTS, CALLS}
    assert "costs 2 segments" in told.output


def test_a_text_gets_one_message_in_every_language(prompts: Prompts) -> None:
    (message,), _ = read_texts(fallback_files(prompts)[TEXTS])
    assert message.body == text_of(prompts)
    for words in ("3949", "112", "STOP"):
        assert text_of(prompts).count(words) == len(prompts.languages)


def test_the_text_fits_two_segments(prompts: Prompts) -> None:
    assert segments_of(prompts) <= 2
    assert gsm7.septets(text_of(prompts)) <= 306


def test_a_call_hears_each_language_in_its_own_voice_and_ends(prompts: Prompts) -> None:
    read_call(fallback_files(prompts)[CALLS])  # the simulated carrier finds no fault in it
    response = ElementTree.fromstring(fallback_files(prompts)[CALLS])
    assert [verb.tag for verb in response] == ["Say"] * len(prompts.languages) + ["Hangup"]
    voices = [prompts.menus.languages[code].voice for code in prompts.languages]
    assert [say.get("voice") for say in response.findall("Say")] == voices


def test_it_names_no_address_of_the_server_that_is_away(prompts: Prompts) -> None:
    for content in fallback_files(prompts).values():
        assert "http" not in content.replace('encoding="UTF-8"', "")
        assert "{" not in content


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = written(tmp_path / "file" / "folder")
    assert told.exit_code == 1
    assert "Name another folder" in told.output


@pytest.mark.parametrize("name", [TEXTS, CALLS])
def test_the_files_are_small(prompts: Prompts, name: str) -> None:
    assert len(fallback_files(prompts)[name].encode()) < 4000
