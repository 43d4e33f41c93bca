"""Which pages may go to a phone as a text."""

from __future__ import annotations

import pytest

from helpline.consent.asked_pages import occurrence_of, page_of
from helpline.conversation.session import Place
from helpline.menus.prompts import Prompts
from helpline.menus.sendable import LONGEST_NAME, is_sendable
from helpline.on_request.pages import as_text, read_place
from tests.on_request.people import shipped


@pytest.fixture
def prompts() -> Prompts:
    return shipped()


@pytest.mark.parametrize("name", ["signin.password", "register.who", "update.how", "update.open", "trouble.delisted"])
def test_topics_of_the_tree_are_sent(prompts: Prompts, name: str) -> None:
    assert is_sendable(prompts, name)


@pytest.mark.parametrize(
    "name",
    [
        "menu",
        "remind",
        "remind.ask",
        "remind.active.open",
        "remind.done.open",
        "data.all",
        "stop",
        "stop.done",
        "keep.ask",
        "erase.ask",
        "wave.opening.open",
        "send.page",
        "call.me",
        "no.such.place",
        "appointment",
        "appointment.day",
        "appointment.sure",
        "appointment.saved",
        "appointment.wave.eve",
        "paper",
        "paper.saved",
    ],
)
def test_nothing_is_sent_that_asks_something_or_tells_what_is_kept(prompts: Prompts, name: str) -> None:
    assert not is_sendable(prompts, name)


def test_of_every_place_that_is_sent_a_message_can_remember_each_page(prompts: Prompts) -> None:
    for name in filter(lambda name: is_sendable(prompts, name), prompts.menus.nodes):
        for page in range(12):
            place = Place(name, page)
            assert page_of(occurrence_of(place, "CA1.3.send_page")) == place


def test_of_a_place_with_too_long_a_name_none_does() -> None:
    assert occurrence_of(Place("a" * LONGEST_NAME, 10), "CA1.3.send_page") != ""
    assert occurrence_of(Place("a" * (LONGEST_NAME + 2)), "CA1.3.send_page") == ""


def test_each_act_asks_for_a_text_of_its_own() -> None:
    acts = [f"CA1.{turn}.send_page" for turn in range(100)]
    assert len({occurrence_of(Place("update.how"), act) for act in acts}) == 100


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_text_of_a_page_is_one_that_there_is(prompts: Prompts, language: str) -> None:
    for name in filter(lambda name: is_sendable(prompts, name), prompts.menus.nodes):
        form = prompts.form(name, language)
        for page in range(len(form.voice) + 1):
            text = as_text(prompts, Place(name, page), language)
            assert text is not None
            assert text.node == name
            assert text.page == (page if len(form.sms) == len(form.voice) and page < len(form.sms) else 0)


@pytest.mark.parametrize(
    ("text", "place"),
    [("update.how", Place("update.how")), ("update.howP1", Place("update.how", 1)), ("signin", Place("signin"))],
)
def test_the_page_of_a_call_is_read(text: str, place: Place) -> None:
    assert read_place(text) == place


@pytest.mark.parametrize("text", ["", "P1", "update.howP", "update.howP100", "Update", "update.how I3", "../x", "a@b"])
def test_what_names_no_page_is_none(text: str) -> None:
    assert read_place(text) is None
    assert page_of(text) is None
