"""Every way in which a stranger can make us pay, and what holds it off: numbers that are dear, or not ours to serve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.call_requests.bridging import phone_of
from helpline.callers_command.paper_file import Cells
from helpline.callers_command.paper_rows import Refused, Rules, Signed, read_row
from helpline.carrier.results import Sent
from helpline.consent.daily_budget import spend
from helpline.consent.reach import may_call
from helpline.menus.dates import today_in_paris
from helpline.on_request.numbers import no_text_to
from helpline.records.tables import messages
from helpline.settings import SettingsError, load_settings
from helpline.voice.calls import MOST_TURNS
from tests.consent.people import APPOINTMENT, MOBILE, THURSDAY, Person, rows
from tests.on_request.people import Asker, rules_on
from tests.phone import TOKEN, Phone
from tests.reminders.bench import Bench
from tests.reminders.conftest import redis, shared_stub, stub  # noqa: F401
from tests.simulator.carrier_process import CarrierProcess

FRANCE = ("FR",)
DEAR = {
    "premium 08 99": "+33899123456",
    "shared cost 08 26": "+33826123456",
    "free 08 00": "+33800123456",
    "a short code": "38123",
    "France Travail": "3949",
    "a short code with the country": "+333949",
    "Britain": "+447400123456",
    "British premium": "+449012345678",
    "satellite": "+882161234567",
    "Inmarsat": "+870773111632",
    "Globalstar": "+8818123456789",
    "America": "+12025550123",
    "American premium": "+19005550123",
    "Jamaica, which looks American": "+18765551234",
    "Reunion": "+262692123456",
    "Guadeloupe": "+590690123456",
    "Martinique": "+596696123456",
    "Guiana": "+594694123456",
    "Monaco": "+37761234567",
    "French, but too short": "+3361234567",
    "French, but too long": "+336123456789",
    "French with a first digit that nobody has": "+33012345678",
    "international premium": "+979012345678",
}
OVERSEAS = {"Reunion": "RE", "Guadeloupe": "GP", "Martinique": "MQ", "Guiana": "GF"}


def asks_for_reminders_by_text(asker: Asker) -> None:
    person = _person(asker)
    person.does("look_up_reminders", heard="remind")
    person.does("subscribe_all")
    person.does("subscribe_last")


def asks_for_reminders_in_a_call(asker: Asker) -> None:
    person = _person(asker).calls()
    person.does("look_up_reminders", heard="remind")
    person.does("subscribe_all")
    person.does("confirm_all")


def asks_for_reminder_calls(asker: Asker) -> None:
    person = _person(asker).calls()
    person.does("subscribe_call_all")
    person.does("confirm_call_all")


def notes_an_appointment_by_text(asker: Asker) -> None:
    _person(asker).notes(*APPOINTMENT)


def notes_an_appointment_in_a_call(asker: Asker) -> None:
    _person(asker).calls().notes(*APPOINTMENT)


def asks_for_a_page_in_a_call(asker: Asker) -> None:
    asker.asks_for_page()


def asks_for_a_page_by_text(asker: Asker) -> None:
    asker.texts().asks_for_page()


def asks_to_be_called_back(asker: Asker) -> None:
    asker.texts().asks_for_call()


def asks_to_be_called_back_in_a_call(asker: Asker) -> None:
    asker.asks_for_call()


def rings_and_hangs_up(asker: Asker) -> None:
    asker.rings_and_hangs_up()


WAYS: list[Callable[[Asker], None]] = [
    asks_for_reminders_by_text,
    asks_for_reminders_in_a_call,
    asks_for_reminder_calls,
    notes_an_appointment_by_text,
    notes_an_appointment_in_a_call,
    asks_for_a_page_in_a_call,
    asks_for_a_page_by_text,
    asks_to_be_called_back,
    asks_to_be_called_back_in_a_call,
    rings_and_hangs_up,
]


def _person(asker: Asker) -> Person:
    return Person(asker.rules.consent, asker.number)


@pytest.fixture
def asker(sqlite_engine: Engine, tmp_path: Path) -> Asker:
    """Somebody with a mobile, and a helpline that serves France and calls back."""
    return Asker(rules_on(sqlite_engine, tmp_path / "journal"))


def leads_to_something(asker: Asker, way: Callable[[Asker], None], number: str) -> bool:
    """Whether a message is planned, or somebody is known to whom the planner would send one."""
    way(asker.at(number))
    there = asker.at(number)
    return bool(rows(asker.rules.consent.engine, messages) or there.row() or _person(there).has())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_french_mobile_gets_what_it_asks_for(way: Callable[[Asker], None], asker: Asker) -> None:
    assert leads_to_something(asker, way, MOBILE)


@pytest.mark.parametrize("number", DEAR.values(), ids=DEAR)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_number_that_is_dear_or_not_served_gets_nothing(
    way: Callable[[Asker], None], number: str, asker: Asker
) -> None:
    assert not leads_to_something(asker, way, number)


@pytest.mark.parametrize("where", OVERSEAS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_overseas_is_served_where_it_is_allowed(way: Callable[[Asker], None], where: str, asker: Asker) -> None:
    countries = ("FR", OVERSEAS[where])
    allowed = replace(asker.rules.consent, countries=countries)
    there = asker.with_rules(consent=allowed, countries=frozenset(countries))
    assert leads_to_something(there, way, DEAR[where])


@pytest.mark.parametrize("number", DEAR.values(), ids=DEAR)
def test_no_operator_can_be_called_or_try_a_message_there(number: str) -> None:
    assert not may_call(number, FRANCE)  # who asked, and a test by call
    assert phone_of(number, FRANCE) == ""
    assert no_text_to(number, FRANCE)  # a test by text, and a page


@pytest.mark.parametrize("number", [number for number in DEAR.values() if number.startswith("+")])
def test_nobody_is_invited_there(number: str) -> None:
    rules = Rules({"fr": "fr"}, FRANCE, today_in_paris(THURSDAY))
    row = Cells(7, number, "fr", "PONT-1", "2026-11-02")
    assert isinstance(read_row(row, rules), Refused)
    assert isinstance(read_row(replace(row, number=MOBILE), rules), Signed)


@pytest.mark.parametrize("name", ["ALERT_NUMBER", "ADVISER_NUMBER"])
@pytest.mark.parametrize("number", ["+33899123456", "+447400123456", "+882161234567", "+19005550123", "+262692123456"])
def test_the_helpline_starts_with_no_number_of_ours_that_it_would_not_call(
    name: str, number: str, tmp_path: Path
) -> None:
    given = {"HELPLINE_ENV": "demo", "VAR_DIR": str(tmp_path), "TWILIO_AUTH_TOKEN": TOKEN}
    with pytest.raises(SettingsError, match=f"{name} .*ALLOWED_COUNTRIES"):
        load_settings(given | {name: number})
    assert load_settings(given | {name: MOBILE})


@pytest.fixture
def bench(sqlite_engine: Engine, redis: Redis, stub: CarrierProcess) -> Bench:  # noqa: F811
    return Bench(sqlite_engine, redis, stub, countries=FRANCE)


@pytest.mark.parametrize("number", DEAR.values(), ids=DEAR)
def test_what_was_planned_for_such_a_number_before_is_not_sent(number: str, bench: Bench) -> None:
    caller = bench.caller(number)
    planned = [bench.message(caller), bench.message(caller, "welcome"), bench.message(caller, "appointment", "eve")]
    for queue in ("replies", "bulk"):
        bench.deliver(queue)
    assert {bench.row(one).reason for one in planned} <= {"not_allowed", "not_subscribed", "no_wave"}
    assert bench.states(planned) == ["skipped"] * 3
    assert bench.sent(*planned) == []


@pytest.mark.parametrize("number", DEAR.values(), ids=DEAR)
def test_nor_is_such_a_number_called(number: str, bench: Bench) -> None:
    called = bench.call(bench.caller(number, channel="voice"))
    bench.deliver("calls")
    assert (bench.state(called), bench.row(called).reason) == ("skipped", "not_allowed")
    assert bench.called(called) == []


def test_many_such_numbers_stop_nobody_else_and_somebody_is_told(bench: Bench) -> None:
    refused = [bench.message(bench.caller(f"+4474001{number:05}")) for number in range(30)]
    assert not bench.deliver().paused
    assert [told for told in bench.alerts if "ALLOWED_COUNTRIES" in told]
    served = bench.message()
    bench.deliver()
    assert bench.states(refused) == ["skipped"] * 30
    assert len(bench.sent(served)) == 1


def test_a_carrier_takes_what_goes_to_a_french_mobile(bench: Bench) -> None:
    assert isinstance(bench.carrier().send(MOBILE, "Bonjour", 3600), Sent)


def test_a_machine_that_presses_keys_for_ever_is_hung_up_on(phone: Phone) -> None:
    reply = phone.press(phone.dial(), "1")
    for _ in range(MOST_TURNS - 2):
        assert not reply.hangs_up
        reply = phone.press(reply, "9")
    while not reply.hangs_up:
        reply = phone.press(reply, "9")
    assert "Au revoir" in reply.said


def test_who_says_nothing_is_hung_up_on_soon(phone: Phone) -> None:
    reply, waits = phone.press(phone.dial(), "1"), 0
    while not reply.hangs_up:
        reply, waits = phone.wait(reply), waits + 1
    assert waits <= 4


def test_what_is_asked_for_is_refused_in_words_once_callers_have_had_their_half(asker: Asker) -> None:
    few = asker.with_rules(messages_a_day=4)
    with asker.rules.consent.engine.begin() as connection:
        assert spend(connection, today_in_paris(THURSDAY), ["page", "call_back"], 4, THURSDAY)
    assert few.asks_for_page() == "not_saved"
    assert few.texts().asks_for_call() == "budget"
    assert rows(asker.rules.consent.engine, messages) == []
    tomorrow = few.later(days=1)
    assert (tomorrow.asks_for_page(), tomorrow.texts().asks_for_call()) == ("sent", "calling")
