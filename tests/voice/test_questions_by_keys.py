"""A date by the keys of a phone: how many are waited for, what they mean, and how one gets back."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from helpline.conversation.session import Place, Session
from tests.conversation.callers import Caller, dialled, loaded
from tests.voice.twiml_rules import faults_of


def asked(node: str = "training", **form: str) -> Caller:
    """A caller whom that was just asked."""
    return Caller().at(Session("fr", Place(node), form=tuple(form.items())))


def test_four_keys_are_the_day_and_four_more_the_time() -> None:
    caller = asked()
    assert caller.waits_for == ("4", "#")
    assert "samedi 12 décembre" in caller.press("1212")
    assert caller.waits_for == ("4", "#")
    assert "samedi 12 décembre, 14 h 30" in caller.press("1430")
    assert caller.waits_for == ("1", "")
    caller.press("1")
    assert caller.last.name == "note"
    assert dict(caller.last.form) == {"day": "2026-12-12", "time": "14:30"}


def test_six_keys_are_a_day_with_its_year_where_that_matters() -> None:
    caller = asked("paper.day")
    assert caller.waits_for == ("6", "#")
    assert "mercredi 31 mars 2027" in caller.press("310327")


@pytest.mark.parametrize(("keys", "time"), [("9", "09:00"), ("0900", "09:00"), ("14", "14:00"), ("915", "09:15")])
def test_a_time_may_have_fewer_keys(keys: str, time: str) -> None:
    caller = asked("training.time", day="2026-12-12")
    caller.press(keys)
    assert dict(caller.here.form)["time"] == time


@pytest.mark.parametrize("keys", ["*", "12*", "**", "*#"])
def test_star_leads_back(keys: str) -> None:
    caller = asked("training.time", day="2026-12-12")
    caller.press(keys)
    assert caller.here.place.node in ("training", "training.day")


@pytest.mark.parametrize("keys", ["*0915", "14*0915", "*14*915"])
def test_star_begins_what_is_keyed_anew(keys: str) -> None:
    caller = asked("training.time", day="2026-12-12")
    caller.press(keys)
    assert (caller.here.place.node, dict(caller.here.form)["time"]) == ("training.sure", "09:15")


def test_too_few_keys_after_a_star_are_asked_for_again() -> None:
    caller = asked()
    assert "Le jour et le mois, en quatre chiffres" in caller.press("*121")
    assert caller.here.place.node == "training"


@pytest.mark.parametrize("kind", ["appointment", "paper"])
def test_a_question_names_the_keys_that_lead_back_from_it(kind: str) -> None:
    for node in (kind, f"{kind}.day", *([f"{kind}.time"] if kind == "appointment" else [])):
        assert "Retour : étoile puis dièse." in asked(node, day="2026-12-12").heard


def test_the_question_for_a_time_has_an_example_of_the_afternoon() -> None:
    assert "Pour 14 heures, tapez 1, 4, 0, 0." in asked("appointment.time", day="2026-12-12").heard


def test_zero_alone_is_the_menu() -> None:
    caller = asked()
    caller.press("0")
    assert caller.here.place.node == "menu"


@pytest.mark.parametrize("keys", ["3213", "0000", "99", "1"])
def test_keys_that_are_no_day_are_asked_for_again(keys: str) -> None:
    caller = asked()
    heard = caller.press(keys)
    assert caller.here.place.node == "training"
    assert "quatre chiffres" in heard
    assert "3949" not in heard.replace(" ", "")
    assert "3949" in caller.press(keys).replace(" ", "")


def test_silence_asks_in_simpler_words_and_waits_for_as_many_keys() -> None:
    caller = asked()
    assert "Le jour et le mois" in caller.wait()
    assert caller.waits_for == ("4", "#")


def test_a_question_names_no_keys_that_would_be_digits_of_the_answer() -> None:
    for node in ("training", "training.time", "paper.day", "appointment"):
        heard = asked(node, day="2026-12-12").heard
        assert "Répéter" not in heard
        assert "Le menu" not in heard


def test_no_question_is_explained_as_a_topic_is() -> None:
    caller = dialled().at(Session("fr", Place("remind.more")))
    heard = caller.press("2")
    assert caller.here.place.node == "appointment"
    assert "Répéter, tapez 9" not in heard


def test_a_spoken_date_is_read_back_and_agreed_to_by_a_key_only() -> None:
    caller = asked()
    assert "samedi 12 décembre, 14 h 30" in caller.say("le 12 décembre à 14h30")
    caller.say("oui")
    assert caller.agreed.effects == []
    caller.press("1")
    assert caller.last.name == "note"


def test_choices_of_an_ambiguous_date_take_one_key() -> None:
    caller = asked("training.time", day="2026-12-12")
    assert "15 h, tapez 1" in caller.say("à 3 heures")
    assert caller.waits_for == ("1", "")
    caller.press("1")
    assert dict(caller.here.form)["time"] == "15:00"


@pytest.mark.parametrize("node", ["training", "training.time", "training.sure", "training.call.week"])
def test_every_answer_is_twiml(node: str) -> None:
    caller = asked(node, day="2026-12-12", time="14:30")
    for keys in ("", "1212", "*", "9"):
        assert faults_of(caller.twiml) == []
        if keys:
            caller.press(keys)
        else:
            caller.wait()
    assert ElementTree.fromstring(caller.twiml).tag == "Response"


def test_the_date_of_a_call_stands_in_its_address_and_needs_no_escape() -> None:
    caller = asked()
    caller.press("1212")
    gather = ElementTree.fromstring(caller.twiml).find("Gather")
    assert gather is not None
    where, _, wishes = gather.attrib["action"].partition("#")
    assert wishes == "rc=3&rp=ct,rt,5xx"
    assert where.replace("/", "").replace("-", "").replace(".", "").replace("_", "").isalnum()
    assert loaded().prompts.menus.nodes[caller.here.place.node].ask == "time"
