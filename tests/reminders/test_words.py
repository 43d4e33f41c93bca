"""The words of our messages, as they go out on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from helpline.menus import gsm7
from helpline.menus.sms_form import SmsPage
from helpline.reminders.words import NoWords, place_of, words
from tests.reminders.bench import LAST_WAVE, shipped_prompts
from tests.reminders.people import paris

KINDS = [("update", "opening"), ("update", "middle"), ("update", "last"), ("update", "missed")]
OTHERS = [("welcome", "all"), ("welcome", "last"), ("stopped", ""), ("keep", "")]
DAYS = [paris(2026, 11, 28, 9), paris(2026, 12, 8, 9), LAST_WAVE, paris(2026, 12, 15, 18), paris(2026, 12, 16, 9)]


@pytest.mark.parametrize("now", DAYS, ids=lambda now: f"{now:%d %b}")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("kind", "wave"), KINDS + OTHERS)
def test_every_message_of_every_day_fits_into_two_segments(kind: str, wave: str, language: str, now: datetime) -> None:
    text, place = words(shipped_prompts(), kind, wave, language, now)
    assert gsm7.is_gsm7(text)
    assert gsm7.segments(text) <= 2
    assert "{" not in text
    assert "Relais Droits" in text
    assert place.node in shipped_prompts().menus.nodes
    assert shipped_prompts().menus.nodes[place.node].kind != "choose"


def test_a_language_that_is_no_longer_spoken_gives_way_to_the_first() -> None:
    assert words(shipped_prompts(), "update", "last", "uk", LAST_WAVE) == words(
        shipped_prompts(), "update", "last", "fr", LAST_WAVE
    )


@pytest.mark.parametrize(("kind", "wave"), [("update", "unheard"), ("update", ""), ("poem", "last")])
def test_what_has_no_words_says_so(kind: str, wave: str) -> None:
    with pytest.raises(NoWords):
        words(shipped_prompts(), kind, wave, "fr", LAST_WAVE)


@pytest.mark.parametrize("text", ["", " \n", "x" * 307, "Le {someday}"])
def test_words_that_cannot_go_out_say_so(text: str) -> None:
    prompts = shipped_prompts()
    node = words(prompts, "update", "last", "fr", LAST_WAVE)[1].node
    form = replace(prompts.forms[node, "fr"], sms=(SmsPage(text, "", (), 0),))
    with pytest.raises(NoWords, match=node):
        words(replace(prompts, forms={**prompts.forms, (node, "fr"): form}), "update", "last", "fr", LAST_WAVE)


def test_each_kind_has_its_place() -> None:
    assert [place_of(*which, "").node for which in (*KINDS[:1], *OTHERS)] == [
        "wave.opening",
        "remind.welcome",
        "remind.welcome.last",
        "stop.sent",
        "keep.ask",
    ]
