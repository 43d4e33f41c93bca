"""What was answered to the same words at the same place within a minute is not thought about again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.conversation.heard import STOP, Heard
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Turn
from helpline.prompts_folder import Loaded
from helpline.sms.known_answers import Known, KnownAnswers
from tests.conftest import THURSDAY, Line
from tests.phone import Phone

AT = int(THURSDAY.timestamp())
MENU = Session("fr", Place("menu"), turn=3, at=AT - 60)
NOW = Context("sms", THURSDAY)
ANSWER = Known(Heard("key", ("1",)), Turn(Session("fr", Place("update"), turn=4, at=AT)), ("Actualisation",))


@pytest.fixture
def loaded(line: Line) -> Loaded:
    found: Loaded = line.app.extensions["prompts"].current()
    return found


@pytest.fixture
def answers(loaded: Loaded) -> KnownAnswers:
    found = KnownAnswers()
    found.keep(loaded, MENU, "1", NOW, ANSWER)
    return found


def test_within_the_minute_it_is_known(answers: KnownAnswers, loaded: Loaded) -> None:
    assert answers.get(loaded, MENU, "1", Context("sms", THURSDAY + timedelta(seconds=0.9))) == ANSWER
    assert answers.get(loaded, MENU, "2", NOW) is None
    assert answers.get(loaded, Session("en", Place("menu"), turn=3, at=AT - 60), "1", NOW) is None


def test_the_turn_is_that_of_the_caller_who_asks(answers: KnownAnswers, loaded: Loaded) -> None:
    theirs = Session("fr", Place("menu"), turn=8, at=AT - 300)

    known = answers.get(loaded, theirs, "1", Context("sms", THURSDAY + timedelta(seconds=20)))

    assert known is not None
    assert known.turn.session == Session("fr", Place("update"), turn=9, at=AT + 20)


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=1), timedelta(hours=1), -timedelta(seconds=1)])
def test_in_another_minute_it_is_not(answers: KnownAnswers, loaded: Loaded, later: timedelta) -> None:
    assert answers.get(loaded, MENU, "1", Context("sms", THURSDAY + later)) is None


@pytest.mark.parametrize("before", [AT - 3600, 0], ids=["after a long pause", "from the first text"])
def test_a_digit_after_a_pause_is_another_question(answers: KnownAnswers, loaded: Loaded, before: int) -> None:
    assert answers.get(loaded, Session("fr", Place("menu"), turn=3, at=before), "1", NOW) is None


def test_another_notice_or_edited_prompts_are_another_answer(answers: KnownAnswers, loaded: Loaded) -> None:
    assert answers.get(loaded, MENU, "1", Context("sms", THURSDAY, notice={"fr": "Fermé lundi."})) is None
    answers.keep(loaded, MENU, "1", NOW, ANSWER)
    assert answers.get(Loaded(loaded.prompts, loaded.recordings), MENU, "1", NOW) is None


@pytest.mark.parametrize(
    ("before", "turn"),
    [
        (MENU, Turn(MENU, outcomes=(("subscribe", "saved"),))),
        (Session("fr", Place("menu"), form=(("day", "2026-12-12"),)), Turn(MENU)),
        (MENU, Turn(Session("fr", Place("menu"), form=(("day", "2026-12-12"),)))),
        (Session("fr", Place("menu"), trail=(Place("update", item="m2"),)), Turn(MENU)),
        (Session("fr", Place("which"), choices=(Place("update", item="m2"), Place("menu"))), Turn(MENU)),
    ],
    ids=["something was done", "told before", "told now", "about a thing of theirs", "offered things of theirs"],
)
def test_what_is_one_callers_own_is_not_kept(loaded: Loaded, before: Session, turn: Turn) -> None:
    answers = KnownAnswers()
    answers.keep(loaded, before, "1", NOW, Known(ANSWER.heard, turn, ()))
    assert answers.get(loaded, before, "1", NOW) is None


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("actu", Heard("topics", ("update",))),
        ("ACTU !", Heard("topics", ("update",))),
        ("menu", Heard("command", ("menu",))),
        ("6", Heard("key", ("6",))),
        ("Mot de passe oublié", Heard("key", ("2",), said="mot de passe oublie")),
    ],
)
def test_words_of_ours_are_kept(loaded: Loaded, words: str, heard: Heard) -> None:
    answers = KnownAnswers()
    answers.keep(loaded, MENU, words, NOW, Known(heard, ANSWER.turn, ()))
    assert answers.get(loaded, MENU, words, NOW) is not None


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("je suis marie dupont et je veux l'actualisation", Heard("topics", ("update",))),
        ("actu" + " " * 60, Heard("topics", ("update",))),
        ("le 2 svp", Heard("key", ("2",))),
        ("mon mot de passe est Xy12", Heard("secret", ("password",))),
        ("je veux mourir", Heard("danger", ())),
        ("bonjour ma puce", Heard("unknown")),
        ("oui", Heard("yes")),
        ("stop", STOP),
    ],
)
def test_nothing_else_that_callers_write_is_kept(loaded: Loaded, words: str, heard: Heard) -> None:
    answers = KnownAnswers()
    answers.keep(loaded, MENU, words, NOW, Known(heard, ANSWER.turn, ()))
    assert answers.get(loaded, MENU, words, NOW) is None


def test_each_caller_is_counted(line: Line, phone: Phone) -> None:
    def counted() -> int:
        return sum(count for name, count in line.counts().items() if name.startswith("turns{") and "sms" in name)

    phone.text("menu")
    before = counted()
    line.phone().text("menu")
    assert counted() == before + 1


WORDS = ["1", "2", "0", "6", "*", "menu", "actu", "mot de passe", "rappel", "aide", "reprise", "english", "oui", "stop"]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_who_comes_second_reads_what_the_first_read_and_a_minute_later_too(line: Line, texts: list[str]) -> None:
    def read() -> list[list[str]]:
        phone = line.phone()
        return [phone.text(text) for text in texts]

    first = read()
    assert read() == first
    line.clock.pass_by(minutes=1)
    assert read() == first
