"""The words of reminders and of consent: one message each, true, and nothing in them that a scam would say."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from helpline.menus import gsm7
from helpline.menus.check_tree import sent
from helpline.menus.forms import Identity
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Node
from helpline.prompts_folder import inspect_folder

PROMPTS = Path(__file__).parents[2] / "prompts"
USUAL = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34", "38123", "01 99 00 12 34")
LONGEST = Identity("M" * 13, "Centre communal d'action sociale d'Agenx", "+33 1 99 00 12 34", "+33 9 37 00 12 34", "")
NO_SMS_NUMBER = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34")


@cache
def prompts(identity: Identity) -> Prompts:
    found, _ = inspect_folder(PROMPTS, ("fr", "en"), identity)
    assert found
    return found


def sent_pages() -> list[Node]:
    nodes = prompts(USUAL).menus.nodes
    waiting, pages = list(sent(prompts(USUAL).menus)), []
    while waiting:
        node = nodes[waiting.pop()]
        waiting += node.cases.values()
        if node.kind != "choose" and node not in pages:
            pages.append(node)
    return pages


def asking_pages() -> list[Node]:
    return [node for node in prompts(USUAL).menus.nodes.values() if node.by == "keys"]


def about_reminders() -> list[str]:
    words = ("remind", "wave", "keep", "stop", "not", "data", "erase")
    return [name for name, node in prompts(USUAL).menus.nodes.items() if name.split(".")[0] in words and node.wordings]


def test_there_are_as_many_as_are_sent_and_asked() -> None:
    assert len(sent_pages()) == 17
    assert len(asking_pages()) == 20


@pytest.mark.parametrize("identity", [USUAL, LONGEST, NO_SMS_NUMBER], ids=["usual", "longest", "no SMS number"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_is_one_message_with_the_longest_names_and_dates(identity: Identity, language: str) -> None:
    for node in (*sent_pages(), *asking_pages()):
        form = prompts(identity).form(node.id, language)
        assert len(form.sms) == len(form.voice) == 1, node.id
        assert form.sms[0].longest <= gsm7.TWO_SEGMENTS, node.id


@pytest.mark.parametrize("identity", [LONGEST, NO_SMS_NUMBER], ids=["longest", "no SMS number"])
def test_other_names_make_no_page_of_reminders_a_fault(identity: Identity) -> None:
    _, faults = inspect_folder(PROMPTS, ("fr", "en"), identity)
    assert [str(f) for f in faults if f.severity == "fault" and f.source.file == "remind.yaml"] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_we_send_unasked_has_our_name_no_link_no_status_and_a_way_out(language: str) -> None:
    for node in sent_pages():
        text = prompts(USUAL).form(node.id, language).sms[0].text
        assert text.startswith("Relais Droits"), node.id
        assert not re.search(r"https?:|www\.|\.(fr|com|info|org)\b", text), node.id
        assert not re.search(r"radié|réfugié|RSA|chômage|étranger|titre de séjour", text, re.I), node.id
        if node.id.startswith("wave") or node.id.startswith("remind.welcome"):
            assert "STOP" in text, node.id


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_reminder_of_the_update_can_be_answered_by_7_and_by_1(language: str) -> None:
    for node in sent_pages():
        if node.id.startswith("wave"):
            keys = [option.key for option in prompts(USUAL).form(node.id, language).options("sms", 0)]
            assert keys == ["7", "1"], node.id
            assert node.options == (("trouble.rereg",) if node.id == "wave.missed" else ("update.how",))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Relais Droits", "association Le Pont", "à recevoir", "4", "par mois", "STOP")),
        ("en", ("Relais Droits", "association Le Pont", "free to receive", "4", "a month", "STOP")),
    ],
)
def test_the_question_says_who_how_often_what_it_costs_and_how_to_end(language: str, words: tuple[str, ...]) -> None:
    texts = [prompts(USUAL).form(name, language).sms[0].text for name in ("remind.ask", "remind.again", "remind.sure")]
    spoken = [prompts(USUAL).form(name, language).voice[0].body for name in ("remind.call", "remind.sure")]
    for said in (*texts, *spoken):
        assert [word for word in words if word.casefold() not in said.casefold()] == [], said


def test_who_is_blocked_learns_where_to_write_start() -> None:
    for language in ("fr", "en"):
        for identity, number in ((USUAL, "38123"), (NO_SMS_NUMBER, "")):
            text = prompts(identity).form("remind.blocked", language).sms[0].text
            assert "START" in text
            assert number in text
            assert "{" not in text


def test_no_words_say_that_a_text_of_the_caller_is_free() -> None:
    for name in about_reminders():
        for language in ("fr", "en"):
            for page in prompts(USUAL).form(name, language).sms:
                for found in re.finditer(r"gratuits?|free", page.text):
                    following = page.text[found.end() :].lstrip()
                    assert following.startswith(("à recevoir", "to receive")), (name, page.text)


def test_no_words_name_the_10th() -> None:
    assert not re.search(r"\b(le 10|10th)\b", (PROMPTS / "remind.yaml").read_text(encoding="utf-8"))
