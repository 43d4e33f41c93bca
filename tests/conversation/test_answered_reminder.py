"""Which reminder of ours FAIT or 7 answers."""

from __future__ import annotations

import pytest

from helpline.conversation.answered_reminder import answered_reminder
from helpline.conversation.session import Place, Session
from helpline.menus.shapes import Channel
from tests.conversation.callers import loaded

DAY = (("day", "2026-12-12"), ("time", "14:30"))
THING = ("training", DAY)
DONE = Place("done.one", item="7.training.202612121430")


def answered(place: Place, channel: Channel, *trail: Place, late: bool = False) -> tuple[str, object]:
    return answered_reminder(loaded().prompts, Session("fr", place, trail=trail, form=DAY), channel, late)


@pytest.mark.parametrize("late", [False, True])
def test_a_text_answers_the_last_message(late: bool) -> None:
    assert answered(Place("training.wave.week"), "sms", late=late) == THING
    assert answered(Place("wave.last.open"), "sms", late=late) == ("update", ())
    assert answered(Place("wave.missed"), "sms", late=late) == ("update", ())


@pytest.mark.parametrize("node", ["menu", "training.sure", "training.saved", "training.call.week", "training.welcome"])
def test_a_text_after_anything_else_answers_no_reminder(node: str) -> None:
    assert answered(Place(node), "sms", Place("training.wave.week")) == ("", ())


def test_in_a_call_of_ours_it_stays_what_the_call_began_with() -> None:
    assert answered(Place("training.call.week"), "voice") == THING
    assert answered(Place("update.how"), "voice", Place("training.call.week")) == THING
    assert answered(Place("update.how"), "voice", Place("call.last.open")) == ("update", ())


@pytest.mark.parametrize("node", ["menu", "training.sure", "training.saved", "training.wave.week", "call.me"])
def test_a_call_to_us_answers_no_reminder_whatever_was_keyed_in(node: str) -> None:
    assert answered(Place(node), "voice", Place("training")) == ("", ())


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_said_once_more_it_means_what_was_just_done(channel: Channel) -> None:
    assert answered(DONE, channel) == THING
    assert answered(Place("remind.done.open"), channel) == ("update", ())
    assert answered(DONE, channel, late=True) == ("", ())
    assert answered(Place("remind.done.open"), channel, late=True) == ("", ())
