"""The Calls API of the simulated carrier, seen through the official client, with a phone at the other end."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from helpline.settings import load_settings
from tests.simulator.carrier.conftest import ASKED, STATUS, US, VOICE, Place, rings, said, status
from tests.simulator.official_client import ACCOUNT, client_of
from tests.simulator.phone_at import PhoneAt, carrier_beside
from tests.simulator.servers import helpline_server


def test_a_call_rings_is_answered_led_and_reported(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone, **place.reported(machine_detection="Enable", timeout=20))
    rings(phone)
    assert phone.of("call")[0] == {**phone.of("call")[0], "call": call, "direction": "incoming"}
    assert status(place, call) == "ringing"
    assert phone.act(call, "answer").status_code == 200
    phone.look()
    assert said(phone) == ["Bonjour"]
    assert status(place, call) == "in-progress"
    phone.act(call, "keys", keys="1")
    phone.act(call, "hang-up")
    asked = place.canned.forms(VOICE)[0]
    assert (asked["Direction"], asked["From"], asked["To"]) == ("outbound-api", US, phone.number)
    assert (asked["CallSid"], asked["CallStatus"]) == (call, "in-progress")
    assert place.canned.forms("/after")[0]["Digits"] == "1"
    reports = place.told(4)
    assert [report["CallStatus"] for report in reports] == ["initiated", "ringing", "in-progress", "completed"]
    assert ["CallDuration" in report for report in reports] == [False, False, False, True]
    assert {report["CallSid"] for report in reports} == {call}
    over = place.client.calls(call).fetch()
    assert (over.status, over.direction, over.to) == ("completed", "outbound-api", phone.number)
    assert over.end_time is not None
    phone.look()
    assert phone.of("call")[-1]["state"] == "completed"


def test_words_of_the_call_may_come_with_it(place: Place, phone: PhoneAt) -> None:
    call = place.ring(
        phone, url=None, twiml='<Response><Say voice="Polly.Lea" language="fr-FR">Bonsoir</Say></Response>'
    )
    rings(phone)
    phone.act(call, "answer")
    phone.look()
    assert said(phone) == ["Bonsoir"]
    assert place.canned.asked == []


def test_a_call_that_is_declined_is_busy(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone, **place.reported())
    rings(phone)
    assert phone.act(call, "decline").status_code == 200
    assert (place.told(3)[-1]["CallStatus"], status(place, call)) == ("busy", "busy")
    assert place.canned.forms(VOICE) == []


def test_a_call_that_nobody_answers_rings_for_its_time(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone, **place.reported(timeout=1))
    assert place.told(3)[-1]["CallStatus"] == "no-answer"
    assert status(place, call) == "no-answer"
    phone.look()
    assert [event["state"] for event in phone.of("call")] == ["ringing", "no-answer"]


def test_who_is_in_a_call_is_busy_for_the_next(place: Place, phone: PhoneAt) -> None:
    first = place.ring(phone)
    rings(phone)
    second = place.ring(phone)
    assert (status(place, first), status(place, second)) == ("ringing", "busy")
    phone.look()
    assert [event["call"] for event in phone.of("call")] == [first]


def test_a_phone_that_cannot_be_reached_fails(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(undelivered=f"30003:{phone.number}")
    call = place.ring(phone)
    place.carrier.behave(undelivered="")
    assert status(place, call) == "failed"


def test_the_helpline_takes_back_a_call_that_rings(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone)
    rings(phone)
    assert place.client.calls(call).update(status="canceled").status == "canceled"
    phone.look()
    assert phone.of("call")[-1]["state"] == "canceled"
    assert phone.act(call, "answer").status_code == 409


def test_the_helpline_ends_a_call_and_cancels_none_that_is_led(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone)
    rings(phone)
    phone.act(call, "answer")
    assert place.client.calls(call).update(status="canceled").status == "in-progress"
    assert place.client.calls(call).update(status="completed").status == "completed"
    phone.look()
    assert phone.of("call")[-1]["state"] == "completed"
    with pytest.raises(TwilioRestException) as refused:
        place.client.calls(call).update(status="completed")
    assert refused.value.code == 21220


def test_the_helpline_may_end_a_call_that_it_was_given(place: Place, phone: PhoneAt) -> None:
    place.canned.answers = {"/twilio/voice": ASKED}
    call = phone.dial()
    phone.wait_for("heard")
    assert place.client.calls(call).fetch().direction == "inbound"
    place.client.calls(call).update(status="completed")
    phone.wait_for("call", lambda event: event["state"] == "completed")


def test_only_the_reports_that_were_asked_for_come(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone, status_callback=place.url(STATUS))
    rings(phone)
    phone.act(call, "decline")
    (only,) = place.told(1)
    assert only["CallStatus"] == "busy"


def test_reports_come_twice_or_never_as_the_carrier_behaves(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(repeat=1)
    try:
        call = place.ring(phone, **place.reported())
        rings(phone)
        phone.act(call, "decline")
        assert [report["SequenceNumber"] for report in place.told(6)] == ["0", "0", "1", "1", "2", "2"]
        place.canned.asked.clear()
        place.carrier.behave(repeat=0, lost=1)
        place.ring(phone, **place.reported(timeout=1))
        phone.wait_for("call", lambda event: event["state"] == "no-answer")
        assert place.canned.asked == []
    finally:
        place.carrier.behave(repeat=0, lost=0)


def test_reports_come_out_of_order_as_the_carrier_behaves(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(disorder=0.5, report_after=0.3)
    try:
        for _ in range(12):
            call = place.ring(phone, **place.reported())
            phone.act(call, "decline")
        place.told(36)
    finally:
        place.carrier.behave(disorder=0, report_after=0.05)
    orders: dict[str, list[str]] = {}
    for form in place.canned.forms(STATUS):
        orders.setdefault(form["CallSid"], []).append(form["SequenceNumber"])
    assert any(order != ["0", "1", "2"] for order in orders.values())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "0639980001"}, 21211),
        ({"from_": ""}, 21213),
        ({"from_": "38123"}, 21212),
        ({"url": "voice"}, 21205),
        ({"url": None}, 21205),
        ({"status_callback": "status"}, 21609),
        ({"status_callback": "http://localhost/", "status_callback_event": ["sung"]}, 21626),
        ({"timeout": 601}, 20001),
        ({"method": "GET"}, 20001),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(place: Place, changes: dict[str, Any], code: int) -> None:
    asked = {"to": "+33639980599", "from_": US, "url": place.url(VOICE), **changes}
    with pytest.raises(TwilioRestException) as refused:
        place.client.calls.create(**asked)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_calls_fail_as_the_carrier_is_told(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(fail=f"429:{phone.number}")
    with pytest.raises(TwilioRestException) as refused:
        place.ring(phone)
    place.carrier.behave(fail="")
    assert (refused.value.status, refused.value.code) == (429, 20429)


def test_an_unknown_call_is_not_found_and_nothing_is_told_without_credentials(place: Place) -> None:
    with pytest.raises(TwilioRestException) as refused:
        place.client.calls("CA" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    answer = requests.post(f"{place.carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", timeout=30)
    assert answer.status_code == 401


def test_reports_are_signed_with_the_token_of_the_helpline(place: Place, phone: PhoneAt) -> None:
    call = place.ring(phone, **place.reported())
    phone.act(call, "decline")
    place.told(3)
    env = {name: value for name, value in place.server.env.items() if value is not None}
    validator = RequestValidator(load_settings(env).auth_tokens[0].get_secret_value())
    assert len(place.canned.signed) == 3
    for form, signature in place.canned.signed:
        assert validator.validate(place.url(STATUS), form, signature)


def test_a_call_of_the_real_helpline_is_led_by_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("real")
    with helpline_server(folder) as server, carrier_beside(server, folder) as carrier:
        phone = PhoneAt(carrier, "+33639980001")
        url = f"http://localhost:{server.port}/twilio/voice"
        call = str(client_of(carrier).calls.create(to=phone.number, from_=US, url=url).sid)
        rings(phone)
        assert phone.act(call, "answer").status_code == 200
        phone.look()
        assert said(phone)
        assert phone.of("fault") == []


APOLOGY = "An application error has occurred. Goodbye."


def is_over_after_an_apology(place: Place, phone: PhoneAt, call: str, why: str) -> None:
    """The call ended as the carrier ends one whose answers it cannot use, and the next call rings."""
    phone.wait_for("call", lambda event: event["state"] == "completed")
    (sorry,) = [piece for heard in phone.of("heard") for piece in heard["pieces"] if APOLOGY in piece.get("say", [])]
    assert sorry["language"] == "en-US"
    assert any(why in event["message"] for event in phone.of("fault"))
    assert phone.call is None
    assert status(place, call) == "completed"
    assert [report["CallStatus"] for report in place.told(4)][-1] == "completed"
    phone.seen.clear()
    place.ring(phone)
    rings(phone)


def test_twiml_that_is_none_is_an_apology_and_the_end_of_the_call(place: Place, phone: PhoneAt) -> None:
    asked = place.reported(to=phone.number, from_=US, twiml="<Response><Say>x</Response>")
    call = str(place.client.calls.create(**asked).sid)
    rings(phone)
    phone.act(call, "answer")
    is_over_after_an_apology(place, phone, call, "The answer is no TwiML")


@pytest.mark.parametrize(
    ("answer", "content_type", "why"),
    [
        (500, "text/xml", "The server failed (500)"),
        ("<Say>Merci</Say>", "text/html", "takes only text/xml"),
        ("<Say>Merci", "text/xml", "The answer is no TwiML"),
        ("<Say>Merci</Say><Redirect>/after</Redirect>", "text/xml", "sent on 20 times"),
    ],
)
def test_an_answer_in_the_middle_that_is_none_is_an_apology_and_the_end(
    place: Place, phone: PhoneAt, answer: str | int, content_type: str, why: str
) -> None:
    call = place.ring(phone, **place.reported())
    rings(phone)
    phone.act(call, "answer")
    phone.wait_for("heard")
    place.canned.answers, place.canned.content_type = {**place.canned.answers, "/after": answer}, content_type
    try:
        phone.act(call, "keys", keys="1")
    finally:
        place.canned.content_type = "text/xml"
    is_over_after_an_apology(place, phone, call, why)
