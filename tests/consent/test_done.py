"""FAIT and 7 where somebody is reminded of several things: which one they mean, and that nothing else ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpline.consent.consent import Consent
from helpline.conversation.turn import Outcome
from helpline.records.tables import subscriptions
from tests.consent.people import APPOINTMENT, LANDLINE, Person, rows
from tests.consent.test_dated import PAPER, at, planned, reminded

UPDATE = ("update", "")


def told_of(outcome: Outcome) -> tuple[str, tuple[str, str] | None]:
    """How it went, and the thing that the answer names."""
    return outcome.name, (outcome.about.kind, outcome.about.occurrence) if outcome.about else None


def reminded_of_a_paper(person: Person) -> Person:
    """They have the update and a paper, whose second reminder went; the update is open and no reminder of it went."""
    person.signs_up()
    person.notes(*PAPER)
    reminded(person, "paper", "second", claimed_at=at("2027-01-15 10:00"))
    return replace(person, now=at("2027-01-28 08:30"))


def called_about_both(consent: Consent) -> Person:
    """A landline that we called about its appointment, and a moment later about the update."""
    landline = Person(consent, LANDLINE, "voice")
    assert landline.does("confirm_call_all") == "saved"
    landline.notes(*APPOINTMENT)
    landline.notes(*PAPER)
    then = at("2026-12-10 09:00")
    reminded(landline, "appointment", "eve", state="sent", channel="voice", claimed_at=then)
    busy = {"queue": "calls", "channel": "voice", "state": "undelivered", "tries": 1}
    landline.gets(wave="middle", **busy, claimed_at=then + timedelta(seconds=2))
    landline.gets(wave="last", queue="calls", channel="voice")
    return replace(landline, now=then + timedelta(seconds=40))


def is_done(person: Person) -> bool:
    """Whether they said of the update that it is done."""
    return bool(rows(person.consent.engine, subscriptions, subscriptions.c.kind == "update")[0].done)


def test_the_open_update_may_be_meant_though_no_reminder_of_it_went(somebody: Person) -> None:
    later = reminded_of_a_paper(somebody)
    found = later.told("done", heard="fait")
    assert (found.name, [item.kind for item in found.items]) == ("which", ["update", "paper"])
    assert later.has() == [PAPER]
    assert not is_done(later)


def test_the_update_that_just_closed_may_be_meant_by_who_was_told_so(somebody: Person) -> None:
    later = replace(reminded_of_a_paper(somebody), now=at("2027-01-18 12:00"))
    assert later.told("done", key="SM1").name == "done_one"  # nobody was asked about the update


def test_the_closed_update_is_asked_about_after_its_last_message(somebody: Person) -> None:
    later = replace(reminded_of_a_paper(somebody), now=at("2027-01-18 12:00"))
    later.gets(wave="missed", occurrence="2026-12", state="delivered", tries=1)
    assert [item.kind for item in later.told("done").items] == ["update", "paper"]


def test_the_answer_names_what_ended(somebody: Person) -> None:
    somebody.notes(*PAPER)
    reminded(somebody, "paper", "second")
    assert told_of(somebody.told("done", key="SM1")) == ("done_one", PAPER)
    assert told_of(somebody.told("done", key="SM1")) == ("done_one", PAPER)  # the carrier's repeat


def test_the_answer_names_the_one_of_several_that_was_chosen(somebody: Person) -> None:
    later = reminded_of_a_paper(somebody)
    update, paper = (item.key for item in later.told("done").items)
    assert told_of(later.told("done_item", item=paper, key="SM2")) == ("done_item", PAPER)
    assert told_of(later.told("done_item", item=paper, key="SM2")) == ("done_item", PAPER)
    assert told_of(later.told("done_item", item=update)) == ("done_update", None)


def test_nobody_is_told_of_what_is_somebody_elses(consent: Consent) -> None:
    somebody, other = Person(consent), Person(consent, "+33639980002")
    for person in (somebody, other):
        person.notes(*PAPER)
        reminded(person, "paper", "second")
    theirs = rows(consent.engine, subscriptions)[0].id
    assert told_of(other.told("done_item", item=str(theirs))) == ("gone", None)


def test_key_7_right_after_a_reminder_is_about_that_thing(somebody: Person) -> None:
    later = reminded_of_a_paper(somebody)
    assert told_of(later.told("done", heard="7", about=PAPER)) == ("done_one", PAPER)
    assert not is_done(later)


def test_key_7_right_after_a_reminder_of_the_update_is_about_the_update(somebody: Person) -> None:
    later = reminded_of_a_paper(somebody)
    assert later.told("done", heard="7", about=UPDATE).name == "done_all"
    assert later.has() == [PAPER]


@pytest.mark.parametrize("about", [PAPER, UPDATE])
def test_the_word_asks_which_where_two_are_due_whatever_came_last(somebody: Person, about: tuple[str, str]) -> None:
    later = reminded_of_a_paper(somebody)
    assert later.told("done", heard="fait", about=about).name == "which"
    assert not is_done(later)
    assert PAPER in later.has()


def test_saying_it_twice_ends_nothing_else(somebody: Person) -> None:
    later = reminded_of_a_paper(somebody)
    later.told("done", heard="7", about=PAPER)
    assert told_of(later.told("done", heard="7", about=PAPER)) == ("done_one", PAPER)
    assert not is_done(later)


def test_a_reminder_of_what_is_over_is_never_an_answer_about_the_update(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    reminded(somebody, "appointment", "morning")
    late = replace(somebody, now=at("2026-12-11 18:00"))
    assert told_of(late.told("done", about=APPOINTMENT)) == ("done_one", APPOINTMENT)
    assert not is_done(late)


@pytest.mark.parametrize("channel", ["sms", "voice"])
def test_what_was_ended_otherwise_is_not_done_again_nor_anything_else(somebody: Person, channel: str) -> None:
    later = reminded_of_a_paper(somebody)
    paper = next(item.key for item in later.told("look_up_reminders").items if item.kind == "paper")
    later.does("end_item", item=paper)
    asking = later.calls() if channel == "voice" else later
    assert asking.told("done", about=PAPER).name in ("none_due", "nothing")
    assert not is_done(later)


def test_7_in_a_call_of_ours_about_an_appointment_ends_that(consent: Consent) -> None:
    landline = called_about_both(consent)
    assert told_of(landline.told("done", heard="7", about=APPOINTMENT)) == ("done_one", APPOINTMENT)
    assert told_of(landline.told("done", heard="7", about=APPOINTMENT)) == ("done_one", APPOINTMENT)
    assert landline.has() == [PAPER]
    assert not is_done(landline)
    assert ("update", "last") in {(kind, wave) for kind, wave, _, _ in planned(landline)}


@pytest.mark.parametrize("about", [None, UPDATE])
def test_7_in_any_other_call_is_about_the_update_only(consent: Consent, about: tuple[str, str] | None) -> None:
    landline = called_about_both(consent)
    assert landline.told("done", heard="7", about=about) == Outcome("done_all")
    assert landline.has() == [APPOINTMENT, PAPER]


def test_a_call_of_ours_ends_nothing_of_which_no_reminder_went(consent: Consent) -> None:
    landline = called_about_both(consent)
    assert landline.told("done", heard="7", about=PAPER).name == "none_due"
    assert landline.has() == [APPOINTMENT, PAPER]
    assert not is_done(landline)


def test_what_never_arrived_can_be_noted_again(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    later = replace(somebody, now=at("2026-12-11 10:00"))
    reminded(later, "appointment", "eve")
    reminded(later, "appointment", "morning", state="planned", reason="again 30003", sid="SM1")
    later.does("end_item", item=later.told("look_up_reminders").items[0].key)
    assert later.notes(*APPOINTMENT) == "saved"
    assert [wave for _, wave, _, _ in planned(later, "appointment")] == ["morning"]
