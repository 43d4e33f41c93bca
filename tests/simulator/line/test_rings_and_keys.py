"""Calls that ring on before they are answered, who answers, and keys that make one answer together."""

import pytest

from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.twiml.reading import Pause
from tests.simulator.line.conftest import ASKING, BYE, MOBILE, STATUS, TAP, TURN, VOICE, MakeCall
from tests.simulator.servers import Canned

LATE = f'<Pause length="6"/>{ASKING}'


def test_a_pause_first_puts_off_the_answer(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: LATE, TURN: BYE}
    call = make()
    assert list(call.begin()) == []
    assert (call.rings_for, call.status, call.is_answered, call.waits) == (6, "ringing", False, None)
    with pytest.raises(CarrierError, match="Nothing is asked"):
        call.press("1")
    assert list(call.pick_up()) == [TAP]
    assert (call.rings_for, call.status, call.is_answered) == (0, "in-progress", True)
    with pytest.raises(CarrierError, match="does not ring"):
        call.pick_up()


def test_a_pause_after_a_redirect_or_in_a_call_to_a_phone_is_a_silence(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: f"<Redirect>{TURN}</Redirect>", TURN: LATE}
    assert list(make().begin()) == [Pause(6), TAP]
    brought = make(direction="outbound-api", twiml=f"<Response>{LATE}</Response>")
    assert list(brought.begin()) == [Pause(6), TAP]


def test_who_hangs_up_while_it_rings_was_never_answered(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: LATE}
    call = make()
    list(call.begin())
    call.hang_up()
    form = canned.forms(STATUS)[0]
    assert (form["CallStatus"], form["Direction"], form["CallDuration"]) == ("no-answer", "inbound", "0")
    assert (form["From"], form["CallSid"]) == (MOBILE, call.sid)
    assert (call.status, call.is_over) == ("no-answer", True)


def test_an_answer_that_comes_after_the_phone_hung_up_was_never_heard(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: BYE}
    call = make()
    list(call.begin())
    call.hang_up(missed=True)
    assert (canned.forms(STATUS)[0]["CallStatus"], canned.forms(STATUS)[0]["CallDuration"]) == ("no-answer", "0")


def test_the_first_request_alone_tells_who_answered(make: MakeCall, webhooks: Webhooks, canned: Canned) -> None:
    call = make(direction="outbound-api", url=webhooks.url(f"{VOICE}?message=7.1"), answered_by="machine_end_beep")
    list(call.begin())
    list(call.press("1")[0])
    assert canned.forms(VOICE)[0]["AnsweredBy"] == "machine_end_beep"
    assert "AnsweredBy" not in canned.forms(TURN)[0]


def test_the_fallback_is_asked_where_the_address_of_a_call_fails(
    make: MakeCall, webhooks: Webhooks, canned: Canned
) -> None:
    spare = webhooks.url("/twilio/voice/spare")
    canned.answers = {VOICE: 500, "/twilio/voice/spare": ASKING, TURN: 500}
    call = make(direction="outbound-api", url=webhooks.url(VOICE), answered_by="human", fallback_url=spare)
    assert list(call.begin()) == [TAP]
    assert list(call.press("1")[0]) == [TAP]
    first, second = canned.forms("/twilio/voice/spare")
    assert (first["AnsweredBy"], first["ErrorCode"], first["ErrorUrl"]) == ("human", "11200", webhooks.url(VOICE))
    assert (second["Digits"], second["ErrorUrl"]) == ("1", webhooks.url(TURN))
    canned.answers = {}
    with pytest.raises(CarrierError):
        call.press("1")
    assert call.is_over


@pytest.mark.parametrize(
    ("asks", "typed", "digits"),
    [
        ('numDigits="6" finishOnKey="#"', "121226", "121226"),
        ('numDigits="6" finishOnKey="#"', "1212#", "1212"),
        ('numDigits="4" finishOnKey=""', "12*#", "12*#"),
        ('finishOnKey="*"', "1212#*", "1212#"),
    ],
)
def test_keys_of_one_question_end_with_their_number_or_the_key_that_finishes(
    make: MakeCall, canned: Canned, asks: str, typed: str, digits: str
) -> None:
    canned.answers = {VOICE: f'<Gather {asks} action="{TURN}"><Say>Tapez.</Say></Gather>', TURN: BYE}
    call = make()
    list(call.begin())
    for key in typed:
        assert not call.is_over
        list(call.press(key)[0])
    assert [form["Digits"] for form in canned.forms(TURN)] == [digits]
