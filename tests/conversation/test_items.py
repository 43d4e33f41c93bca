"""Several things that somebody is reminded of: listed, chosen by number, ended, said to be done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation import session
from helpline.conversation.items import as_text, read_item
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Item
from tests.conversation.callers import MONDAY, Caller, Texter
from tests.conversations.player import NUMBER

DATES = ("2026-12-12T14:30", "2026-12-15T09:00", "2027-01-05T10:00", "2027-02-01T11:00", "2027-02-02T11:00")
occurrences = st.one_of(
    st.just(""),
    st.dates().map(lambda day: day.isoformat()),
    st.dates().map(lambda day: day.isoformat()[:7]),
    st.datetimes().map(lambda at: at.isoformat()[:16]),
)


def reminded_of(*things: tuple[str, str], scope: str = "") -> Texter:
    caller = Texter(Session("fr", Place("menu"), at=int(MONDAY.timestamp())))
    caller.agreed.scope = scope  # type: ignore[assignment]
    for kind, occurrence in things:
        caller.agreed.things.add(kind, occurrence)
    return caller


@given(st.integers(0, 10**12), st.sampled_from(["update", "appointment", "paper"]), occurrences)
def test_an_item_survives_in_the_text_form_of_a_session(key: int, kind: str, occurrence: str) -> None:
    item = Item(str(key), kind, occurrence)
    here = Session("fr", Place("remind.list"), choices=(Place("remind.end", item=as_text(item)),))
    assert read_item(session.decode(session.encode(here)).choices[0].item) == item


@given(st.text("0123456789abcdefP.I", max_size=60))
def test_whatever_stands_in_a_place_is_an_item_or_none(text: str) -> None:
    found = read_item(text)
    assert found is None or found.key.isdecimal()


def test_the_page_of_a_call_is_no_item() -> None:
    assert read_item("signin.password.forgotP1") is None


def test_rappel_lists_everything_with_its_date_and_what_the_page_offers() -> None:
    caller = reminded_of(("appointment", DATES[0]), ("paper", "2027-03"), scope="all")
    lines = caller("rappel").splitlines()
    assert any(line.endswith("12/12 14 h 30") for line in lines)
    assert any(line.endswith("03/2027") for line in lines)
    assert caller.place == "remind.list"
    assert caller.here.choices[-1] == Place("remind.more")


def test_dates_are_named_in_the_language_of_the_caller() -> None:
    caller = reminded_of(("appointment", DATES[0]))
    assert "12/12 14:30" in caller("my reminders")


def test_the_number_of_a_thing_ends_it() -> None:
    caller = reminded_of(("appointment", DATES[0]), ("appointment", DATES[1]))
    caller("rappel")
    caller("2")
    assert (caller.last.name, caller.last.item) == ("end_item", "2")
    assert list(caller.agreed.things.active) == ["1"]


def test_many_things_come_page_by_page() -> None:
    caller = reminded_of(*(("appointment", date) for date in DATES), ("training", "2026-12-20T10:00"))
    first = caller("rappel")
    assert "6 Suite" in first
    assert "20/12 10 h" in first  # the soonest come first
    second = caller("6")
    assert "02/02/27 11 h" in second
    assert "6 Suite" not in second
    assert second.splitlines()[-2].startswith("3 ")  # two things, and what the page offers
    assert caller("*") == first
    assert caller("9") == first
    caller("6")
    caller("1")
    assert caller.last.name == "end_item"
    assert caller.last.item == "4"


def test_a_digit_that_comes_late_is_asked_about_with_the_name_of_the_thing() -> None:
    caller = reminded_of(("appointment", DATES[0]), ("appointment", DATES[1]))
    caller("rappel")
    assert "12/12 14 h 30" in caller("1", later=timedelta(hours=2))
    assert caller.agreed.things.active.keys() == {"1", "2"}
    caller("1")
    assert caller.agreed.things.active.keys() == {"2"}


def test_a_yes_alone_ends_nothing() -> None:
    caller = reminded_of(("appointment", DATES[0]))
    caller("rappel")
    caller("oui")
    assert caller.agreed.things.active.keys() == {"1"}


def test_a_list_shown_for_the_record_holds_no_date() -> None:
    caller = reminded_of(("appointment", DATES[0]), ("paper", "2027-03"))
    caller("rappel")
    caller("1")
    assert caller.last.shown
    assert "12/12" not in caller.last.shown
    assert "2027" not in caller.last.shown


def test_7_right_after_a_reminder_is_about_that_thing() -> None:
    caller = reminded_of(("training", DATES[0]), ("training", DATES[1]))
    caller.agreed.things.remind("training", DATES[0])
    caller.agreed.things.remind("training", DATES[1])
    caller.gets("training.wave.week", day="2026-12-12", time="14:30")
    caller("7")
    assert (caller.last.name, caller.last.of) == ("done", "training")
    assert dict(caller.last.form) == {"day": "2026-12-12", "time": "14:30"}


def test_a_reminder_can_be_seen_again_after_what_it_led_to() -> None:
    caller = reminded_of(("training", DATES[0]))
    caller.gets("training.wave.week", day="2026-12-12", time="14:30")
    shown = caller("9")
    assert "samedi 12 décembre, 14 h 30" in shown
    caller("contact")
    assert caller("*") == shown


def test_a_reminder_of_one_kind_leaves_nothing_of_another() -> None:
    caller = reminded_of()
    caller("titre 03/2027")
    caller.gets("training.wave.week", day="2026-12-12", time="14:30")
    assert caller.form == {"day": "2026-12-12", "time": "14:30"}
    assert caller("1")
    assert caller.place == "training.time"
    caller("10h")
    assert caller.form == {"day": "2026-12-12", "time": "10:00"}


def test_fait_asks_which_where_two_are_due() -> None:
    caller = reminded_of(("appointment", DATES[0]), ("training", DATES[1]))
    caller.agreed.things.remind("appointment", DATES[0])
    caller.agreed.things.remind("training", DATES[1])
    answer = caller("FAIT")
    assert caller.place == "done.which"
    assert "12/12 14 h 30" in answer
    assert "Formation 15/12 9 h" in answer
    caller("2")
    assert (caller.last.name, caller.last.item) == ("done_item", "2")


@pytest.mark.parametrize("gone", [Place("remind.end", item="1.other.20261212"), Place("remind.end", item="1..")])
def test_a_thing_of_a_kind_that_was_taken_out_can_still_be_chosen(gone: Place) -> None:
    caller = reminded_of(("appointment", DATES[0]))
    caller.here = Session("fr", Place("remind.list"), choices=(gone, Place("remind.more")), at=int(MONDAY.timestamp()))
    assert caller("9")
    caller("2")
    assert caller.place == "remind.more"


def test_in_a_call_what_was_only_said_is_asked_back_before_it_ends_anything() -> None:
    things = (Item("1", "appointment", DATES[0]), Item("2", "appointment", DATES[1]))
    choices = tuple(Place("done.item", item=as_text(thing)) for thing in things)
    caller = Caller()
    caller.agreed.things.add("appointment", DATES[0])
    here = session.encode(Session("fr", Place("done.which"), choices))
    caller.twiml = caller.calls.go_on("CA1", here, "9", "", NUMBER)
    assert "samedi 12 décembre, 14 h 30, tapez 1" in caller.heard
    caller.say("le premier")
    assert caller.agreed.effects == []
    assert caller.here.place.node == "confirm"
    caller.press("1")
    assert (caller.last.name, caller.last.item) == ("done_item", "1")
