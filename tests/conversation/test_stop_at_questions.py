"""Who is asked for a day or a time and wants to hear no more is obeyed: a date beside STOP is no answer."""

from __future__ import annotations

import pytest

from helpline.conversation.session import Place, Session
from tests.conversation.callers import MONDAY, Texter

QUESTIONS = ["training", "training.day", "training.time", "appointment", "paper"]


def asked(question: str) -> Texter:
    return Texter(Session("fr", Place(question), at=int(MONDAY.timestamp())))


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    "text",
    [
        "stop 12/12",
        "stop le 12/12",
        "stop rdv 12/12",
        "STOP demain 14h",
        "STOP le 12/12 à 14h30",
        "12/12 stop",
        "rdv stop",
        "arrêtez les rappels du rdv",
        "STOP TITRE 03/2027",
    ],
)
def test_stop_wins_over_the_date_beside_it(question: str, text: str) -> None:
    caller = asked(question)
    caller(text)
    assert caller.last.name == "stop"


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("text", "effect"), [("PAS MOI 12/12", "not_me"), ("c'est pas moi demain 14h", "not_me")])
def test_not_me_wins_over_the_date_beside_it(question: str, text: str, effect: str) -> None:
    caller = asked(question)
    caller(text)
    assert caller.last.name == effect


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("text", ["effacer 12/12", "EFFACER rdv 12/12", "effacer mes données 12/12 14h"])
def test_erase_wins_over_the_date_beside_it(question: str, text: str) -> None:
    caller = asked(question)
    caller(text)
    assert caller.place.startswith("erase")


@pytest.mark.parametrize("text", ["12/12", "le 12/12 svp", "samedi 12 décembre", "arrêt le 12/12", "rdv 12/12"])
def test_a_date_that_stands_beside_nothing_of_the_kind_is_the_answer(text: str) -> None:
    caller = asked("training.day")
    caller(text)
    assert [effect.name for effect in caller.agreed.effects] == []
