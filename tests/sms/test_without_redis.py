"""Texts while Redis is down: what has a word is done, and a plain yes answers what was asked a moment ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import Line
from tests.conversations.performer import Agreed
from tests.server.running import wait_until
from tests.sms.talk import talk


@pytest.mark.parametrize("state", ["refuse", "hang"])
def test_without_redis_everything_that_has_a_word_is_done(line: Line, state: str) -> None:
    caller = talk(line, Agreed("all"))
    getattr(line.wire, state)()
    for word in ("FAIT", "7", "rappel", "données", "pas moi", "STOP", "START"):
        assert caller(word)
    assert caller("", opt_out="STOP") == ()
    assert caller("", opt_out="START") == ()
    names = ["done", "done", "look_up_reminders", "show_data", "not_me", "stop", "start", "stop", "start"]
    assert caller.done == names


def test_without_redis_a_yes_within_half_an_hour_confirms(line: Line) -> None:
    caller = talk(line)
    (asked,) = caller("remind me")
    line.wire.refuse()
    caller("1")
    assert caller.agreed.scope == ""
    caller("YES")
    assert caller.agreed.scope == "all"
    assert (caller.last.shown, caller.last.language) == (asked, "en")


@pytest.mark.parametrize(
    ("asking", "words", "kindly"),
    [("remind me", "Reply with a number", "No problem"), ("rappel", "Répondez avec un chiffre", "Pas de souci")],
)
def test_without_redis_the_question_is_talked_about_in_its_language(
    line: Line, asking: str, words: str, kindly: str
) -> None:
    caller = talk(line)
    caller(asking)
    line.wire.refuse()
    for said, answer in (("ok", kindly), ("👍", kindly), ("1", words)):
        assert answer in " ".join(caller(said)), said


@pytest.mark.parametrize("words", ["mouais", "oui ?", "ok merci", "non pas oui", "oui tous"])
def test_without_redis_nothing_but_a_plain_yes_confirms(line: Line, words: str) -> None:
    caller = talk(line)
    caller("rappel")
    line.wire.refuse()
    caller(words)
    assert caller.agreed.scope == ""


LEAVING = ["NON", "STOP", "MENU", "EFFACER", "contact", "aide", "pas moi", "0", "données"]


@pytest.mark.parametrize("word", LEAVING)
def test_without_redis_a_yes_after_the_question_was_left_confirms_nothing(line: Line, word: str) -> None:
    caller = talk(line)
    caller("rappel")
    caller(word)
    line.wire.refuse()
    caller("OUI")
    assert caller.agreed.scope == ""


@pytest.mark.parametrize("word", LEAVING)
def test_the_question_is_left_without_redis_too(line: Line, word: str) -> None:
    caller = talk(line)
    caller("rappel")
    line.wire.refuse()
    caller(word)
    caller("OUI")
    assert caller.agreed.scope == ""


def test_the_question_is_left_by_words_and_answered_after_it_came_again(line: Line) -> None:
    caller = talk(line)
    for word in ("rappel", "non", "rappel"):
        caller(word)
    assert caller.done == ["look_up_reminders", "refuse", "look_up_reminders"]
    assert (caller.agreed.effects[1].heard, caller.agreed.effects[1].language) == ("no", "fr")
    line.wire.refuse()
    caller("OUI")
    assert caller.agreed.scope == "all"


@pytest.mark.parametrize("word", ["ok", "d'accord", "Oui merci", "ouais", "yep"])
def test_without_redis_only_the_words_of_the_question_confirm(line: Line, word: str) -> None:
    caller = talk(line)
    caller("rappel")
    line.wire.refuse()
    caller(word)
    assert caller.agreed.scope == ""


def test_without_redis_a_yes_that_answers_nothing_is_no_yes(line: Line) -> None:
    caller = talk(line)
    line.wire.refuse()
    caller("oui")
    caller.now += timedelta(minutes=31)
    caller("rappel")
    caller.now += timedelta(minutes=31)
    caller("oui")
    assert caller.agreed.scope == ""


def is_back(line: Line) -> bool:
    return bool(line.app.test_client().get("/readyz").get_json()["parts"]["redis"]["state"] == "ok")


def test_a_yes_after_redis_is_back_answers_what_was_asked_without_it(line: Line) -> None:
    caller = talk(line)
    line.wire.refuse()
    (asked,) = caller("remind me")
    line.wire.forward()
    wait_until(lambda: is_back(line), lambda: "Redis does not come back")
    caller("YES")
    assert caller.agreed.scope == "all"
    assert (caller.last.shown, caller.last.language) == (asked, "en")


@pytest.mark.parametrize("word", LEAVING)
def test_a_yes_after_redis_is_back_confirms_nothing_that_was_left(line: Line, word: str) -> None:
    caller = talk(line)
    line.wire.refuse()
    caller("rappel")
    caller(word)
    line.wire.forward()
    wait_until(lambda: is_back(line), lambda: "Redis does not come back")
    caller("OUI")
    assert caller.agreed.scope == ""
