"""Key 8 in a call: the page that is heard comes as a text, and the caller is where they were."""

from __future__ import annotations

import pytest

from helpline.conversation.session import Place, Session
from helpline.menus.sendable import is_sendable
from tests.conversation.callers import Caller, Texter, dialled, loaded


def at(node: str, page: int = 0, **form: str) -> Caller:
    return Caller().at(Session("fr", Place(node, page), form=tuple(form.items())))


def pages(node: str) -> int:
    return len(loaded().prompts.form(node, "fr").voice)


def test_the_last_page_of_a_topic_names_the_key() -> None:
    caller = at("signin.password", pages("signin.password") - 1)
    assert ", tapez 8" in caller.heard
    assert caller.heard.index("tapez 8") < caller.heard.index("Le menu, tapez 0")


@pytest.mark.parametrize(("page", "item"), [(0, "signin.password"), (1, "signin.passwordP1")])
def test_8_sends_the_page_that_is_heard(page: int, item: str) -> None:
    caller = at("signin.password", page)
    caller.press("8")
    assert (caller.last.name, caller.last.item) == ("send_page", item)


def test_after_it_the_keys_of_the_page_are_named_and_work() -> None:
    caller = at("signin.password")
    before = caller.here
    assert "tapez 1" in caller.press("8")
    assert caller.here.place == before.place
    caller.press("6")
    assert caller.here.place == Place("signin.password", 1)


def test_it_can_be_pressed_again() -> None:
    caller = at("signin.password")
    caller.press("8")
    caller.press("8")
    assert [effect.name for effect in caller.agreed.effects] == ["send_page", "send_page"]


@pytest.mark.parametrize(
    "node", ["menu", "signin", "remind.call", "training.sure", "training.saved", "remind.saved.open", "call.last.open"]
)
def test_a_menu_a_question_or_what_is_kept_of_somebody_is_not_sent(node: str) -> None:
    caller = at(node, day="2026-12-12", time="14:30")
    assert "tapez 8" not in caller.heard
    caller.press("8")
    assert "send_page" not in [effect.name for effect in caller.agreed.effects]


def test_every_page_that_is_sent_says_the_same_to_everybody() -> None:
    prompts = loaded().prompts
    sendable = [prompts.menus.nodes[name] for name in prompts.menus.nodes if is_sendable(prompts, name)]
    assert len(sendable) > 40
    assert all(node.kind == "topic" and not node.by and not node.ask and not node.of for node in sendable)


def test_by_text_8_is_a_key_like_any_other_that_is_no_choice() -> None:
    texter = Texter()
    texter("mot de passe")
    texter("8")
    assert texter.agreed.effects == []
    assert texter.place == "signin.password"


def test_in_a_call_who_asks_to_be_called_gets_a_person() -> None:
    caller = dialled()
    caller.say("appel")
    assert caller.here.place.node in ("contact", "confirm")
    assert caller.agreed.effects == []
