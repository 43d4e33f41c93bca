"""0 twice, PARLER, ANNULER: who is put through, what is noted, and what is told to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline.call_requests import asking, dialling
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.records.desk_tables import call_requests
from helpline.records.engine import open_records
from tests.call_requests.wanting import EVENING, MORNING, OWN, Wanting, rules_on
from tests.consent.people import LANDLINE
from tests.fresh_logs import captured_logs

WITHHELD, ABROAD, DEAR = "", "+447700900123", "+33899123456"


def test_while_somebody_is_there_a_call_is_put_through_and_nothing_is_noted(somebody: Wanting) -> None:
    assert somebody.then(MORNING).wants() == "dial"
    assert somebody.at(WITHHELD).then(MORNING).wants() == "dial"
    assert somebody.requests() == []


def test_at_other_times_the_wish_is_noted_with_the_number_sealed(somebody: Wanting) -> None:
    assert somebody.wants() == "requested"
    (request,) = somebody.requests()
    assert (request.state, request.language, request.channel) == ("waiting", "fr", "voice")
    assert (request.asked_at, request.changed_at, request.tries) == (EVENING, EVENING, 0)
    assert somebody.number not in str(request)
    assert somebody.rules.consent.seals.open(request.number) == somebody.number
    assert request.number_key == somebody.rules.consent.seals.mark


@pytest.mark.parametrize("when", [MORNING, EVENING])
def test_without_an_adviser_it_is_noted_at_any_time(somebody: Wanting, when: object) -> None:
    nobody = replace(somebody, rules=replace(somebody.rules, adviser=""), now=when)
    assert nobody.wants() == "requested"


def test_by_text_it_is_noted_at_any_time(somebody: Wanting) -> None:
    assert somebody.texts().then(MORNING).wants() == "requested"
    assert somebody.requests()[0].channel == "sms"


def test_a_call_that_was_not_picked_up_is_noted(somebody: Wanting) -> None:
    assert somebody.then(MORNING).wants("CA1.3") == "dial"
    assert somebody.then(MORNING).misses("CA1.4") == "requested"
    assert somebody.states() == ["waiting"]


def test_a_repeated_webhook_gets_the_same_outcome_and_does_nothing_twice(somebody: Wanting) -> None:
    assert [somebody.texts().wants("SM1"), somebody.texts().wants("SM1")] == ["requested"] * 2
    assert somebody.texts().wants("SM2") == "known"
    # The moment of the first one counts, whatever the clock says when it comes again.
    assert [somebody.then(MORNING).wants("CA1.3"), somebody.wants("CA1.3")] == ["dial"] * 2
    assert [somebody.texts().cancels("SM3"), somebody.texts().cancels("SM3")] == ["cancelled"] * 2
    assert somebody.states() == ["withdrawn"]


def test_one_request_is_open_at_a_time_also_while_somebody_has_taken_it(somebody: Wanting) -> None:
    somebody.texts().wants()
    with somebody.rules.consent.engine.begin() as connection:
        connection.execute(update(call_requests).values(state="taken", taken_by="Anna"))
    assert somebody.texts().wants() == "known"
    with somebody.rules.consent.engine.begin() as connection:
        connection.execute(update(call_requests).values(state="done", number=None, number_key=None))
    assert somebody.texts().wants() == "requested"
    assert somebody.states() == ["done", "waiting"]


def test_in_a_call_nobody_learns_what_is_noted_of_a_number(somebody: Wanting) -> None:
    assert [somebody.wants("CA1.2"), somebody.wants()] == ["requested"] * 2
    assert [somebody.cancels("CA1.3"), somebody.cancels()] == ["cancelled"] * 2
    assert somebody.says("show_data") == "by_text"
    assert somebody.states() == ["withdrawn"]


@pytest.mark.parametrize(
    ("number", "outcome"),
    [(WITHHELD, "withheld"), (ABROAD, "not_allowed"), (DEAR, "not_allowed"), (OWN, "not_allowed")],
)
def test_who_cannot_be_called_is_promised_no_call(somebody: Wanting, number: str, outcome: str) -> None:
    assert somebody.at(number).wants() == outcome
    assert somebody.at(number).misses() == outcome
    assert somebody.at(number).requests() == []


def test_a_landline_is_called_as_a_mobile_is(somebody: Wanting) -> None:
    assert somebody.at(LANDLINE.replace("1234", "5678")).wants() == "requested"


def test_three_requests_within_a_day_and_more_the_day_after(somebody: Wanting) -> None:
    texter = somebody.texts()
    for minutes in range(3):
        assert texter.later(minutes=minutes).wants() == "requested"
        assert texter.later(minutes=minutes).cancels() == "cancelled"
    assert texter.later(hours=1).wants() == "too_many"
    assert texter.at("+33639980002").wants() == "requested"
    assert texter.later(days=1, minutes=1).wants() == "requested"


def test_erasing_everything_gives_nobody_a_new_day(somebody: Wanting) -> None:
    texter = somebody.texts()
    for minutes in range(3):
        assert texter.later(minutes=minutes).wants() == "requested"
        assert texter.later(minutes=minutes).says("erase") == "erased"
    assert texter.later(minutes=4).wants() == "too_many"


def test_cancelling_drops_the_number(somebody: Wanting) -> None:
    somebody.texts().wants()
    assert somebody.texts().cancels() == "cancelled"
    (request,) = somebody.requests()
    assert (request.state, request.number, request.number_key) == ("withdrawn", None, None)
    assert somebody.texts().cancels() == "nothing"


@pytest.mark.parametrize("word", ["stop", "not_me"])
def test_who_wants_nothing_more_is_not_called(somebody: Wanting, word: str) -> None:
    texter = somebody.texts()
    texter.wants()
    assert texter.later(minutes=1).says(word) == "stopped"
    (request,) = texter.requests()
    assert (request.state, request.number) == ("withdrawn", None)


def test_erasing_leaves_no_trace_of_a_request(somebody: Wanting) -> None:
    somebody.texts().wants()
    assert somebody.texts().later(minutes=1).says("erase") == "erased"
    assert somebody.requests() == []


def test_who_said_stop_may_ask_for_a_person_afterwards(somebody: Wanting) -> None:
    somebody.texts().says("stop")
    assert somebody.texts().later(minutes=1).wants() == "requested"


def test_nobody_asks_under_a_number_whose_owner_said_not_me(somebody: Wanting) -> None:
    somebody.wants()
    assert somebody.texts().later(minutes=5).says("not_me") == "stopped"
    assert somebody.later(minutes=6).wants() == "not_allowed"
    assert somebody.states() == ["withdrawn"]


def test_a_block_of_texts_is_no_word_about_calls(somebody: Wanting) -> None:
    somebody.wants()
    blocked_by_carrier(somebody.rules.consent.engine, somebody.fingerprint, somebody.now)
    assert somebody.states() == ["waiting"]


def test_an_older_stop_that_waits_in_the_journal_takes_nothing_back(somebody: Wanting, tmp_path: Path) -> None:
    broken = replace(somebody.rules.consent, engine=open_records(f"sqlite:///{tmp_path}/nothing/here.db"))
    away = replace(somebody, rules=replace(somebody.rules, consent=broken), channel="sms")
    assert away.says("stop") == "stopped"
    assert somebody.texts().later(minutes=1).wants() == "requested"
    assert somebody.states() == ["waiting"]


def test_data_says_by_text_whether_somebody_is_to_call(somebody: Wanting) -> None:
    texter = somebody.texts()
    assert texter.says("show_data") == "nothing"
    texter.wants()
    assert texter.says("show_data") == "call"
    texter.says("look_up_reminders")
    assert texter.says("subscribe_last") == "saved"
    assert texter.says("show_data") == "call_last"
    texter.cancels()
    assert texter.says("show_data") == "last"


def test_without_the_database_a_call_is_put_through_and_nothing_is_promised(tmp_path: Path) -> None:
    away = Wanting(rules_on(open_records(f"sqlite:///{tmp_path}/nothing/here.db"), tmp_path))
    assert away.then(MORNING).wants() == "dial"
    assert [away.wants(), away.misses(), away.texts().wants(), away.cancels()] == ["not_saved"] * 4


def test_a_request_of_long_ago_does_not_count(somebody: Wanting) -> None:
    somebody.texts().wants()
    somebody.texts().cancels()
    assert somebody.texts().then(EVENING + timedelta(days=40)).wants() == "requested"


def test_a_call_rings_the_adviser_once(somebody: Wanting) -> None:
    """Whoever asks again in the same call was not picked up."""
    caller = somebody.then(MORNING)
    assert [caller.wants("CA1.2"), caller.wants("CA1.2"), caller.wants("CA1.4")] == ["dial", "dial", "requested"]
    withheld = caller.at(WITHHELD)
    assert [withheld.wants("CA2.2"), withheld.wants("CA2.4")] == ["dial", "withheld"]


def test_a_number_rings_the_adviser_three_times_a_day(somebody: Wanting) -> None:
    caller = somebody.then(MORNING)
    assert [caller.wants() for _ in range(5)] == ["dial"] * 3 + ["requested"] * 2
    assert caller.at("+33639980002").wants() == "dial"
    assert caller.later(days=1).wants() == "dial"


def test_withheld_numbers_share_one_allowance(somebody: Wanting) -> None:
    withheld = somebody.at(WITHHELD).then(MORNING)
    assert [withheld.wants() for _ in range(22)] == ["dial"] * 20 + ["withheld"] * 2


def test_all_callers_share_the_calls_of_a_day(somebody: Wanting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "MOST_A_DAY", 2)
    people = [somebody.then(MORNING).at(f"+336399805{place:02}") for place in range(4)]
    with captured_logs() as told:
        assert [person.wants() for person in people] == ["dial", "dial", "requested", "requested"]
    assert len([line for line in told if line["log_level"] == "warning"]) == 1
    assert people[3].later(days=1).wants() == "dial"


def test_without_the_database_callers_are_put_through_but_not_without_end(tmp_path: Path) -> None:
    away = Wanting(rules_on(open_records(f"sqlite:///{tmp_path}/nothing/here.db"), tmp_path)).then(MORNING)
    assert [away.wants("CA1.2"), away.wants("CA1.2"), away.wants("CA1.4")] == ["dial", "dial", "not_saved"]
    assert [away.wants() for _ in range(11)] == ["dial"] * 9 + ["not_saved"] * 2
    assert away.later(hours=1).wants() == "dial"


def test_calls_note_so_many_wishes_a_day_and_texts_more(somebody: Wanting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_BY_CALL", 2)
    people = [somebody.at(f"+336399806{place:02}") for place in range(4)]
    with captured_logs() as told:
        assert [person.wants() for person in people] == ["requested", "requested", "not_saved", "not_saved"]
    assert len([line for line in told if line["log_level"] == "warning"]) == 1
    assert people[0].wants() == "requested"  # as ever nobody learns that it is noted already
    assert people[2].texts().wants() == "requested"
    assert people[3].later(days=1).wants() == "requested"


def test_a_call_takes_back_only_what_it_has_noted_itself(somebody: Wanting) -> None:
    somebody.texts().wants()
    assert [somebody.wants("CA1.2"), somebody.cancels("CA1.3")] == ["requested", "cancelled"]
    assert somebody.states() == ["waiting"]
    other = somebody.at("+33639980002")
    assert [other.wants("CA2.2"), other.cancels("CA3.3")] == ["requested", "cancelled"]
    assert other.states() == ["waiting"]
    assert other.cancels("CA2.3") == "cancelled"
    assert other.states() == ["withdrawn"]
