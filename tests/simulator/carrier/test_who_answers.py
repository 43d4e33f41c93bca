"""Who answers the helpline's calls, as the carrier is told, and what the helpline learns of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from helpline.simulator.carrier.behaviour import Behaviour
from tests.simulator.carrier.conftest import ASKED, STATUS, VOICE, Place, ended, rings, said, status
from tests.simulator.phone_at import PhoneAt

BEFORE_LONG = {"rings": 0, "greeting": 0.05, "listens": 60}
AS_USUAL = {"answering": "", "rings": 1, "greeting": 2, "listens": 30}
SHORT = "<Say>Oui</Say>"


@pytest.fixture(autouse=True)
def before_long(place: Place) -> Iterator[None]:
    place.carrier.behave(**BEFORE_LONG)
    yield
    place.carrier.behave(**AS_USUAL)


def answers(place: Place, phone: PhoneAt, who: str) -> None:
    place.carrier.behave(answering=f"{who}:{phone.number}")


@pytest.mark.parametrize(
    ("who", "detection", "told"),
    [
        ("human", "Enable", "human"),
        ("human", "DetectMessageEnd", "human"),
        ("machine", "Enable", "machine_start"),
        ("machine", "DetectMessageEnd", "machine_end_beep"),
        ("machine-silence", "DetectMessageEnd", "machine_end_silence"),
        ("machine-other", "DetectMessageEnd", "machine_end_other"),
        ("fax", "Enable", "fax"),
        ("fax", "DetectMessageEnd", "fax"),
        ("silence", "DetectMessageEnd", "unknown"),
    ],
)
def test_the_carrier_tells_who_answered_at_the_beginning_and_at_the_end(
    place: Place, phone: PhoneAt, who: str, detection: str, told: str
) -> None:
    place.canned.answers = {VOICE: SHORT}
    answers(place, phone, who)
    call = place.ring(phone, **place.reported(machine_detection=detection))
    assert ended(place, call).answered_by == told
    assert [form["AnsweredBy"] for form in place.canned.forms(VOICE)] == [told]
    reports = place.told(4)
    assert [report["CallStatus"] for report in reports] == ["initiated", "ringing", "in-progress", "completed"]
    assert [report.get("AnsweredBy") for report in reports] == [None, None, None, told]
    assert place.client.calls(call).fetch().answered_by == told


def test_nobody_is_told_who_answered_where_that_was_not_asked(place: Place, phone: PhoneAt) -> None:
    place.canned.answers = {VOICE: SHORT}
    answers(place, phone, "machine")
    call = place.ring(phone)
    assert ended(place, call).answered_by == ""
    assert "AnsweredBy" not in place.canned.forms(VOICE)[0]


def test_a_person_who_answers_is_human(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone, **place.reported(machine_detection="DetectMessageEnd"))
    rings(phone)
    phone.act(call, "answer")
    phone.act(call, "hang-up")
    assert place.canned.forms(VOICE)[0]["AnsweredBy"] == "human"
    assert place.told(4)[-1]["AnsweredBy"] == "human"


def test_words_for_a_machine_are_asked_for_only_after_its_greeting(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(greeting=3600)
    answers(place, phone, "machine")
    call = place.ring(phone, **place.reported(machine_detection="DetectMessageEnd"))
    place.told(3)
    assert status(place, call) == "in-progress"
    assert place.canned.forms(VOICE) == []
    phone.act(call, "hang-up")
    assert place.told(4)[-1]["CallStatus"] == "completed"
    assert place.canned.forms(VOICE) == []


def test_who_wants_to_know_at_once_does_not_wait_for_the_end_of_the_greeting(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(greeting=3600)
    answers(place, phone, "machine")
    place.ring(phone, machine_detection="Enable")
    phone.wait_for("heard")
    assert said(phone) == ["Bonjour"]


def test_a_machine_takes_a_call_that_rings_and_answers_no_question(place: Place, phone: PhoneAt) -> None:
    goodbye = "<Say>Au revoir</Say>"
    place.canned.answers = {VOICE: f'<Gather timeout="1"><Say>Oui</Say></Gather>{goodbye}'}
    call = place.ring(phone, machine_detection="DetectMessageEnd")
    rings(phone)
    assert phone.act(call, "machine").status_code == 200
    assert phone.act(call, "machine").status_code == 409
    phone.wait_for("heard", lambda event: event["over"])
    assert [heard["waits"] for heard in phone.of("heard")] == [None, None]
    assert phone.of("call")[-1]["by"] == "machine"
    assert phone.act(call, "keys", keys="1").status_code == 409
    assert [form.get("AnsweredBy") for form in place.canned.forms(VOICE)] == ["machine_end_beep"]
    assert ended(place, call).status == "completed"


def test_whoever_answers_by_itself_hangs_up_when_it_had_enough(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(listens=0.1)
    answers(place, phone, "human")
    place.canned.answers = {VOICE: f"<Say>{'Bonjour ' * 100}</Say>{ASKED}"}
    call = place.ring(phone, **place.reported())
    assert ended(place, call).status == "completed"
    assert place.told(4)[-1]["CallStatus"] == "completed"


@pytest.mark.parametrize(
    ("who", "events"),
    [
        ("busy", ["initiated", "busy"]),
        ("failed", ["initiated", "failed"]),
        ("no-answer", ["initiated", "ringing", "no-answer"]),
    ],
)
def test_nobody_answers_for_every_reason_that_there_is(
    place: Place, phone: PhoneAt, who: str, events: list[str]
) -> None:
    answers(place, phone, who)
    call = place.ring(phone, **place.reported(timeout=1))
    assert ended(place, call).status == who
    reports = place.told(len(events))
    assert [report["CallStatus"] for report in reports] == events
    last = reports[-1]
    assert (last["CallDuration"], last["Direction"], last["To"]) == ("0", "outbound-api", phone.number)
    assert place.canned.forms(VOICE) == []


def test_a_machine_that_is_slower_than_the_call_rings_takes_nothing(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(rings=3600)
    answers(place, phone, "machine")
    assert ended(place, place.ring(phone, timeout=1)).status == "no-answer"


def test_shares_of_calls_are_answered_as_told(place: Place) -> None:
    place.carrier.behave(answering="busy:0.5,failed:1")
    found = {status(place, place.ring(PhoneAt(place.carrier, f"+336399806{n:02}"))) for n in range(30)}
    assert found == {"busy", "failed"}


@pytest.mark.parametrize("wish", [{"machine_detection": "Hang up"}, {"async_amd": "true"}])
def test_detection_that_is_not_simulated_is_refused(place: Place, phone: PhoneAt, wish: dict[str, Any]) -> None:
    with pytest.raises(TwilioRestException) as refused:
        place.ring(phone, **wish)
    assert refused.value.code == 20001


@pytest.mark.parametrize("rules", ["machine", "machine:", "robot:1", "machine:2"])
def test_who_answers_is_one_of_those_that_there_are(rules: str) -> None:
    with pytest.raises(ValueError, match=r"says not who answers|no share"):
        Behaviour().changed({"answering": rules})


def test_a_call_that_was_answered_by_keys_is_led_as_one_to_the_helpline(place: Place, phone: PhoneAt) -> None:
    place.canned.answers = {
        VOICE: f'<Gather numDigits="6" finishOnKey="#" action="{STATUS}/date"><Say>La date</Say></Gather>',
        f"{STATUS}/date": "<Hangup/>",
    }
    call = place.ring(phone, url=place.url(f"{VOICE}?message=7.1.a"))
    rings(phone)
    phone.act(call, "answer")
    for key in "1212":
        assert phone.act(call, "keys", keys=key).status_code == 200
    assert place.canned.forms(f"{STATUS}/date") == []
    phone.act(call, "keys", keys="#")
    (form,) = place.canned.forms(f"{STATUS}/date")
    assert (form["Digits"], form["FinishedOnKey"], form["Direction"]) == ("1212", "#", "outbound-api")
    phone.look()
    assert [event["url"] for event in phone.of("exchange")] == [f"{VOICE}?message=7.1.a", f"{STATUS}/date"]
