"""Calls that we make: what a person hears, what a machine gets, and that what is pressed is about the thing itself."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import datetime

import pytest

from helpline.conversation import session
from helpline.conversation.session import Place, Session
from helpline.menus.windows import PARIS
from tests.conversation.callers import Caller
from tests.conversations.player import NUMBER

THING = (("day", "2026-12-12"), ("time", "14:30"))


def called(node: str, language: str = "fr", form: tuple[tuple[str, str], ...] = ()) -> Caller:
    return Caller().at(Session(language, Place(node), form=form))


@pytest.mark.parametrize("answered_by", ["human", "unknown", ""])
def test_a_person_hears_the_page_with_its_date(answered_by: str) -> None:
    caller = Caller()
    where = session.encode(Session("fr", Place("training.call.week"), form=THING))
    caller.twiml = caller.calls.ours("CA1", where, answered_by, NUMBER)
    assert "Formation samedi 12 décembre, 14 h 30" in caller.heard
    assert caller.waits_for == ("1", "")


@pytest.mark.parametrize("answered_by", ["machine_end_beep", "machine_end_silence", "machine_start", "fax"])
@pytest.mark.parametrize("node", ["training.call.week", "call.last", "menu"])
def test_a_machine_gets_one_neutral_message(answered_by: str, node: str) -> None:
    caller = Caller()
    where = session.encode(Session("fr", Place(node), form=THING))
    caller.twiml = caller.calls.ours("CA1", where, answered_by, NUMBER)
    assert ElementTree.fromstring(caller.twiml).find("Hangup") is not None
    assert ElementTree.fromstring(caller.twiml).find("Gather") is None
    assert "décembre" not in caller.heard
    assert "Formation" not in caller.heard


def test_7_is_about_the_thing_that_we_called_for() -> None:
    caller = called("training.call.week", form=THING)
    caller.press("7")
    assert (caller.last.name, caller.last.of, caller.last.form) == ("done", "training", THING)


def test_9_repeats_the_page_with_its_date() -> None:
    caller = called("training.call.week", form=THING)
    before = caller.heard
    assert caller.press("9") == before


def test_the_call_about_the_update_says_which_day_it_ends() -> None:
    caller = Caller(now=datetime(2026, 12, 12, 9, 30, tzinfo=PARIS)).at(Session("fr", Place("call.last")))
    assert "15 décembre" in caller.heard


def test_no_more_calls_ends_them() -> None:
    caller = called("training.call.week", form=THING)
    caller.press("1")
    assert caller.last.name == "stop"


def test_a_call_back_begins_with_the_greeting_in_the_language_of_the_caller() -> None:
    caller = called("menu", "en")
    assert "press 1" in caller.heard
    assert "français" in caller.heard


@pytest.mark.parametrize(
    "here", [Session("fr", Place("training.call.gone")), Session(), Session("uk", Place("call.last")), Session("fr")]
)
def test_whatever_was_taken_out_meanwhile_somebody_is_greeted(here: Session) -> None:
    assert Caller().at(here).heard


def test_keys_are_explained_at_the_first_topic_of_such_a_call_too() -> None:
    caller = called("menu")
    caller.press("2")
    assert "Répéter, tapez 9" in caller.press("2")


def test_a_call_to_us_may_ring_on_before_it_is_answered() -> None:
    caller = Caller()
    caller.twiml = caller.calls.begin("CA1", NUMBER, pause=6)
    first = ElementTree.fromstring(caller.twiml)[0]
    assert (first.tag, first.attrib) == ("Pause", {"length": "6"})
    assert ElementTree.fromstring(caller.calls.begin("CA1", NUMBER))[0].tag == "Gather"


SILENT = ["which", "late", "confirm", "training.note", "paper.note", "appointment.note", "stop", "erase"]


@pytest.mark.parametrize("node", SILENT)
def test_a_call_that_begins_where_there_is_nothing_to_say_begins_with_a_greeting(node: str) -> None:
    greeting = Caller().at(Session("fr", Place("menu"))).heard
    assert Caller().at(Session("fr", Place(node), form=THING)).heard == greeting


@pytest.mark.parametrize("node", SILENT)
@pytest.mark.parametrize(("keys", "words"), [("7", ""), ("1", ""), ("0", ""), ("", "stop"), ("", "oui"), ("", "")])
def test_whoever_was_left_where_there_is_nothing_to_say_is_answered(node: str, keys: str, words: str) -> None:
    caller = Caller()
    where = session.encode(Session("fr", Place(node), form=THING))
    caller.twiml = caller.calls.go_on("CA1", where, keys, words, NUMBER)
    assert caller.heard
