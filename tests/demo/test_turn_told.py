"""What a demo tells the curious of each turn: place, what was heard and why, effects. Nothing of the caller's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from helpline.conversation.heard import SILENCE, Heard
from helpline.conversation.turn import Context
from helpline.demo.turn_told import HEADER, why
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import THURSDAY, redis_of
from tests.demo.demos import demo_app, demo_settings
from tests.phone import Phone, Reply, flask_post, new_sid


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, shared_valkey: EmbeddedValkey) -> Iterator[Flask]:
    yield demo_app(demo_settings(tmp_path_factory.mktemp("told"), REDIS_URL=shared_valkey.url))
    with redis_of(shared_valkey) as client:
        client.flushall()


@pytest.fixture(scope="module")
def shown(app: Flask) -> Phone:
    return Phone(flask_post(app))


@pytest.fixture
def caller(shown: Phone) -> Phone:
    return Phone(shown.post)


def told(reply: Reply) -> dict[str, Any]:
    assert reply.headers[HEADER].isascii()
    return dict(json.loads(reply.headers[HEADER]))


def test_a_keyword_is_told_with_the_place_that_it_names(caller: Phone) -> None:
    found = told(caller.sms("bonjour j'ai perdu mon mot de passe svp"))
    assert found["heard"] == "topics"
    assert found["place"] == "signin.password"
    assert found["why"] == f"keyword 'mot de passe' of {found['said']}"
    assert found["language"] == "fr"
    assert found["effects"] == []
    assert 0 < found["milliseconds"] < 60_000


def test_a_digit_is_told_as_the_key_of_the_last_message(caller: Phone) -> None:
    caller.sms("menu")
    found = told(caller.sms("1"))
    assert (found["heard"], found["said"], found["why"]) == ("key", "1", "key 1 of the last message")


def test_effects_are_told_with_their_outcomes(caller: Phone) -> None:
    found = told(caller.sms("stop"))
    assert found["said"] == "stop"
    assert found["why"] == "STOP, whatever else stands there"
    assert found["effects"] == [["stop", "stopped"]]


def test_a_call_tells_its_keys_and_its_silences(caller: Phone) -> None:
    first = caller.dial()
    assert told(first)["heard"] == ""
    pressed = caller.press(first, "1")
    assert told(pressed)["why"] == "key 1 of the call"
    assert told(caller.wait(pressed))["why"] == "nothing was pressed or said"


def test_a_text_that_comes_again_takes_no_turn(caller: Phone) -> None:
    sid = new_sid()
    caller.sms("menu", sid)
    assert told(caller.sms("menu", sid))["why"] == "no turn was taken"


def test_neither_the_number_nor_the_words_of_a_caller_stand_in_it(caller: Phone) -> None:
    for body in (
        "Zorglub37 mot de passe",
        "zorglub37",
        "mon numéro est 2 85 05 78 006 084 91 zorglub37",
        "mon mot de passe est zorglub37",
        "je veux mourir zorglub37",
        "zorglub37 stop",
        "zorglub37\x00\u202e😀",
    ):
        found = told(caller.sms(body))
        del found["milliseconds"]  # which may be any digits
        shown = json.dumps(found, ensure_ascii=False)
        assert "zorglub" not in shown.lower()
        assert caller.number.lstrip("+") not in shown
        assert "006" not in shown


def test_what_nobody_signed_is_told_nothing(shown: Phone) -> None:
    refused = shown.post("/twilio/sms", b"Body=menu", {})
    assert refused.status == 403
    assert HEADER not in refused.headers


def test_other_routes_tell_nothing(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", "/healthz", "/readyz", "/phone/date"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert HEADER not in answer.headers


@pytest.mark.parametrize(
    ("heard", "channel", "expected"),
    [
        (Heard("key", ("2",), said="mot de passe"), "sms", "the words of key 2"),
        (Heard("command", ("menu",), said="menu"), "sms", "'menu', which works anywhere"),
        (Heard("command", ("stop",), said="arret"), "voice", "STOP, whatever else stands there"),
        (Heard("language", language="en"), "sms", "a language was asked for"),
        (Heard("topics", ("a", "b")), "sms", "it may be about a, b: asked back"),
        (Heard("topics", ("a",)), "sms", "nearest to the keywords of a"),
        (Heard("danger"), "sms", "words of danger: emergency numbers come first"),
        (Heard("secret", ("card",)), "sms", "it looks like a bank card: not kept"),
        (Heard("yes", literal=True, said="oui"), "sms", "'oui', a plain word of yes"),
        (Heard("thanks"), "sms", "'thanks', a word of thanks"),
        (Heard("unsure"), "sms", "yes and no at once"),
        (SILENCE, "voice", "nothing was pressed or said"),
    ],
)
def test_why_is_said_in_a_few_plain_words(heard: Heard, channel: Any, expected: str) -> None:
    assert why(heard, Context(channel, THURSDAY), lambda node: "") == expected
