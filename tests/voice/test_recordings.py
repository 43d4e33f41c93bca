"""Recordings in prompts/audio replace synthetic speech."""

import shutil

import pytest
from flask import Flask

from helpline.app import create_app
from tests.conftest import Clock, settings_for
from tests.phone import Phone, flask_post
from tests.voice.twiml_rules import faults_of


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("recorded")
    settings = settings_for(folder)
    prompts = folder / "prompts"
    shutil.copytree(settings.prompts_dir, prompts, ignore=shutil.ignore_patterns("audio"))
    for name in ("fr/menu.mp3", "fr/signin.steps.2.wav", "fr/notes.txt", "en/signin.mp3"):
        (prompts / "audio" / name).parent.mkdir(parents=True, exist_ok=True)
        (prompts / "audio" / name).write_bytes(b"sound of " + name.encode())
    (prompts / "audio" / "secret.mp3").write_bytes(b"not in a language")
    (folder / "outside.mp3").write_bytes(b"outside")
    return create_app(settings_for(folder, PROMPTS_DIR=str(prompts), REDIS_URL="redis://127.0.0.1:1/0"), now=Clock())


def test_a_recording_is_played_in_place_of_the_voice(recorded: Flask) -> None:
    phone = Phone(flask_post(recorded))
    menu = phone.press(phone.dial(), "1")
    assert faults_of(menu.text) == []
    assert menu.xml.findtext("Gather/Play") == "/audio/fr/menu.mp3"
    english = phone.press(phone.dial(), "2")
    assert english.xml.find("Gather/Play") is None
    steps = phone.press(phone.press(menu, "2"), "1")
    assert steps.xml.find("Gather/Play") is None
    assert phone.press(steps, "6").xml.findtext("Gather/Play") == "/audio/fr/signin.steps.2.wav"


@pytest.mark.parametrize(("name", "kind"), [("fr/menu.mp3", "audio/mpeg"), ("fr/signin.steps.2.wav", "audio/wav")])
def test_it_is_served_with_headers_to_keep_it(recorded: Flask, name: str, kind: str) -> None:
    client = recorded.test_client()
    with client.get(f"/audio/{name}") as got:
        assert (got.status_code, got.data) == (200, b"sound of " + name.encode())
        assert got.content_type == kind
        assert got.cache_control.public
        assert got.cache_control.max_age == 3600
        tag = got.headers["ETag"]
    with client.get(f"/audio/{name}", headers={"If-None-Match": tag}) as got:
        assert got.status_code == 304
    with client.get(f"/audio/{name}", headers={"Range": "bytes=0-4"}) as got:
        assert got.data == b"sound"
    with client.head(f"/audio/{name}") as got:
        assert got.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/audio/../main.yaml",
        "/audio/fr/../../main.yaml",
        "/audio/fr/..%2f..%2fmain.yaml",
        "/audio/..%2f..%2foutside.mp3/x",
        "/audio/%2e%2e/outside.mp3",
        "/audio/../outside.mp3",
        "/audio/fr/notes.txt",
        "/audio/fr/nothing.mp3",
        "/audio/secret.mp3",
        "/audio/./secret.mp3",
        "/audio/fr/",
        "/audio/fr",
        "/audio/",
        "/audio/fr/menu.mp3/",
        "/audio/fr/menu.mp3%00",
        "/audio/fr/menu.mp3%00.txt",
        "/audio//etc/passwd",
        "/audio/fr/%ff",
        "/audio/FR/menu.mp3",
        "/audio/fr\\menu.mp3",
    ],
)
def test_nothing_else_is_served(recorded: Flask, path: str) -> None:
    with recorded.test_client().get(path) as got:
        assert got.status_code in (404, 308)
        assert b"outside" not in got.data
