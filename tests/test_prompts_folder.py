"""Edited prompts are taken up by a running server, if they pass."""

import itertools
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from helpline import prompts_folder
from helpline.app import create_app
from helpline.identity import identity_of
from helpline.menus.faults import PromptsError
from helpline.prompts_folder import PromptsFolder
from tests.conftest import Clock, settings_for
from tests.phone import Phone, flask_post

PATIENCE = 30.0
NO_PROMPTS = [
    b"menu: [",
    b"\xff\xfe",
    b"",
    b"[" * 5000,
    b"menu: &a [*a]\n",
    b"- a\n- b\n",
    b"a: b: c",
    b"!!python/object/apply:os.system ['true']",
    b"menu:\n  fr: 3\n",
    b"\0",
    b"? [a]\n: b\n",
]


@dataclass
class Edited:
    """A server in this process whose prompts are edited while it runs."""

    app: Flask
    folder: Path

    @property
    def phone(self) -> Phone:
        return Phone(flask_post(self.app))

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def prompts_part(self) -> dict[str, str]:
        part: dict[str, str] = self.app.test_client().get("/readyz").get_json()["parts"]["prompts"]
        return part

    def wait_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.prompts_part()
            time.sleep(0.05)


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edited:
    monkeypatch.setattr(prompts_folder, "LOOK_EVERY_SECONDS", 0.05)
    folder = tmp_path / "prompts"
    shutil.copytree(settings_for(tmp_path).prompts_dir, folder)
    environ = {"PROMPTS_DIR": str(folder), "REDIS_URL": "redis://127.0.0.1:1/0"}
    return Edited(create_app(settings_for(tmp_path, **environ), now=Clock()), folder)


def test_an_edit_without_faults_is_taken_up_and_one_with_a_fault_is_not(edited: Edited) -> None:
    (before,) = edited.phone.text("menu")
    version = edited.prompts_part()["version"]

    edited.change("main.yaml", "3 Inscription", "3 S'inscrire")
    edited.wait_for(lambda: edited.prompts_part()["version"] != version)
    assert edited.phone.text("menu") == [before.replace("3 Inscription", "3 S'inscrire")]
    assert edited.prompts_part()["state"] == "ok"
    good = edited.prompts_part()["version"]

    edited.change("main.yaml", "3 S'inscrire", "3 S'inscrire {nonsense}")
    edited.wait_for(lambda: edited.prompts_part()["state"] == "degraded")
    part = edited.prompts_part()
    assert part["version"] == good
    assert "main.yaml:" in part["means"]
    assert "nonsense" in part["means"]
    assert edited.phone.text("menu") == [before.replace("3 Inscription", "3 S'inscrire")]

    edited.change("main.yaml", " {nonsense}", "")
    edited.wait_for(lambda: edited.prompts_part()["state"] == "ok")
    assert edited.prompts_part()["version"] == good


def test_whatever_is_saved_the_old_words_stay_in_use_and_the_refusal_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    settings = settings_for(tmp_path)
    shutil.copytree(settings.prompts_dir, folder)
    seconds = itertools.count(step=10)
    prompts = PromptsFolder(folder, settings.languages, identity_of(settings), lambda: float(next(seconds)))
    loaded = prompts.current()
    for number, saved in enumerate(NO_PROMPTS):
        before = prompts.refused
        (folder / "main.yaml").write_bytes(saved)
        os.utime(folder / "main.yaml", ns=(number, number))
        deadline = time.monotonic() + PATIENCE
        while prompts.refused is before:
            assert prompts.current() is loaded
            assert time.monotonic() < deadline, saved[:50]
            time.sleep(0.01)
        assert prompts.refused


def test_ears_are_made_for_who_listens_and_before_an_edit_is_taken_up(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    settings = settings_for(tmp_path)
    shutil.copytree(settings.prompts_dir, folder)
    prompts = PromptsFolder(folder, settings.languages, identity_of(settings))
    first = prompts.loaded
    assert "ears" not in vars(first)
    prompts.listen()
    assert "ears" in vars(first)
    (folder / "main.yaml").touch()
    prompts.refresh()
    assert prompts.loaded is not first
    assert "ears" in vars(prompts.loaded)


def test_a_folder_that_vanishes_leaves_the_old_words_in_use(edited: Edited) -> None:
    before = edited.phone.text("menu")
    edited.folder.rename(edited.folder.with_name("elsewhere"))
    edited.wait_for(lambda: edited.prompts_part()["state"] == "degraded")
    assert edited.phone.text("menu") == before
    edited.folder.with_name("elsewhere").rename(edited.folder)
    edited.wait_for(lambda: edited.prompts_part()["state"] == "ok")


def test_a_new_recording_is_taken_up(edited: Edited) -> None:
    menu = edited.phone.press(edited.phone.dial(), "1")
    assert menu.xml.find("Gather/Play") is None
    (edited.folder / "audio" / "fr").mkdir(parents=True, exist_ok=True)
    (edited.folder / "audio" / "fr" / "menu.mp3").write_bytes(b"x")
    edited.wait_for(lambda: edited.phone.press(edited.phone.dial(), "1").xml.find("Gather/Play") is not None)


def test_a_session_at_a_place_that_is_gone_is_answered(edited: Edited) -> None:
    call = edited.phone.press(edited.phone.press(edited.phone.dial(), "1"), "2")
    gone = call.keys_url.replace("signin", "gone")
    assert edited.phone.follow(gone, [("Digits", "1")]).said


def test_a_file_that_could_not_be_read_for_a_while_is_taken_up_without_another_edit(edited: Edited) -> None:
    lock = edited.folder / ".#main.yaml"
    lock.symlink_to("nobody@nowhere")
    broken = edited.folder / "extra.yaml"
    broken.write_bytes(b"\xff\xfe")
    edited.wait_for(lambda: edited.prompts_part()["state"] == "degraded")
    broken.unlink()
    edited.wait_for(lambda: edited.prompts_part()["state"] == "ok")


def test_edits_are_taken_up_although_nobody_texts(edited: Edited) -> None:
    edited.phone.text("menu")
    edited.change("main.yaml", "3 Inscription", "3 S'inscrire")
    folder = edited.app.extensions["prompts"]
    edited.wait_for(lambda: "S'inscrire" in folder.loaded.prompts.form("menu", "fr").sms[0].text)


def test_files_that_cannot_be_opened_several_times_in_a_row_are_read_as_soon_as_they_can(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, failures = prompts_folder.read_files, iter(range(3))

    def too_many_open_files(folder: Path) -> dict[str, str]:
        if next(failures, None) is not None:
            raise PromptsError([prompts_folder.unreadable("main.yaml", OSError(24, "Too many open files"))])
        return read(folder)

    version = edited.prompts_part()["version"]
    monkeypatch.setattr(prompts_folder, "read_files", too_many_open_files)
    edited.change("main.yaml", "3 Inscription", "3 S'inscrire")
    edited.wait_for(lambda: edited.prompts_part()["version"] != version)
    assert edited.prompts_part()["state"] == "ok"


def test_a_place_that_asks_for_what_nothing_can_do_is_refused(edited: Edited) -> None:
    (edited.folder / "call.yaml").write_text(
        "call.somebody:\n  effect: ring\n  outcomes:\n    rung: goodbye\n"
        "  fr:\n    label: Appel\n    keywords: sonnez-moi\n  en:\n    label: Call\n    keywords: ring me\n",
        encoding="utf-8",
    )
    edited.wait_for(lambda: "Nothing can do 'ring'" in edited.prompts_part().get("means", ""))
