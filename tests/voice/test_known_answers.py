"""What was answered to the same key at the same place within a minute is not thought about again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.conversation.heard import Heard
from helpline.conversation.session import Place, Session, encode
from helpline.conversation.turn import Turn
from helpline.prompts_folder import Loaded
from helpline.turns.this_minute import MOST
from helpline.voice.known_answers import LONGEST, Known, KnownAnswers
from tests.conftest import THURSDAY, Line
from tests.phone import Phone

MENU = Session("fr", Place("menu"))
ANSWER = Known(MENU, Heard("key", ("1",)), Turn(MENU), "<Response/>")
WHERE = encode(MENU)


@pytest.fixture
def loaded(line: Line) -> Loaded:
    return line.app.extensions["prompts"].current()


@pytest.fixture
def answers(loaded: Loaded) -> KnownAnswers:
    found = KnownAnswers()
    found.keep(loaded, None, THURSDAY, WHERE, "1", ANSWER)
    return found


def test_within_the_minute_it_is_known(answers: KnownAnswers, loaded: Loaded) -> None:
    assert answers.get(loaded, None, THURSDAY + timedelta(seconds=59), WHERE, "1") is ANSWER
    assert answers.get(loaded, None, THURSDAY, WHERE, "2") is None
    assert answers.get(loaded, None, THURSDAY, WHERE + "x", "1") is None


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=1), timedelta(hours=1), -timedelta(seconds=1)])
def test_in_another_minute_it_is_not(answers: KnownAnswers, loaded: Loaded, later: timedelta) -> None:
    assert answers.get(loaded, None, THURSDAY + later, WHERE, "1") is None
    assert answers.get(loaded, None, THURSDAY, WHERE, "1") is None  # nor is it kept for a clock that goes back


def test_another_notice_or_edited_prompts_are_another_answer(answers: KnownAnswers, loaded: Loaded) -> None:
    assert answers.get(loaded, {"fr": "Fermé lundi."}, THURSDAY, WHERE, "1") is None
    answers.keep(loaded, None, THURSDAY, WHERE, "1", ANSWER)
    assert answers.get(Loaded(loaded.prompts, loaded.recordings), None, THURSDAY, WHERE, "1") is None


@pytest.mark.parametrize(
    "known",
    [
        Known(MENU, ANSWER.heard, Turn(MENU, outcomes=(("subscribe", "saved"),)), ""),
        Known(Session("fr", Place("menu"), form=(("day", "2026-12-12"),)), ANSWER.heard, Turn(MENU), ""),
        Known(MENU, ANSWER.heard, Turn(Session("fr", Place("menu"), form=(("day", "2026-12-12"),))), ""),
    ],
    ids=["something was done", "something was told before", "something was told now"],
)
def test_what_is_one_callers_own_is_not_kept(loaded: Loaded, known: Known) -> None:
    answers = KnownAnswers()
    answers.keep(loaded, None, THURSDAY, WHERE, "1", known)
    assert answers.get(loaded, None, THURSDAY, WHERE, "1") is None


def test_so_many_are_kept_and_none_that_is_long(loaded: Loaded) -> None:
    answers = KnownAnswers()
    answers.keep(loaded, None, THURSDAY, WHERE, "1" * LONGEST, ANSWER)
    assert answers.get(loaded, None, THURSDAY, WHERE, "1" * LONGEST) is None
    for number in range(MOST + 1):
        answers.keep(loaded, None, THURSDAY, WHERE, str(number), ANSWER)
    known = [answers.get(loaded, None, THURSDAY, WHERE, str(number)) for number in range(MOST + 1)]
    assert known == [ANSWER] * MOST + [None]


def test_each_caller_is_counted(line: Line, phone: Phone) -> None:
    def counted() -> int:
        counts = line.counts()
        return sum(count for name, count in counts.items() if name.startswith("turns{") and "voice" in name)

    phone.press(phone.dial(), "1")
    before = counted()
    other = line.phone()
    other.press(other.dial(), "1")
    assert counted() == before + 1


@settings(max_examples=40, deadline=None)
@given(keys=st.lists(st.sampled_from([*"1234567890*#", "", "12", "1412"]), max_size=6))
def test_who_comes_second_hears_what_the_first_heard_and_a_minute_later_too(line: Line, keys: list[str]) -> None:
    def heard() -> list[str]:
        phone = line.phone()
        phone.number = "anonymous"  # for whom nothing is done
        replies = [phone.dial()]
        for key in keys:
            if replies[-1].hangs_up or not replies[-1].keys_url:
                break
            replies.append(phone.press(replies[-1], key))
        return [reply.text for reply in replies]

    first = heard()
    assert heard() == first
    line.clock.pass_by(minutes=1)
    assert heard() == first
