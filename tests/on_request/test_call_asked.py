"""Call me back: by text, and by a call that rang and was hung up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpline.consent.limits import MOST
from helpline.on_request.on_request import RINGS
from helpline.records.engine import open_records
from helpline.records.tables import callers, consents, controls, effects, messages, subscriptions
from tests.on_request.people import LANDLINE, OWN, Asker, a_call, rows

BUDGET = "call_backs 2026-12-03"


def budget_spent(asker: Asker, name: str = BUDGET) -> int:
    found = rows(asker.rules.consent.engine, controls, controls.c.name == name)
    return int(found[0].value) if found else 0


@pytest.fixture
def texter(asker: Asker) -> Asker:
    return asker.texts()


def test_the_call_is_planned_at_once_and_comes_soon_or_not_at_all(texter: Asker) -> None:
    assert texter.asks_for_call(key="SM1") == "calling"
    (message,) = texter.messages("call_back")
    assert (message.queue, message.channel, message.state, message.occurrence) == ("calls", "voice", "planned", "SM1")
    assert (message.due_at, message.not_after) == (texter.now, texter.now + timedelta(minutes=10))
    assert texter.rules.consent.seals.open(texter.row().number) == texter.number
    assert rows(texter.rules.consent.engine, subscriptions) == []
    assert rows(texter.rules.consent.engine, consents) == []


@pytest.mark.parametrize("status", ["no-answer", "canceled", "busy"])
def test_a_call_that_rang_and_was_hung_up_is_called_back_once(asker: Asker, status: str) -> None:
    sid = a_call()
    assert asker.rings_and_hangs_up(sid, status) == "called"
    assert asker.later(minutes=11).rings_and_hangs_up(sid, status) == ""
    assert [message.occurrence for message in asker.messages("call_back")] == [sid]


def test_a_landline_is_called_back_too(asker: Asker) -> None:
    assert asker.at(LANDLINE).rings_and_hangs_up() == "called"


def test_where_the_helpline_does_not_call_back_it_says_so_and_keeps_nothing(asker: Asker) -> None:
    off = asker.with_rules(calls_back=False)
    assert off.texts().asks_for_call() == "off"
    assert off.rings_and_hangs_up() == ""
    assert off.on_request.rings_first(off.number) == 0
    for table in (callers, messages, effects, controls):
        assert rows(asker.rules.consent.engine, table) == []


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("", "no_number"),
        (OWN, "not_allowed"),
        ("38123", "not_allowed"),
        ("+33899123456", "not_allowed"),
        ("+33826123456", "not_allowed"),
        ("+447400123456", "not_allowed"),
        ("+12125550123", "not_allowed"),
    ],
)
def test_numbers_that_are_never_called_hear_why_and_nothing_is_kept(asker: Asker, number: str, outcome: str) -> None:
    never = asker.at(number)
    assert never.texts().asks_for_call() == outcome
    assert never.rings_and_hangs_up() == ""
    assert never.on_request.rings_first(number) == 0
    for table in (callers, messages, controls):
        assert rows(asker.rules.consent.engine, table) == []


def test_who_can_be_called_back_hears_it_ring_first(asker: Asker) -> None:
    assert asker.on_request.rings_first(asker.number) == RINGS
    assert asker.on_request.rings_first(LANDLINE) == RINGS


def test_once_in_ten_minutes(texter: Asker) -> None:
    assert texter.asks_for_call() == "calling"
    assert texter.later(minutes=9, seconds=59).asks_for_call() == "too_soon"
    assert texter.later(minutes=5).rings_and_hangs_up() == ""
    assert texter.later(minutes=10).asks_for_call() == "calling"


def test_three_times_in_any_24_hours_by_whichever_way(texter: Asker) -> None:
    assert [texter.later(hours=hour).asks_for_call() for hour in range(2)] == ["calling"] * 2
    assert texter.later(hours=2).rings_and_hangs_up() == "called"
    assert len(texter.messages("call_back")) == MOST["call_back"]
    assert texter.later(hours=23).asks_for_call() == "too_many"
    assert texter.later(hours=24).asks_for_call() == "calling"


def test_a_call_that_never_went_is_not_counted(texter: Asker) -> None:
    assert texter.asks_for_call() == "calling"
    texter.was_answered()
    assert texter.later(minutes=1).asks_for_call() == "calling"


def test_who_chooses_calls_meanwhile_has_their_share_back_as_well(texter: Asker) -> None:
    assert texter.asks_for_call() == "calling"
    assert replace(texter, channel="voice").later(seconds=20).says("confirm_call_all") == "saved"
    texter.was_answered()
    assert texter.later(minutes=1).asks_for_call() == "calling"


def test_a_repeated_text_gets_the_same_outcome_and_one_call(texter: Asker) -> None:
    assert [texter.asks_for_call(key="SM1") for _ in range(3)] == ["calling"] * 3
    assert len(texter.messages("call_back")) == 1
    assert budget_spent(texter) == 1


def test_a_repeat_after_its_effect_was_forgotten_brings_no_second_call(texter: Asker) -> None:
    assert texter.asks_for_call(key="SM1") == "calling"
    with texter.rules.consent.engine.begin() as connection:
        connection.execute(effects.delete())
    assert texter.asks_for_call(key="SM1") == "calling"
    assert len(texter.messages("call_back")) == 1
    assert budget_spent(texter) == 1


def test_the_days_calls_for_everybody_are_limited_and_the_operator_learns_of_it_once(
    texter: Asker, alerts: list[str]
) -> None:
    few = texter.with_rules(calls_a_day=2)
    found = [few.at(f"+3363998010{number}").asks_for_call() for number in range(4)]
    assert found == ["calling", "calling", "budget", "budget"]
    assert few.at("+33639980109").rings_and_hangs_up() == ""
    assert few.at("+33639980103").row() is None
    assert len(alerts) == 1
    assert "CALL_BACKS_A_DAY" in alerts[0]


def test_the_days_calls_are_those_of_a_french_day(texter: Asker, alerts: list[str]) -> None:
    one = texter.with_rules(calls_a_day=1)
    assert one.asks_for_call() == "calling"
    before_midnight = one.at("+33639980101").later(hours=13, minutes=59)  # 23:59 in Paris
    assert before_midnight.asks_for_call() == "budget"
    assert before_midnight.later(minutes=1).asks_for_call() == "calling"
    assert len(alerts) == 2


def test_days_that_are_long_over_are_not_kept(texter: Asker) -> None:
    for day in range(12):
        assert texter.later(days=day).asks_for_call() == "calling"
    names = [row.name for row in rows(texter.rules.consent.engine, controls, controls.c.name.startswith("call_backs "))]
    assert names == [f"call_backs 2026-12-{day:02}" for day in range(7, 15)]


def test_no_calls_a_day_means_none(texter: Asker) -> None:
    assert texter.with_rules(calls_a_day=0).asks_for_call() == "budget"


def test_erasing_brings_nobody_more_calls(texter: Asker) -> None:
    for hour in range(3):
        assert texter.later(hours=hour, minutes=2).asks_for_call() == "calling"
        texter.gets_all()
        assert texter.later(hours=hour, minutes=3).says("erase") == "erased"
        assert texter.later(hours=hour, minutes=4).asks_for_call() == "too_soon"
    assert texter.later(hours=4).says("subscribe_all") == "saved"
    assert texter.later(hours=5).rings_and_hangs_up() == ""
    assert texter.later(hours=5).asks_for_call() == "too_many"
    assert budget_spent(texter) == 3
    assert texter.later(hours=25).asks_for_call() == "calling"


def test_who_said_not_me_is_never_called_back(texter: Asker) -> None:
    texter.objected("not_me")
    assert texter.later(days=9).asks_for_call() == "not_allowed"
    assert texter.later(days=9).rings_and_hangs_up() == ""
    assert texter.row() is None


def test_a_stop_that_answers_a_call_back_ends_those_by_ringing_but_a_text_still_asks_for_one(asker: Asker) -> None:
    assert asker.rings_and_hangs_up() == "called"
    asker.gets_all()
    assert asker.texts().later(hours=1).says("stop") == "stopped"
    assert asker.later(days=2).rings_and_hangs_up() == ""
    assert asker.texts().later(days=2).asks_for_call() == "calling"


def test_who_said_stop_long_ago_is_called_back_and_the_stop_stays(asker: Asker) -> None:
    asker.objected("stop")
    assert asker.later(days=2).rings_and_hangs_up() == "called"
    assert asker.objection().reason == "stop"


def test_the_call_speaks_the_language_that_was_last_spoken(asker: Asker) -> None:
    spoken = asker.with_rules(language_of={asker.fingerprint: "en"}.get)
    assert spoken.rings_and_hangs_up() == "called"
    assert spoken.row().language == "en"


def test_where_no_language_is_remembered_it_is_the_one_of_before_or_the_first(asker: Asker) -> None:
    assert asker.rings_and_hangs_up() == "called"
    assert asker.row().language == "fr"
    english = replace(asker.texts(), number="+33639980002", language="en")
    assert english.asks_for_call() == "calling"
    assert english.later(hours=1).rings_and_hangs_up() == "called"
    assert english.row().language == "en"


def test_somebody_who_was_answered_meanwhile_is_not_called(texter: Asker) -> None:
    assert texter.asks_for_call() == "calling"
    texter.later(seconds=30).was_answered()
    (message,) = texter.messages("call_back")
    assert (message.state, message.reason) == ("skipped", "answered")
    assert texter.row().number is None


def test_a_call_back_that_is_asked_for_in_a_call_comes_after_it(asker: Asker) -> None:
    sid = a_call()
    assert asker.asks_for_call(key=f"{sid}.4") == "calling"
    asker.later(seconds=5).was_answered(sid)
    (message,) = asker.messages("call_back")
    assert message.state == "planned"
    assert message.due_at == asker.now + timedelta(minutes=1)


def test_without_the_database_a_text_hears_it_and_a_missed_call_breaks_nothing(texter: Asker) -> None:
    consent = replace(texter.rules.consent, engine=open_records("sqlite:////nowhere/at/all.db"))
    without = texter.with_rules(consent=consent)
    assert without.asks_for_call() == "not_saved"
    without.on_request.missed(a_call(), texter.number, "no-answer")
    without.was_answered()
    assert texter.messages("call_back") == []
