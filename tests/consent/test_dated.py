"""Things with a date of their own: noting them, ending one, saying that one is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from helpline.consent.consent import Consent
from helpline.consent.dated import occurrence_of
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import blocked_by_carrier, end, ended_by_carrier, withdraw
from helpline.menus.windows import PARIS
from helpline.records.tables import callers, consent_texts, consents, messages, subscriptions
from tests.consent.people import APPOINTMENT, LANDLINE, MOBILE, THURSDAY, Person, rows
from tests.menus.dated_kinds import KINDS

PAPER = ("paper", "2027-03-31")
SURE = "Rendez-vous vendredi 11 décembre à 14 h 30. Rappels : jeudi 10 décembre et vendredi 11 décembre.\n1 Oui"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def planned(person: Person, kind: str = "") -> list[tuple[str, str, str, datetime]]:
    """Kind, wave, queue and moment of what is planned for somebody."""
    found = rows(person.consent.engine, messages, messages.c.state == "planned")
    mine = sorted((row for row in found if row.caller_id == person.row().id), key=lambda row: row.due_at)
    return [(row.kind, row.wave, row.queue, row.due_at) for row in mine if kind in ("", row.kind)]


def proofs(person: Person) -> list[tuple[str, str]]:
    mine = consents.c.fingerprint == person.fingerprint
    return [(row.kind, row.event) for row in rows(person.consent.engine, consents, mine)]


def reminded(person: Person, kind: str, wave: str, **columns: Any) -> None:
    """A reminder of theirs went."""
    which = (messages.c.caller_id == person.row().id, messages.c.kind == kind, messages.c.wave == wave)
    went = {"state": "delivered", "tries": 1, "claimed_at": person.now} | columns
    with person.consent.engine.begin() as connection:
        assert connection.execute(update(messages).where(*which).values(**went)).rowcount == 1


def test_an_appointment_is_noted_with_its_reminders(somebody: Person) -> None:
    assert somebody.notes(*APPOINTMENT) == "saved"
    assert somebody.has() == [APPOINTMENT]
    eve, morning = planned(somebody)
    assert eve[:3] == ("appointment", "eve", "replies")
    assert at("2026-12-10 09:00") <= eve[3] <= at("2026-12-10 18:00")
    assert morning == ("appointment", "morning", "replies", at("2026-12-11 09:00"))
    assert proofs(somebody) == [("appointment", "given")]


def test_the_thing_has_its_moment(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    somebody.notes(*PAPER)
    found = {row.kind: row.at for row in rows(somebody.consent.engine, subscriptions)}
    assert found == {"appointment": at("2026-12-11 14:30"), "paper": at("2027-03-31 00:00")}


def test_a_paper_is_noted_with_the_reminders_that_are_left(somebody: Person) -> None:
    assert somebody.notes(*PAPER) == "saved"
    assert [wave for _, wave, _, _ in planned(somebody)] == ["second", "last"]


def test_the_same_message_twice_notes_once(somebody: Person) -> None:
    assert [somebody.notes(*APPOINTMENT, key="SM1") for _ in range(2)] == ["saved", "saved"]
    assert len(somebody.has()) == 1
    assert proofs(somebody) == [("appointment", "given")]


def test_what_is_noted_already_is_known(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    assert somebody.notes(*APPOINTMENT) == "known"
    assert len(planned(somebody)) == 2


def test_several_of_each_kind_and_not_too_many(somebody: Person) -> None:
    days = ["2026-12-11", "2026-12-14", "2026-12-15", "2026-12-16", "2026-12-17", "2026-12-18"]
    outcomes = [somebody.notes("appointment", f"{day}T14:30") for day in days]
    assert outcomes == ["saved"] * 5 + ["too_many"]
    assert somebody.notes(*PAPER) == "saved"


@pytest.mark.parametrize(
    ("now", "outcome"),
    [("2026-12-11 14:30", "past"), ("2026-12-11 12:30", "too_late"), ("2026-12-11 11:00", "saved")],
)
def test_what_is_over_or_too_near_is_told(somebody: Person, now: str, outcome: str) -> None:
    assert replace(somebody, now=at(now)).notes(*APPOINTMENT) == outcome


def test_who_is_blocked_or_withheld_or_without_texts_hears_why(consent: Consent) -> None:
    blocked_by_carrier(consent.engine, consent.fingerprint(MOBILE), THURSDAY)
    assert Person(consent).notes(*APPOINTMENT) == "blocked"
    assert Person(consent, number="").notes(*APPOINTMENT) == "no_number"
    assert Person(consent, number="+33899123456").calls().notes(*APPOINTMENT) == "no_text"


@pytest.mark.parametrize("about", [("holiday", "2026-12-11"), ("appointment", "2026-12-11"), ("paper", "soon")])
def test_what_is_not_whole_is_not_noted(somebody: Person, about: tuple[str, str]) -> None:
    assert somebody.notes(*about) == "not_saved"
    assert somebody.notes(*APPOINTMENT, shown="") == "not_saved"
    assert somebody.calls().notes(*APPOINTMENT, spoken=True) == "not_saved"


def test_a_form_tells_the_date_of_a_thing() -> None:
    kind = KINDS["appointment"]
    assert occurrence_of(kind, {"day": "2026-12-11", "time": "14:30"}) == "2026-12-11T14:30"
    assert occurrence_of(kind, {"moment": "2026-12-11T14:30"}) == "2026-12-11T14:30"
    assert occurrence_of(kind, {"day": "2026-12-11"}) == ""
    assert occurrence_of(KINDS["paper"], {"day": "2027-03"}) == "2027-03"


def test_the_proof_keeps_the_words_without_the_dates(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT, shown=SURE)
    (text,) = rows(somebody.consent.engine, consent_texts)
    assert text.text == "Rendez-vous {day} à {time}. Rappels : {reminders}.\n1 Oui"


def test_a_call_is_confirmed_by_text(somebody: Person) -> None:
    assert somebody.calls().notes(*APPOINTMENT) == "saved"
    assert [wave for _, wave, _, _ in planned(somebody, "welcome")] == ["appointment"]
    assert somebody.calls().notes(*APPOINTMENT) == "saved"  # whoever calls hears the same


def test_a_stop_in_another_way_leaves_no_question_open_by_text(somebody: Person) -> None:
    somebody.signs_up()
    said = Withdrawal(somebody.fingerprint, "operator", somebody.now, "operator", key="1.operator")
    withdraw(somebody.consent, said, somebody.now)
    assert somebody.later(minutes=5).notes(*APPOINTMENT) == "not_asked"
    assert somebody.later(minutes=31).notes(*APPOINTMENT) == "saved"


def test_who_stops_by_text_and_notes_something_after_that_wants_it(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    assert somebody.later(minutes=1).does("stop") == "stopped"
    assert somebody.later(minutes=2).notes(*APPOINTMENT) == "saved"
    assert len(planned(somebody, "appointment")) == 2


@pytest.mark.parametrize("how", ["stop", "not_me", "operator", "blocked", "ended"])
def test_everything_ends_everything(somebody: Person, how: str) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    somebody.notes(*PAPER)
    later = somebody.later(minutes=1)
    if how == "operator":
        said = Withdrawal(somebody.fingerprint, "operator", later.now, "operator", key="1.operator")
        withdraw(somebody.consent, said, later.now)
    elif how == "blocked":
        blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, later.now)
    elif how == "ended":
        ended_by_carrier(somebody.consent.engine, somebody.fingerprint, "21211", later.now)
    else:
        assert later.does(how) == "stopped"
    assert somebody.has() == []
    assert somebody.scope == ""
    assert planned(somebody) == []
    assert somebody.row().number is None
    ended = [kind for kind, event in proofs(somebody) if event == "ended"]
    assert sorted(ended) == ["appointment", "paper", "update"]


def test_not_me_ends_what_has_a_date_alone(somebody: Person) -> None:
    somebody.notes(*PAPER)
    assert somebody.later(minutes=1).does("not_me") == "stopped"
    assert somebody.has() == []


def test_erasing_leaves_nothing_of_it(somebody: Person) -> None:
    somebody.notes(*PAPER)
    assert somebody.later(minutes=1).does("erase") == "erased"
    assert rows(somebody.consent.engine, subscriptions) == []
    assert rows(somebody.consent.engine, messages) == []


def test_a_withdrawal_of_before_ends_only_what_is_older(somebody: Person) -> None:
    somebody.notes(*PAPER)
    later = somebody.later(hours=2)
    later.notes(*APPOINTMENT)
    early = Withdrawal(somebody.fingerprint, "stop", somebody.now + timedelta(hours=1), "restore", key="SM9.stop")
    with somebody.consent.engine.begin() as connection:
        from helpline.consent.withdrawing import apply

        assert apply(connection, early, later.now)
    assert somebody.has() == [APPOINTMENT]
    assert {kind for kind, _, _, _ in planned(somebody)} == {"appointment"}


def test_what_the_carrier_says_of_an_older_text_does_not_end_what_was_noted_since(somebody: Person) -> None:
    somebody.later(hours=1).notes(*APPOINTMENT)
    with somebody.consent.engine.begin() as connection:
        end(connection, somebody.fingerprint, "30005", somebody.later(hours=2).now, somebody.now)
    assert somebody.has() == [APPOINTMENT]


def test_who_has_only_the_update_sees_what_they_saw_before(somebody: Person) -> None:
    somebody.signs_up()
    assert somebody.told("look_up_reminders").items == ()
    assert somebody.does("look_up_reminders") == "all"


def test_all_is_listed_where_anything_has_a_date(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*PAPER)
    somebody.notes(*APPOINTMENT)
    found = somebody.told("look_up_reminders", key="SM7")
    assert found.name == "some"
    assert [(item.kind, item.occurrence) for item in found.items] == [("update", ""), APPOINTMENT, PAPER]
    assert somebody.told("look_up_reminders", key="SM7") == found


def test_a_call_tells_nothing_of_what_is_kept(somebody: Person) -> None:
    somebody.notes(*PAPER)
    found = somebody.calls().told("look_up_reminders")
    assert (found.name, found.items) == ("in_call", ())
    assert somebody.calls().does("end_item", item=items(somebody)[0]) == "not_saved"


def items(person: Person) -> list[str]:
    return [item.key for item in person.told("look_up_reminders").items]


def test_one_is_ended_and_the_others_go_on(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    somebody.notes(*PAPER)
    monthly, appointment, _ = items(somebody)
    assert somebody.does("end_item", item=appointment) == "ended"
    assert somebody.has() == [PAPER]
    assert planned(somebody, "appointment") == []
    assert somebody.does("end_item", item=appointment) == "gone"
    assert somebody.does("end_item", item=monthly) == "ended"
    assert somebody.scope == ""
    assert somebody.has() == [PAPER]
    assert somebody.row().number is not None


def test_who_ends_the_last_is_forgotten(somebody: Person) -> None:
    somebody.notes(*PAPER)
    assert somebody.does("end_item", item=items(somebody)[0]) == "ended"
    assert somebody.row().number is None


def test_nobody_ends_what_is_somebody_elses(consent: Consent) -> None:
    somebody, other = Person(consent), Person(consent, "+33639980002")
    somebody.notes(*PAPER)
    other.notes(*PAPER)
    assert other.does("end_item", item=items(somebody)[0]) == "gone"
    assert somebody.has() == [PAPER]


def test_who_ends_one_of_two_of_a_kind_still_agrees_to_the_other(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    somebody.notes("appointment", "2026-12-14T10:00")
    somebody.does("end_item", item=items(somebody)[0])
    assert proofs(somebody)[-1] == ("appointment", "changed")


def test_what_was_called_off_and_noted_again_goes_once(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    somebody.does("end_item", item=items(somebody)[0])
    assert somebody.later(minutes=1).notes(*APPOINTMENT) == "saved"
    assert [wave for _, wave, _, _ in planned(somebody)] == ["eve", "morning"]


def test_what_went_does_not_go_again_after_it_was_noted_again(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    later = replace(somebody, now=at("2026-12-11 09:30"))
    reminded(later, "appointment", "eve")
    reminded(later, "appointment", "morning")
    later.does("end_item", item=items(later)[0])
    assert later.notes(*APPOINTMENT) == "too_late"
    assert planned(somebody) == []


def test_done_ends_the_only_thing_that_is_due(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    assert somebody.does("done") == "none_due"  # nobody was reminded of it yet
    assert somebody.calls().does("done") == "nothing"  # it says nothing of what is kept
    later = replace(somebody, now=at("2026-12-10 12:00"))
    reminded(later, "appointment", "eve")
    assert later.does("done") == "done_one"
    assert somebody.has() == []
    assert planned(somebody) == []


def test_done_asks_which_where_two_are_due(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    later = replace(somebody, now=at("2026-12-10 12:00"))
    reminded(later, "appointment", "eve")
    later.gets(state="delivered", tries=1, claimed_at=later.now)
    found = later.told("done")
    assert found.name == "which"
    assert [item.kind for item in found.items] == ["update", "appointment"]
    monthly, appointment = (item.key for item in found.items)
    assert later.does("done_item", item=monthly) == "done_update"
    assert later.does("done_item", item=appointment) == "done_item"
    assert later.does("done_item", item=appointment) == "gone"
    assert somebody.has() == []
    assert somebody.scope == "all"


def test_done_is_about_the_update_where_nothing_else_is_due(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    assert somebody.does("done") == "done_all"
    assert somebody.has() == [APPOINTMENT]


def test_in_a_call_of_ours_it_is_about_what_we_call_for(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    later = replace(somebody, now=at("2026-12-10 12:00"))
    later.gets(state="delivered", tries=1, claimed_at=later.now - timedelta(days=2))
    reminded(later, "appointment", "eve", state="sent", channel="voice")
    assert later.calls().does("done", about=APPOINTMENT) == "done_one"
    assert somebody.has() == []


def test_data_says_that_there_is_something(somebody: Person) -> None:
    somebody.notes(*PAPER)
    assert somebody.does("show_data") == "all"


def test_landlines_are_called_about_it_once_they_chose_calls(consent: Consent) -> None:
    landline = Person(consent, LANDLINE).calls()
    assert landline.does("look_up_reminders") == "no_text"
    assert landline.does("subscribe_call_all") == "confirm"
    assert landline.does("confirm_call_all") == "saved"
    assert landline.row().channel == "voice"
    assert landline.notes(*APPOINTMENT) == "saved_call"
    assert {queue for _, _, queue, _ in planned(landline)} == {"calls"}
    assert planned(landline, "welcome") == []
    assert landline.does("look_up_reminders") == "no_text"  # it says nothing of what is kept


def test_a_landline_that_notes_something_in_a_call_is_called_for_it(consent: Consent) -> None:
    landline = Person(consent, LANDLINE).calls()
    assert landline.notes(*APPOINTMENT) == "saved_call"
    assert (landline.has(), landline.row().channel) == ([APPOINTMENT], "voice")
    assert [(wave, queue) for _, wave, queue, _ in planned(landline)] == [("eve", "calls"), ("morning", "calls")]
    assert proofs(landline) == [("appointment", "given")]
    assert landline.later(minutes=5).notes(*APPOINTMENT) == "saved_call"  # whoever calls hears the same
    assert landline.later(minutes=6).notes(*PAPER) == "saved_call"
    assert {queue for _, _, queue, _ in planned(landline)} == {"calls"}


@pytest.mark.parametrize("number", ["+33899123456", "+4930123456"])
def test_a_line_without_texts_that_we_may_not_call_is_reminded_of_nothing(consent: Consent, number: str) -> None:
    never = Person(consent, number).calls()
    assert never.notes(*APPOINTMENT) == "no_text"
    assert never.row() is None


def test_who_chose_calls_and_notes_something_is_called_for_it(somebody: Person) -> None:
    somebody.calls().does("confirm_call_all")
    assert somebody.later(minutes=1).notes(*APPOINTMENT) == "saved_call"  # by text
    assert somebody.row().channel == "voice"
    # Anybody can call under another number: it hears what everybody hears.
    assert somebody.calls().later(minutes=2).notes(*PAPER) == "saved"
    assert somebody.calls().later(minutes=3).notes(*PAPER) == "saved"
    assert {queue for kind, _, queue, _ in planned(somebody) if kind in KINDS} == {"calls"}
    assert somebody.later(minutes=4).notes(*PAPER) == "known"


def test_calls_are_asked_for_in_calls_only(somebody: Person) -> None:
    assert somebody.does("subscribe_call_all") == "not_saved"
    assert somebody.does("confirm_call_all") == "not_saved"
    foreign = Person(somebody.consent, "+4915112345678").calls()
    assert foreign.does("confirm_call_all") == "not_allowed"
    premium = Person(somebody.consent, "+33899123456").calls()
    assert premium.does("confirm_call_all") == "not_allowed"


def test_what_is_planned_follows_who_changes_to_calls_and_back(somebody: Person) -> None:
    somebody.calls().does("confirm_call_all")
    somebody.notes(*APPOINTMENT)
    somebody.gets(queue="calls")
    assert {(kind, queue) for kind, _, queue, _ in planned(somebody)} == {
        ("update", "calls"),
        ("appointment", "calls"),
        ("welcome", "replies"),
    }
    somebody.does("subscribe_all")
    assert proofs(somebody)[-1] == ("update", "changed")
    assert {(kind, queue) for kind, _, queue, _ in planned(somebody)} == {
        ("update", "bulk"),
        ("appointment", "replies"),
        ("welcome", "replies"),
    }
    assert rows(somebody.consent.engine, callers)[0].channel == "sms"
