"""Calls turn by turn: keys, silence, speech, languages, and sessions that stand in the URL."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from helpline.app import create_app
from helpline.conversation import session
from helpline.conversation.session import Session
from helpline.simulator.line.wishes import OF_ENTRIES, wishes_of
from tests.conftest import Clock, Line, Server, redis_of, settings_for
from tests.phone import Phone, flask_post, new_number


def test_a_whole_call(server: Server) -> None:
    phone = server.phone()
    hello = phone.dial()
    assert "français" in hello.said
    assert "English" in hello.said
    menu = phone.press(hello, "2")
    assert "press 1" in menu.said
    again = phone.wait(menu)
    assert "press 1" in again.said
    login = phone.press(again, "2")
    assert login.said != menu.said
    wrong = phone.press(login, "8")
    assert "press 1" in wrong.said
    assert phone.press(wrong, "*").said == menu.said
    assert phone.press(login, "#").said.startswith(menu.said[:60])
    last = login
    for _ in range(3):
        last = phone.wait(last)
    assert last.hangs_up
    assert phone.follow("/twilio/voice/status", [("CallStatus", "completed")]).status == 204


def test_a_known_language_is_spoken_at_once_and_the_others_are_offered(line: Line, phone: Phone) -> None:
    phone.text("EN")
    hello = phone.dial()
    assert "press 1" in hello.said
    assert "français" in hello.said
    assert hello.xml.findall("Gather/Say")[-1].get("language", "").startswith("en")


def test_a_call_is_remembered_by_nobody(line: Line, phone: Phone) -> None:
    phone.press(phone.dial(), "2")
    assert line.kept() == {}


def test_the_same_request_gets_the_same_bytes(line: Line, phone: Phone) -> None:
    hello = phone.dial()
    assert phone.dial().text == hello.text
    first = phone.press(hello, "1")
    assert phone.press(hello, "1").text == first.text
    line.clock.pass_by(hours=1)
    assert phone.press(hello, "1").text == first.text


def test_hash_is_the_main_menu_and_star_goes_back(phone: Phone) -> None:
    menu = phone.press(phone.dial(), "1")
    login = phone.press(menu, "2")
    steps = phone.press(login, "1")
    assert phone.press(steps, "*").said == login.said
    assert phone.press(steps, "#").said == menu.said


def test_silence_helps_twice_and_then_ends_kindly_with_a_number(phone: Phone) -> None:
    reply = phone.press(phone.dial(), "1")
    words = [reply.said]
    for _ in range(2):
        reply = phone.wait(reply)
        assert not reply.hangs_up
        words.append(reply.said)
    reply = phone.wait(reply)
    assert reply.hangs_up
    assert "3 9 4 9" in reply.said or "0 1" in reply.said or "01" in reply.said
    assert words[1] == words[2] != words[0]


def test_without_speech_only_keys_are_waited_for(phone: Phone) -> None:
    gather = phone.dial().xml.find("Gather")
    assert gather is not None
    assert gather.attrib.keys() == {"input", "numDigits", "finishOnKey", "timeout", "method", "action"}
    assert gather.get("input") == "dtmf"


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Phone:
    """A caller of a helpline that understands speech; its Redis is not there."""
    environ = {"VOICE_SPEECH": "1", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return Phone(flask_post(create_app(settings_for(tmp_path_factory.mktemp("talking"), **environ), now=Clock())))


def test_speech_is_expected_in_the_language_with_the_words_of_the_menu(talking: Phone) -> None:
    menu = talking.press(talking.dial(), "2")
    gather = menu.xml.find("Gather")
    assert gather is not None
    assert gather.get("input") == "dtmf speech"
    assert gather.get("language") == "en-GB"
    assert "password" in gather.attrib["hints"].lower()
    assert gather.get("speechTimeout") == "auto"


def test_what_was_said_is_confirmed_by_a_key(talking: Phone) -> None:
    menu = talking.press(talking.dial(), "1")
    asked = talking.speak(menu, "Mot de passe oublié.")
    topic = talking.press(asked, "1")
    assert "mot de passe" in asked.said.lower()
    assert "oublié" in asked.said
    assert topic.said != asked.said
    assert "francetravail" in topic.said.replace(" ", "").lower() or "france travail" in topic.said


def test_a_key_counts_more_than_what_was_heard_beside_it(talking: Phone) -> None:
    menu = talking.press(talking.dial(), "1")
    both = talking.follow(menu.keys_url, [("Digits", "2"), ("SpeechResult", "inscription")])
    assert both.said == talking.press(menu, "2").said


def test_danger_that_was_spoken_is_answered_at_once(talking: Phone) -> None:
    menu = talking.press(talking.dial(), "1")
    assert "112" in talking.speak(menu, "Je veux mourir.").said.replace("1 1 2", "112")


def test_the_session_of_a_call_never_grows_beyond_what_a_url_holds(phone: Phone) -> None:
    reply = phone.press(phone.dial(), "1")
    longest = 0
    for key in "2161*16*25160123459*#01234569" * 4:
        if reply.hangs_up:
            reply = phone.dial()
        reply = phone.press(reply, key)
        if not reply.hangs_up:
            longest = max(longest, len(reply.keys_url))
            where = reply.keys_url.partition("#")[0].rsplit("/", 1)[1]
            assert session.decode(where) != Session()
    assert longest < 300


def test_whatever_a_call_goes_on_with_is_asked_for_again_where_a_server_dies(phone: Phone) -> None:
    reply = phone.press(phone.dial(), "1")
    for url in (reply.keys_url, reply.silence_url, phone.wait(reply).keys_url):
        assert wishes_of(url) == wishes_of(OF_ENTRIES)


def test_a_public_url_is_where_twilio_is_sent(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, PUBLIC_URL="https://example.org/a&b"), now=Clock())
    phone = Phone(flask_post(app), base="https://example.org/a&b")
    hello = phone.dial()
    assert hello.keys_url.startswith("https://example.org/a&b/twilio/voice/turn/")
    assert ElementTree.fromstring(hello.text).findtext("Redirect", "").startswith("https://example.org/a&b/twilio/")
    assert phone.press(hello, "1").status == 200
    assert phone.wait(hello).status == 200


def test_a_language_that_is_remembered_but_no_longer_spoken_is_asked_for(line: Line) -> None:
    phone = line.phone()
    phone.number = new_number()
    phone.text("EN")
    with redis_of(line.valkey) as client:
        (key,) = client.keys("language:*")
        client.set(key, "uk")
    assert "français" in phone.dial().said
