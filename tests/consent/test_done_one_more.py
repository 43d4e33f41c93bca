"""FAIT about a thing of which a last reminder comes all the same: it stays, the others are called off, asked once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from helpline.consent.consent import Consent
from helpline.records.tables import messages
from tests.consent.people import LANDLINE, Person, rows
from tests.consent.test_dated import at, planned, proofs, reminded
from tests.consent.test_done import told_of

TRAINING = ("training", "2027-03-31")  # a Wednesday; reminders on the 24th, and on the day itself


def reminded_once(person: Person) -> Person:
    person.notes(*TRAINING)
    reminded(person, "training", "week", claimed_at=at("2027-03-24 10:00"))
    return replace(person, now=at("2027-03-24 12:00"))


def reminded_twice(person: Person) -> Person:
    reminded(person, "training", "start", claimed_at=at("2027-03-31 10:00"))
    return replace(person, now=at("2027-03-31 12:00"))


def test_the_last_reminder_stays_and_the_answer_says_so(somebody: Person) -> None:
    later = reminded_once(somebody)
    assert told_of(later.told("done")) == ("done_one_more", TRAINING)
    assert later.has() == [TRAINING]
    assert [wave for _, wave, _, _ in planned(later)] == ["start"]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_last_reminder_that_is_on_its_way_still_comes(somebody: Person, state: str) -> None:
    later = reminded_once(somebody)
    last = update(messages).where(messages.c.wave == "start")
    with later.consent.engine.begin() as connection:
        connection.execute(last.values(state=state, tries=1, claimed_at=later.now))
    assert told_of(later.told("done")) == ("done_one_more", TRAINING)
    assert later.has() == [TRAINING]
    (still,) = rows(later.consent.engine, messages, messages.c.wave == "start")
    assert still.state == state


def test_the_reminders_before_it_are_called_off(somebody: Person) -> None:
    later = reminded_once(somebody)
    (went,) = rows(later.consent.engine, messages, messages.c.wave == "week")
    before = {**went._mapping, "wave": "before", "state": "planned", "sid": None}
    del before["id"]
    with later.consent.engine.begin() as connection:
        connection.execute(messages.insert().values(**before))
    assert later.does("done") == "done_one_more"
    assert [wave for _, wave, _, _ in planned(later)] == ["start"]
    (called_off,) = rows(later.consent.engine, messages, messages.c.wave == "before")
    assert (called_off.state, called_off.reason) == ("skipped", "done")


def test_the_carriers_repeat_is_answered_alike_and_proven_once(somebody: Person) -> None:
    later = reminded_once(somebody)
    for _ in range(2):
        assert told_of(later.told("done", key="SM7")) == ("done_one_more", TRAINING)
    assert proofs(later) == [("training", "given"), ("training", "changed")]


def test_it_is_not_due_again_before_its_last_reminder_went(somebody: Person) -> None:
    later = reminded_once(somebody)
    later.does("done")
    assert later.does("done") == "none_due"
    assert [item.kind for item in later.told("look_up_reminders").items] == ["training"]


def test_after_the_last_reminder_it_ends(somebody: Person) -> None:
    reminded_once(somebody).does("done")
    last = reminded_twice(somebody)
    assert told_of(last.told("done")) == ("done_one", TRAINING)
    assert last.has() == []


def test_key_7_again_says_the_same_and_keeps_one_proof(somebody: Person) -> None:
    later = reminded_once(somebody)
    for _ in range(2):
        assert told_of(later.told("done", heard="7", about=TRAINING)) == ("done_one_more", TRAINING)
    assert proofs(later) == [("training", "given"), ("training", "changed")]


def test_chosen_among_several_it_stays_too(somebody: Person) -> None:
    somebody.signs_up()
    later = reminded_once(somebody)
    later.gets(wave="middle", occurrence="2027-02", state="delivered", tries=1, claimed_at=later.now)
    item = next(item.key for item in later.told("look_up_reminders").items if item.kind == "training")
    assert told_of(later.told("done_item", item=item)) == ("done_one_more", TRAINING)
    assert TRAINING in later.has()


def test_noted_again_it_is_known(somebody: Person) -> None:
    later = reminded_once(somebody)
    later.does("done")
    assert later.notes(*TRAINING) == "known"


@pytest.mark.parametrize("how", ["withdraw", "erase"])
def test_it_can_still_be_ended(somebody: Person, how: str) -> None:
    later = reminded_once(somebody)
    later.does("done")
    item = later.told("look_up_reminders").items[0].key
    if how == "withdraw":
        assert later.does("end_item", item=item) == "ended"
    else:
        later.does("erase")
    assert planned(later) == []


def test_a_landline_that_presses_7_in_our_call_keeps_the_last_call(consent: Consent) -> None:
    landline = Person(consent, LANDLINE, "voice")
    landline.does("confirm_call_all")
    landline.notes(*TRAINING)
    reminded(landline, "training", "week", state="sent", channel="voice", claimed_at=at("2027-03-24 10:00"))
    later = replace(landline, now=at("2027-03-24 10:01"))
    assert told_of(later.told("done", heard="7", about=TRAINING)) == ("done_one_more", TRAINING)
    assert [wave for kind, wave, _, _ in planned(later) if kind == "training"] == ["start"]
