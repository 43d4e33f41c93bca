"""Anybody can call under another's number: what such a call can bring that number, and what it learns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import update

from helpline.consent.consent import Consent
from helpline.menus.windows import PARIS
from helpline.records.tables import callers, effects, messages, subscriptions
from tests.consent.people import APPOINTMENT, LANDLINE, MOBILE, Person, rows

PAPER = ("paper", "2027-03-31")
FOREIGN = "+4915112345678"
NEVER_BY_VOICE = ["+881612345678", "+5351234567", FOREIGN, "+33899123456", "+33826123456"]


def far(number: int) -> tuple[str, str]:
    return ("appointment", f"2026-12-{14 + number}T14:30")


def planned(person: Person) -> list[tuple[str, datetime]]:
    found = rows(person.consent.engine, messages, messages.c.state == "planned")
    return sorted((row.kind, row.due_at) for row in found)


def all_went(person: Person) -> None:
    with person.consent.engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.state == "planned").values(state="delivered", tries=1))


@pytest.mark.parametrize("number", [MOBILE, LANDLINE])
def test_a_number_has_three_things_noted_in_calls_within_any_24_hours(consent: Consent, number: str) -> None:
    call = Person(consent, number).calls()
    noted = [call.later(hours=count).notes(*far(count)) for count in range(3)]
    assert all(outcome.startswith("saved") for outcome in noted)
    before = len(planned(call))
    assert call.later(hours=4).notes(*far(3)) == "too_many"
    assert call.later(hours=23).notes(*far(0)) == "too_many"  # noted already: it hears the same
    assert (len(call.has()), len(planned(call))) == (3, before)
    assert call.later(hours=24).notes(*far(3)).startswith("saved")


def test_what_is_done_or_erased_makes_no_room_for_more(somebody: Person) -> None:
    call = somebody.calls()
    for count in range(3):
        assert call.later(minutes=count).notes(*far(count)) == "saved"
        all_went(somebody)
        call.later(minutes=count, seconds=30).does("done", heard="7")
    assert call.later(minutes=5).notes(*far(4)) == "too_many"
    assert call.later(minutes=5).does("confirm_all") == "not_saved"
    assert somebody.later(minutes=6).does("erase") == "erased"
    assert call.later(hours=2).notes(*far(4)) == "too_many"


def test_sign_ups_in_calls_count_with_what_is_noted(consent: Consent) -> None:
    call = Person(consent, LANDLINE).calls()
    assert call.notes(*far(0)) == "saved_call"
    assert call.later(minutes=1).does("confirm_call_all") == "saved"
    assert call.later(minutes=2).does("confirm_call_last") == "saved"
    assert call.later(minutes=3).does("confirm_call_all") == "not_allowed"
    assert call.later(minutes=3).does("subscribe_call_all") == "not_allowed"
    assert call.scope == "last"
    assert call.later(minutes=4).notes(*far(1)) == "too_many"


def test_what_comes_by_text_is_not_counted(somebody: Person) -> None:
    for count in range(5):
        assert somebody.later(minutes=count).notes(*far(count)) == "saved"
    assert somebody.calls().later(hours=1).notes(*PAPER) == "saved"


def test_a_reminder_that_has_begun_does_not_go_at_once_for_a_call(somebody: Person) -> None:
    near = ("appointment", "2026-12-03T16:30")
    now = replace(somebody, now=datetime(2026, 12, 3, 10, 30, tzinfo=PARIS))
    assert now.calls().notes(*near) == "too_late"
    assert rows(somebody.consent.engine, callers) == []
    assert now.notes(*near) == "saved"
    assert now.calls().notes(*near) == "too_late"  # known, and it hears the same as everybody


def test_a_call_for_many_hears_nothing_of_how_many_there_are(somebody: Person) -> None:
    for count in range(5):
        assert somebody.notes(*far(count)) == "saved"
    full, objecting = somebody.calls(), Person(somebody.consent, "+33639980002")
    objecting.notes(*PAPER)
    objecting.does("not_me")
    assert full.notes(*far(6)) == objecting.calls().later(days=2).notes(*far(6)) == "too_many"


@pytest.mark.parametrize("number", NEVER_BY_VOICE)
def test_a_call_from_elsewhere_or_a_service_agrees_to_nothing(consent: Consent, number: str) -> None:
    call = Person(consent, number).calls()
    assert call.notes(*APPOINTMENT) == "no_text"
    assert call.does("subscribe_all") == "no_text"
    assert call.does("confirm_all") == "no_text"
    assert call.does("confirm_call_all") == "not_allowed"
    for table in (callers, messages, subscriptions, effects):
        assert rows(consent.engine, table) == []
    assert call.does("look_up_reminders") == "no_text"


def test_who_texts_from_elsewhere_is_reminded_of_nothing_unless_that_country_is_allowed(consent: Consent) -> None:
    abroad = Person(consent, FOREIGN)
    assert abroad.does("look_up_reminders") == "not_allowed"
    assert abroad.notes(*APPOINTMENT) == "no_text"
    assert abroad.does("subscribe_call_all") == "not_allowed"
    assert rows(consent.engine, callers) == []


def test_who_texts_from_elsewhere_proves_their_number_by_it(consent: Consent) -> None:
    abroad = Person(replace(consent, countries=("FR", "DE")), FOREIGN)
    assert abroad.notes(*APPOINTMENT) == "saved"
    abroad.later(minutes=1).does("subscribe_all")
    assert abroad.scope == "all"
    assert Person(consent, FOREIGN).calls().later(minutes=2).notes(*PAPER) == "no_text"


def test_a_number_whose_owner_said_not_me_is_signed_up_by_their_text_only(somebody: Person) -> None:
    assert somebody.calls().notes(*APPOINTMENT) == "saved"
    assert somebody.later(minutes=1).does("not_me") == "stopped"
    call = somebody.calls().later(days=40)
    assert call.does("subscribe_all") == "not_saved"
    assert call.does("confirm_all") == "not_saved"
    assert call.does("confirm_call_all") == "not_allowed"
    assert call.notes(*PAPER) == "too_many"
    assert (somebody.scope, somebody.has(), somebody.row().number) == ("", [], None)
    assert somebody.later(days=41).notes(*PAPER) == "saved"


@pytest.mark.parametrize("said", ["stop", "erase"])
def test_a_withdrawal_holds_a_day_against_calls(somebody: Person, said: str) -> None:
    somebody.notes(*APPOINTMENT)
    somebody.later(minutes=1).does(said)
    call = somebody.calls()
    assert call.later(hours=24).notes(*PAPER) == "too_many"
    assert call.later(hours=24).does("confirm_all") == "not_saved"
    assert call.later(hours=25).notes(*PAPER) == "saved"


def test_nothing_is_saved_where_the_text_that_tells_of_it_cannot_go(somebody: Person) -> None:
    call = somebody.calls()
    for count in range(3):
        assert call.later(minutes=count).notes(*far(count)) == "saved"
    all_went(call)
    with somebody.consent.engine.begin() as connection:
        connection.execute(effects.delete())
    assert call.later(hours=1).notes(*far(4)) == "too_many"
    assert call.later(hours=1).does("confirm_all") == "not_saved"
    assert (len(somebody.has()), somebody.scope) == (3, "")


def test_no_call_turns_texts_into_calls(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    before = planned(somebody)
    call = somebody.calls().later(minutes=1)
    assert call.does("subscribe_call_last") == "not_allowed"
    assert call.does("confirm_call_last") == "not_allowed"
    assert (somebody.row().channel, somebody.scope, planned(somebody)) == ("sms", "all", before)
    assert {row.queue for row in rows(somebody.consent.engine, messages)} == {"replies"}


def test_a_mobile_that_has_nothing_may_choose_calls(somebody: Person) -> None:
    assert somebody.calls().does("confirm_call_all") == "saved"
    assert somebody.row().channel == "voice"


def test_the_share_of_a_call_is_of_its_number_alone(somebody: Person) -> None:
    for count in range(3):
        somebody.calls().later(minutes=count).notes(*far(count))
    assert Person(somebody.consent, "+33639980002").calls().notes(*far(0)) == "saved"
