import inspect
from collections.abc import Callable

import pytest
from twilio.twiml import TwiML, lower_camel
from twilio.twiml.voice_response import Dial, VoiceResponse

from helpline.simulator.twiml.reading import Fault, read_call
from helpline.simulator.twiml.rules import NOUNS, OTHER_VERBS, VERBS, rule_of_noun
from helpline.simulator.twiml.voices import is_spoken, languages_of, speaks

GOODBYE = "<Say>Au revoir.</Say><Hangup/>"
ON = "<Redirect>/on</Redirect>"
LEA = 'voice="Polly.Lea-Neural" language="fr-FR"'


def faults(answer: str) -> list[str]:
    return [verb.words for verb in read_call(f"<Response>{answer}</Response>") if isinstance(verb, Fault)]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("<Jump/><Hangup/>", "<Jump>, which the carrier does not know: passed over"),
        ("<hangup/>" + GOODBYE, "<hangup>, which the carrier does not know (it is written <Hangup>)"),
        ("<Record/>" + GOODBYE, "<Record>, which this phone cannot do"),
        ("<Message>Oui</Message>" + GOODBYE, "<Message>, which the carrier does not know"),
        ('<Say loud="yes">Oui</Say>', "<Say> has no attribute 'loud'"),
        ('<Pause length="long"/>', '<Pause length="long">: the carrier does not take this value'),
        (f'<Gather numDigits="some"><Say>1</Say></Gather>{ON}', '<Gather numDigits="some">'),
        (f'<Gather finishOnKey="a"><Say>1</Say></Gather>{ON}', '<Gather finishOnKey="a">'),
        (f'<Gather input="dtmf,speech"><Say>1</Say></Gather>{ON}', '<Gather input="dtmf,speech">'),
        (f"<Gather><Gather><Say>1</Say></Gather></Gather>{ON}", "<Gather> may not stand in <Gather>"),
        (f"<Gather><Hangup/></Gather>{ON}", "<Hangup> may not stand in <Gather>"),
        ("<Dial><Say>Oui</Say>+33199001234</Dial>", "<Say> may not stand in <Dial>"),
        ("<Say>Oui<Play>/a.mp3</Play></Say>", "<Play> may not stand in <Say>"),
        ("<Say>Oui<blink>non</blink></Say>", "<blink> may not stand in <Say>"),
        ("<Say><s>Oui<blink>non</blink></s></Say>", "<blink> may not stand in <s>"),
        ('<Say>Oui<break length="1s"/>non</Say>', "<break> has no attribute 'length'"),
        ('<Say><prosody rate="92">Oui</prosody></Say>', '<prosody rate="92">'),
        ("Bonjour" + GOODBYE, "The words 'Bonjour' stand loose in <Response>"),
        (f"<Gather>Tapez 1<Say>1</Say></Gather>{ON}", "The words 'Tapez 1' stand loose in <Gather>"),
        (f"<Gather><Say>1</Say>fin</Gather>{ON}", "The words 'fin' stand loose in <Gather>"),
        ("<Hangup>fin</Hangup>", "The words 'fin' stand loose in <Hangup>"),
        ('<Say voice="Polly.Lea-Neuronal">Oui</Say>', "The carrier has no voice 'Polly.Lea-Neuronal'"),
        ('<Say voice="Google.uk-UA-Standard-B">Так</Say>', "no voice 'Google.uk-UA-Standard-B'"),
        ('<Say voice="Polly.Lea" language="en-GB">Yes</Say>', "Polly.Lea speaks fr-FR, not en-GB"),
        ('<Say language="ps-AF">هو</Say>', "No voice of the carrier speaks 'ps-AF': only a recording can"),
        ("<Say> </Say>", "<Say> holds no words"),
        ("<Play/>", "<Play> names no recording"),
        ('<Redirect method="GET">/on</Redirect>', "<Redirect> asks by GET, and the helpline is asked by POST only"),
        ("<Redirect/>", "<Redirect> says not where to"),
        (f"<Say>{'a' * 3001}</Say>", "<Say> holds 3001 characters, and the carrier takes 3000: it is not said"),
        (f"<Say>{'é' * 800}</Say>", "<Say> holds 4800 characters once encoded for a URL"),
        (f'<Say voice="Google.fr-FR-Standard-A">{"a" * 5001}</Say>', "<Say> holds 5001 bytes"),
        ("<Gather/>", "<Gather> says nothing, and nothing stands after it"),
        ("<Gather><Pause/></Gather>", "<Gather> says nothing, and nothing stands after it"),
        ("<Gather><Say>1</Say></Gather>", "No <Redirect> stands after <Gather>"),
        (f"<Gather><Say>1</Say></Gather>{GOODBYE}", "No <Redirect> stands after <Gather>"),
        (
            f'<Gather input="speech" language="ti-ET"><Say>1</Say></Gather>{ON}',
            "listens for 'ti-ET', which the carrier",
        ),
        (f'<Gather hints="{"a" * 101}"><Say>1</Say></Gather>{ON}', "a hint of more than 100 characters"),
        (f'<Gather hints="{",".join("a" * 501)}"><Say>1</Say></Gather>{ON}', "501 hints, and the carrier takes 500"),
        (f"<Hangup/>{ON}", "<Redirect> stands after <Hangup> and is never reached"),
        (f"{ON}<Say>Oui</Say>", "<Say> stands after <Redirect> and is never reached"),
        ("<Reject/><Say>Oui</Say>", "<Say> stands after <Reject> and is never reached"),
        ('<Dial action="/on">+33199001234</Dial><Say>Oui</Say>', "<Say> stands after <Dial action> and is never"),
        ("<Say>Oui</Say><Reject/>", "<Reject> is not the first verb: the call is answered, paid for"),
        ('<Reject reason="asleep"/>', '<Reject reason="asleep">'),
        ("<Dial/>", "<Dial> names no number"),
        ("<Dial>somebody</Dial>", "<Dial> names 'somebody', which is no phone number"),
        ("<Dial><Sip>sip:a@example.org</Sip></Dial>", "<Dial> calls a Sip, which this phone cannot do"),
        ('<Dial><Number color="red">+33199001234</Number></Dial>', "<Number> has no attribute 'color'"),
        ("", "holds no verb: the call ends without a word"),
    ],
)
def test_a_fault_is_told_in_plain_words(answer: str, told: str) -> None:
    assert any(told in fault for fault in faults(answer)), faults(answer)


@pytest.mark.parametrize(
    "answer",
    [
        GOODBYE,
        f"<Say {LEA}>Un <emphasis level='strong'>mot</emphasis>.<break time='1s'/>Deux.</Say>",
        f"<Say {LEA}><prosody rate='92%'><lang xml:lang='en-GB'>Yes</lang></prosody></Say>",
        '<Say voice="Polly.Zeina" language="arb">نعم</Say>',
        '<Say voice="Google.uk-UA-Wavenet-A" language="uk-UA">Так</Say>',
        f'<Gather input="dtmf speech" language="fa-IR" numDigits="4"><Say>1</Say><Play>/a</Play></Gather>{ON}',
        '<Gather actionOnEmptyResult="true" action="/turn"/>',
        f"<Gather finishOnKey=''><Say>1</Say></Gather><Say>Encore.</Say>{ON}",
        "<Dial callerId='+33199001234' timeout='20'><Number>+33 1 99 00 12 35</Number></Dial><Hangup/>",
        "<Reject reason='busy'/>",
        "<Pause/><Pause length='3'/><Play loop='2'>https://example.org/a.mp3</Play>",
    ],
)
def test_what_the_carrier_takes_has_no_fault(answer: str) -> None:
    assert faults(answer) == []


def test_a_fault_is_told_once() -> None:
    assert len(faults('<Say loud="1">Oui</Say><Say loud="1">Oui</Say>')) == 1


def test_the_rules_know_every_verb_and_attribute_of_the_official_library() -> None:
    own = {"append", "nest", "xml", "add_child"} | {name for name in dir(TwiML) if not name.startswith("_")}
    verbs = {name.title() for name, _ in inspect.getmembers(VoiceResponse, inspect.isfunction) if name[0] != "_"}
    assert verbs - {name.title() for name in own} == set(VERBS) | OTHER_VERBS
    for name, rule in VERBS.items():
        assert attributes(getattr(VoiceResponse, name.lower())) <= set(rule.attributes), name
    nouns = {name for name in dir(Dial) if name[0] != "_" and name not in own}
    assert nouns == {{"WhatsApp": "whats_app"}.get(name, name.lower()) for name in NOUNS}
    number = rule_of_noun("Number")
    assert number is not None
    assert attributes(Dial.number) <= set(number.attributes)


def attributes(method: Callable[..., object]) -> set[str]:
    """What a method of the library takes, as TwiML calls it, without what stands between its tags."""
    names = set(inspect.signature(method).parameters) - {"self", "kwargs", "message", "url", "number", "phone_number"}
    if method is VoiceResponse.gather or method is VoiceResponse.dial:
        assert len(names) > 10
    return {lower_camel(TwiML.MAP.get(name, name)) for name in names}


def test_voices_speak_their_own_languages_only() -> None:
    assert languages_of("Polly.Lea-Neural") == {"fr-FR"}
    assert languages_of("Polly.Aditi") == {"en-IN", "hi-IN"}
    assert languages_of("Polly.Lea-Loud") == frozenset()
    assert speaks("Polly.Amy-Neural", "en-GB")
    assert not speaks("Polly.Amy-Neural", "en-US")
    assert speaks("Polly.Zeina", "arb")
    assert is_spoken("ru-RU")
    for without_voice in ("fa-IR", "ps-AF", "ti-ET"):
        assert not is_spoken(without_voice)
