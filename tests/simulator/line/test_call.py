"""A call as the carrier leads it, against a server that gives prepared answers."""

import pytest

from helpline.simulator.line.waits import Waits
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.twiml.reading import Dialled, Fault, Pause, Play, Say
from tests.simulator.line.conftest import (
    ASKING,
    BYE,
    GOODBYE,
    LANDLINE,
    MOBILE,
    SILENCE,
    STATUS,
    TAP,
    TURN,
    VOICE,
    MakeCall,
)
from tests.simulator.servers import Canned


def test_a_call_waits_for_what_the_question_says(make: MakeCall) -> None:
    call = make()
    assert call.waits is None
    assert list(call.begin()) == [TAP]
    assert call.waits == Waits(keys=True, speech=False, digits=1, finish_on="", timeout=8.0)
    assert call.status == "in-progress"


def test_a_key_is_posted_to_the_action_with_the_same_call(make: MakeCall, canned: Canned) -> None:
    call = make()
    list(call.begin())
    heard, left = call.press("12")
    assert list(heard) == [GOODBYE]
    assert left == "2"
    assert call.is_over
    first, second = canned.forms(VOICE)[0], canned.forms(TURN)[0]
    assert first["CallSid"] == second["CallSid"] == call.sid
    assert (first["CallStatus"], second["CallStatus"]) == ("ringing", "in-progress")
    assert (second["Digits"], second["FinishedOnKey"], second["msg"]) == ("1", "", "Gather End")


def test_silence_goes_on_with_what_stands_after_the_question(make: MakeCall, canned: Canned) -> None:
    call = make()
    list(call.begin())
    assert list(call.silence()) == [GOODBYE]
    assert "Digits" not in canned.forms(SILENCE)[0]


def test_several_keys_make_one_answer_though_they_come_one_by_one(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: ASKING.replace('numDigits="1"', 'numDigits="4"'), TURN: BYE}
    call = make()
    list(call.begin())
    for key in "121":
        heard, _ = call.press(key)
        assert list(heard) == []
    assert call.pressed == "121"
    list(call.press("2")[0])
    assert canned.forms(TURN)[0]["Digits"] == "1212"
    assert call.pressed == ""


def test_keys_that_were_pressed_before_a_silence_are_the_answer(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: ASKING.replace('numDigits="1"', 'numDigits="4"'), TURN: BYE}
    call = make()
    list(call.begin())
    list(call.press("12")[0])
    list(call.silence())
    assert canned.forms(TURN)[0]["Digits"] == "12"


def test_a_key_that_finishes_ends_the_answer_and_alone_is_silence(make: MakeCall, canned: Canned) -> None:
    open_question = f'<Gather action="{TURN}"><Say>Tapez 1.</Say></Gather><Redirect>{SILENCE}</Redirect>'
    canned.answers = {VOICE: open_question, TURN: open_question, SILENCE: BYE}
    call = make()
    list(call.begin())
    heard, left = call.press("123#4")
    list(heard)
    assert left == "4"
    form = canned.forms(TURN)[0]
    assert (form["Digits"], form["FinishedOnKey"]) == ("123", "#")
    list(call.press("#")[0])
    assert len(canned.forms(SILENCE)) == 1


def test_a_question_can_ask_for_its_silence_to_be_posted(make: MakeCall, canned: Canned) -> None:
    asking = f'<Gather actionOnEmptyResult="true" action="{TURN}"><Say>Tapez 1.</Say></Gather>'
    canned.answers = {VOICE: asking, TURN: BYE}
    call = make()
    list(call.begin())
    assert list(call.silence()) == [GOODBYE]
    assert canned.forms(TURN)[0]["Digits"] == ""


def test_words_are_posted_where_speech_is_listened_to(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: ASKING.replace("<Gather", '<Gather input="speech"'), TURN: BYE}
    call = make()
    list(call.begin())
    with pytest.raises(CarrierError, match="This question takes no keys"):
        call.press("1")
    list(call.say("mot de passe"))
    form = canned.forms(TURN)[0]
    assert form["SpeechResult"] == "mot de passe"
    assert 0 < float(form["Confidence"]) <= 1


def test_words_are_refused_where_keys_are_waited_for(make: MakeCall) -> None:
    call = make()
    list(call.begin())
    with pytest.raises(CarrierError, match="This question takes no words"):
        call.say("actu")


def test_after_the_end_nothing_can_be_pressed(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: BYE}
    call = make()
    list(call.begin())
    with pytest.raises(CarrierError, match="Nothing is asked in this call now"):
        call.press("1")


def test_faults_are_heard_first_and_kept_and_the_call_goes_on(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: f'<Jump/><Say voice="Polly.Nobody">Oui</Say>{ASKING}', TURN: f"<Enqueue/>{BYE}"}
    call = make()
    first, second, *heard = call.begin()
    assert isinstance(first, Fault)
    assert isinstance(second, Fault)
    assert heard == [Say("Polly.Nobody", "", ("Oui",)), TAP]
    list(call.press("1")[0])
    assert [words.partition(":")[0] for words in call.faults] == [
        "The answer holds <Jump>, which the carrier does not know",
        "The carrier has no voice 'Polly.Nobody'",
        "The answer holds <Enqueue>, which this phone cannot do",
    ]


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_a_call_that_is_rejected_first_was_never_answered(
    make: MakeCall, canned: Canned, reason: str, status: str
) -> None:
    canned.answers = {VOICE: f'<Reject reason="{reason}"/>'}
    call = make()
    assert list(call.begin()) == []
    call.hang_up()
    assert call.status == status
    form = canned.forms(STATUS)[0]
    assert (form["CallStatus"], form["CallDuration"]) == (status, "0")


def test_a_call_that_was_answered_can_only_be_ended(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: ASKING, TURN: "<Reject/>"}
    call = make()
    list(call.begin())
    (fault,) = call.press("1")[0]
    assert fault == Fault("The call was answered already, so <Reject> ends it as <Hangup> would.")
    assert call.status == "completed"


def test_another_phone_rings_and_then_the_call_goes_on_by_the_action(make: MakeCall, canned: Canned) -> None:
    dial = f'<Dial timeout="15" action="{TURN}" callerId="+33199001234">+33199001235</Dial>'
    canned.answers = {VOICE: dial, TURN: ASKING}
    call = make()
    assert list(call.begin()) == [Dialled("+33199001235", 15)]
    assert (call.dials, call.waits, call.is_over) == ("+33199001235", None, False)
    assert list(call.transferred("no-answer")) == [TAP]
    assert call.dials == ""
    assert canned.forms(TURN)[0]["DialCallStatus"] == "no-answer"


@pytest.mark.parametrize(("status", "told"), [("completed", True), ("busy", False), ("failed", False)])
def test_how_long_the_other_call_was_is_told_where_it_was_one(
    make: MakeCall, canned: Canned, status: str, told: bool
) -> None:
    canned.answers = {VOICE: f'<Dial action="{TURN}">+33199001235</Dial>', TURN: BYE}
    call = make()
    list(call.begin())
    list(call.transferred(status))
    seconds = canned.forms(TURN)[0].get("DialCallDuration", "0")
    assert (int(seconds) >= 1) is told
    assert canned.forms(TURN)[0]["DialBridged"] == str(told).lower()


def test_a_number_with_words_for_who_picks_up_rings_as_any_other(make: MakeCall, canned: Canned) -> None:
    number = f'<Number method="POST" url="{SILENCE}">+33199001235</Number>'
    canned.answers = {VOICE: f'<Dial action="{TURN}">{number}</Dial>', TURN: BYE}
    call = make()
    assert list(call.begin()) == [Dialled("+33199001235", 30)]
    assert list(call.transferred("completed")) == [GOODBYE]


def test_only_the_first_url_of_a_call_is_posted_again(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: ASKING, TURN: 500, STATUS: 500}
    call = make()
    list(call.begin())
    with pytest.raises(CarrierError):
        call.press("1")
    with pytest.raises(CarrierError):
        call.hang_up()
    assert (len(canned.forms(TURN)), len(canned.forms(STATUS))) == (1, 1)
    canned.answers = {VOICE: 500}
    with pytest.raises(CarrierError):
        list(make().begin())
    assert len(canned.forms(VOICE)) == 1 + 4


def test_an_action_may_ask_for_being_posted_again(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: f'<Gather action="{TURN}#rc=1&amp;rp=5xx" numDigits="1"/>', TURN: 500}
    call = make()
    list(call.begin())
    with pytest.raises(CarrierError):
        call.press("1")
    assert len(canned.forms(TURN)) == 2


def test_without_an_action_the_verb_after_the_dial_is_next(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: f"<Dial>+33199001235</Dial>{BYE}"}
    call = make()
    list(call.begin())
    assert list(call.transferred("completed")) == [GOODBYE]
    with pytest.raises(CarrierError, match="No other phone is called"):
        call.transferred("completed")


def test_who_withholds_the_number_cannot_be_transferred_without_a_caller_id(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: f"<Dial>+33199001235</Dial>{BYE}"}
    call = make("anonymous")
    fault, goodbye = call.begin()
    assert isinstance(fault, Fault)
    assert "<Dial> has no callerId" in fault.words
    assert goodbye == GOODBYE
    canned.answers = {VOICE: f'<Dial callerId="+33199001234">+33199001235</Dial>{BYE}'}
    assert list(make("anonymous").begin()) == [Dialled("+33199001235", 30)]


def test_a_number_that_is_none_is_not_called(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: f'<Dial action="{TURN}">somebody</Dial>', TURN: BYE}
    _, goodbye = make().begin()
    assert goodbye == GOODBYE
    assert canned.forms(TURN)[0]["DialCallStatus"] == "failed"


def test_recordings_and_pauses_are_heard_and_addresses_are_whole(make: MakeCall, canned: Canned) -> None:
    canned.answers = {
        VOICE: '<Play>/audio/fr/a.mp3</Play><Pause length="2"/><Redirect>voice/turn</Redirect>',
        TURN: BYE,
    }
    played, *others = make().begin()
    assert isinstance(played, Play)
    assert played.url.startswith("http://127.0.0.1:")
    assert played.url.endswith("/audio/fr/a.mp3")
    assert others == [Pause(2), GOODBYE]


@pytest.mark.parametrize(
    ("number", "country"),
    [
        (MOBILE, "FR"),
        (LANDLINE, "FR"),
        ("+32470123456", "BE"),
        ("+447700900123", "GB"),
        ("+590690001122", "GP"),
        ("+883510000000094", ""),
        ("anonymous", ""),
        ("+266696687", ""),
    ],
)
def test_the_form_tells_who_calls(make: MakeCall, canned: Canned, number: str, country: str) -> None:
    list(make(number).begin())
    form = canned.forms(VOICE)[0]
    assert (form["From"], form["Caller"], form["FromCountry"]) == (number, number, country)
    assert (form["To"], form["Called"], form["Direction"]) == ("+33199001234", "+33199001234", "inbound")


def test_a_call_to_a_phone_follows_the_answer_of_its_own_address(
    make: MakeCall, webhooks: Webhooks, canned: Canned
) -> None:
    call = make(direction="outbound-api", url=webhooks.url(TURN), sid="CA" + "1" * 32)
    assert list(call.begin()) == [GOODBYE]
    call.hang_up()
    form = canned.forms(TURN)[0]
    assert (form["CallSid"], form["Direction"], form["CallStatus"]) == ("CA" + "1" * 32, "outbound-api", "in-progress")
    assert (form["From"], form["To"]) == ("+33199001234", MOBILE)
    assert canned.forms(STATUS) == []


def test_a_call_to_a_phone_may_bring_its_first_answer(make: MakeCall, webhooks: Webhooks, canned: Canned) -> None:
    url = webhooks.url(STATUS)
    call = make(direction="outbound-api", twiml=f"<Response>{ASKING}</Response>", status_url=url)
    assert list(call.begin()) == [TAP]
    assert canned.asked == []
    list(call.press("1")[0])
    call.hang_up()
    assert canned.forms(STATUS)[0]["CallStatus"] == "completed"


def test_the_end_is_told_once(make: MakeCall, canned: Canned) -> None:
    call = make()
    list(call.begin())
    call.hang_up()
    call.hang_up()
    assert len(canned.forms(STATUS)) == 1
    assert call.status == "completed"


def test_a_server_that_fails_ends_the_call(make: MakeCall, canned: Canned) -> None:
    canned.answers = {VOICE: ASKING, TURN: 404}
    call = make()
    list(call.begin())
    with pytest.raises(CarrierError):
        call.press("1")
    assert call.is_over
    assert call.waits is None


def test_a_first_answer_that_is_no_twiml_ends_the_call(make: MakeCall) -> None:
    call = make(direction="outbound-api", twiml="<Response><Say>x</Response>")
    with pytest.raises(CarrierError, match="no TwiML"):
        list(call.begin())
    assert (call.is_over, call.status) == (True, "completed")


@pytest.mark.parametrize("target", ["http://[", "/twilio/voice/é", "/twilio/voice/a b"])
def test_what_is_no_address_ends_the_call_with_words(make: MakeCall, canned: Canned, target: str) -> None:
    canned.answers = {VOICE: f"<Play>{target}</Play>{ASKING}", SILENCE: f"<Redirect>{target}</Redirect>"}
    call = make()
    fault, question = call.begin()
    assert isinstance(fault, Fault)
    assert question == TAP
    with pytest.raises(CarrierError, match="which is no address"):
        list(call.silence())
    assert call.is_over
