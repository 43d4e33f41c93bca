"""STOP, START and "not me" by text: they count whatever the carrier, the loop guard or the language has to say."""

from __future__ import annotations

import pytest

from tests.conftest import Line
from tests.conversations.performer import Agreed
from tests.sms.talk import talk


@pytest.mark.parametrize("language", ["FR", "EN"])
@pytest.mark.parametrize(
    "word", ["STOP", "arrêt", "désabonner", "stop svp", "unsubscribe", "стоп", "توقف", "ＳＴＯＰ", "Stop sms merci"]
)
def test_a_stop_ends_everything_whatever_its_word_and_the_language(line: Line, word: str, language: str) -> None:
    caller = talk(line, Agreed("all"))
    caller(language)
    assert len(caller(word)) == 1
    assert (caller.done, caller.agreed.scope) == (["stop"], "")


@pytest.mark.parametrize("body", ["arrêtez svp", "STOP", "1", "whatever", ""])
def test_a_stop_that_the_carrier_answered_ends_everything_in_silence(line: Line, body: str) -> None:
    caller = talk(line, Agreed("all"))
    caller("rappel")
    assert caller(body, opt_out="STOP") == ()
    assert (caller.done[-1], caller.agreed.scope) == ("stop", "")
    assert caller("merci") == ()


def test_a_start_that_the_carrier_answered_lifts_the_block_in_silence(line: Line) -> None:
    caller = talk(line, Agreed(is_blocked=True))
    caller("rappel")
    assert caller("START", opt_out="START") == ()
    assert not caller.agreed.is_blocked
    (page,) = caller("1")
    assert "L'actualisation est ouverte" in page  # the digit answers what we sent last


def test_a_start_signs_nobody_up(line: Line) -> None:
    caller = talk(line)
    caller("rappel")
    for word, opt_out in (("START", ""), ("START", "START"), ("UNSTOP", ""), ("oui", "START")):
        caller(word, opt_out)
    assert caller.agreed.scope == ""
    assert set(caller.done) == {"look_up_reminders", "start", "refuse"}


@pytest.mark.parametrize("opt_out", ["HELP", "SOMETHING"])
def test_whatever_else_the_carrier_answered_agrees_to_nothing(line: Line, opt_out: str) -> None:
    caller = talk(line)
    caller("rappel")
    assert caller("1", opt_out) == ()
    assert caller.agreed.scope == ""
    caller("1")
    assert caller.agreed.scope == "all"


def test_a_stop_counts_while_the_loop_guard_is_silent(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    answers = [caller("bla bla") for _ in range(10)]
    assert answers[-1] == ()
    assert len(caller("STOP")) == 1
    assert caller.done == ["stop"]


def test_each_further_stop_counts_too_and_is_not_confirmed_again(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    answers = [caller("STOP") for _ in range(9)]
    assert caller.done == ["stop"] * 9
    assert answers[0]
    assert answers[-3:] == [()] * 3


def test_a_stop_that_cannot_be_kept_is_never_silent(line: Line) -> None:
    caller = talk(line, Agreed("all", is_down=True))
    answers = [caller("STOP") for _ in range(9)]
    assert {"STOP" in " ".join(answer) for answer in answers} == {True}


def test_the_wrong_person_is_heard_while_the_loop_guard_is_silent(line: Line) -> None:
    caller = talk(line, Agreed("all"))
    for _ in range(10):
        caller("bla bla")
    assert caller("pas moi")
    assert caller.agreed.scope == ""
