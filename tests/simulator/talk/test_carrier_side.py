from pathlib import Path

import pytest

from tests.simulator.servers import Canned, canned_server

ASKING = (
    '<Gather input="dtmf speech" numDigits="2" timeout="4" action="/twilio/voice/turn">'
    '<Say voice="Polly.Remi-Neural" language="fr-FR">Un <emphasis>mot</emphasis>,<break time="1s"/>puis deux.</Say>'
    "</Gather><Redirect>/twilio/voice/silence</Redirect>"
)
ENDING = "<Play>/audio/fr/end.mp3</Play><Pause length='2'/><Hangup/>"


def call(tmp_path: Path, canned: Canned, typed: str = "") -> str:
    with canned_server(tmp_path, canned) as server:
        return server.talk("--call", typed=typed).output


def text(tmp_path: Path, canned: Canned, typed: str = "salut\n") -> str:
    with canned_server(tmp_path, canned) as server:
        return server.talk(typed=typed).output


def test_a_text_carries_what_the_carrier_sends(tmp_path: Path) -> None:
    canned = Canned({"/twilio/sms": "<Message>Oui &amp; non</Message><Message><Body>Deux</Body></Message>"})
    output = text(tmp_path, canned, "ça va ?\nencore\n")
    assert output.startswith("> ça va ?\n  Oui & non\n  (1 SMS, 9 characters)\n  Deux\n")
    first, second = canned.forms("/twilio/sms")
    assert first["Body"] == "ça va ?"
    assert first["From"] == "+33639980001"
    assert first["To"] == "38123"
    assert (first["NumMedia"], first["NumSegments"]) == ("0", "1")
    assert first["MessageSid"].startswith("SM")
    assert len(first["MessageSid"]) == 34
    assert first["MessageSid"] != second["MessageSid"]
    assert first["AccountSid"].startswith("AC")


def test_a_call_shows_voices_pauses_and_recordings(tmp_path: Path) -> None:
    canned = Canned({"/twilio/voice": ASKING, "/twilio/voice/silence": ENDING})
    output = call(tmp_path, canned, "\n")
    assert output == (
        "Rémi (fr):  [2 s]\n  Un mot,\n  puis deux.\n"
        ">\n(silence, 4 s)\n(plays /audio/fr/end.mp3)\n(pause of 2 s)\n(The line is closed.)\n"
    )
    assert [form["CallStatus"] for form in canned.forms("/twilio/voice/status")] == ["completed"]
    assert canned.forms("/twilio/voice")[0]["CallStatus"] == "ringing"


def test_keys_and_words_go_where_the_question_says(tmp_path: Path) -> None:
    places = ("/twilio/voice", "/twilio/voice/turn", "/twilio/voice/silence")
    canned = Canned(dict.fromkeys(places, ASKING))
    call(tmp_path, canned, "12#3\n+12\nmot de passe\n")
    sent = [
        {name: form[name] for name in ("Digits", "SpeechResult") if name in form}
        for form in canned.forms("/twilio/voice/turn")
    ]
    assert sent == [{"Digits": "12"}, {"Digits": "3"}, {"SpeechResult": "12"}, {"SpeechResult": "mot de passe"}]
    # '#' alone ends a question without an answer, which is silence.
    assert len(canned.forms("/twilio/voice/silence")) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("<Record/><Hangup/>", "(Fault: The answer holds <Record>, which this phone cannot do: passed over.)"),
        ("<Say voice='Polly.Nobody'>Oui</Say>", "(Fault: The carrier has no voice 'Polly.Nobody'"),
        ("<Reject/>", "(The call is not taken.)"),
        ("<Reject reason='busy'/>", "(The line is busy.)"),
        ("<Redirect>/twilio/voice</Redirect>", "sent on 20 times without a question"),
        ("<Redirect>https://example.org/x</Redirect>", "leads to https://example.org/x, which is not this server"),
        ("<Say>Oups", "The answer is no TwiML"),
        ("", "(The line is closed.)"),
        (500, "The server failed (500)"),
        (302, "sends the carrier elsewhere (302)"),
        (404, "did not take http://127.0.0.1"),
    ],
)
def test_answers_that_the_carrier_could_not_use_are_told_in_words(tmp_path: Path, answer: str | int, told: str) -> None:
    assert told in call(tmp_path, Canned({"/twilio/voice": answer}))


def test_an_answer_of_another_type_is_told(tmp_path: Path) -> None:
    canned = Canned({"/twilio/sms": "<Message>Oui</Message>"}, content_type="text/html")
    assert "takes only text/xml" in text(tmp_path, canned)


def test_a_verb_of_calls_in_answer_to_a_text_is_told(tmp_path: Path) -> None:
    assert "<Say>, which means nothing" in text(tmp_path, Canned({"/twilio/sms": "<Say>Oui</Say>"}))


def test_another_phone_is_called_and_the_caller_says_how_it_goes(tmp_path: Path) -> None:
    answer = '<Dial timeout="12" action="/twilio/voice/after">+33199001234</Dial>'
    canned = Canned({"/twilio/voice": answer, "/twilio/voice/after": ENDING})
    output = call(tmp_path, canned, "what?\nbusy\n")
    assert "(calls +33199001234, which rings for 12 s at most)\n(completed, busy, no-answer, failed:" in output
    assert [form["DialCallStatus"] for form in canned.forms("/twilio/voice/after")] == ["busy"]
    assert output.endswith("(The line is closed.)\n")


def test_several_keys_are_one_answer_when_the_line_ends(tmp_path: Path) -> None:
    places = ("/twilio/voice", "/twilio/voice/turn", "/twilio/voice/silence")
    canned = Canned(dict.fromkeys(places, ASKING.replace('"2"', '"4"')))
    call(tmp_path, canned, "12\n1212\n")
    assert [form["Digits"] for form in canned.forms("/twilio/voice/turn")] == ["12", "1212"]


@pytest.mark.parametrize("sender", ["anonymous", "+33199001235"])
def test_who_cannot_text_is_told_so(tmp_path: Path, sender: str) -> None:
    canned = Canned({})
    with canned_server(tmp_path, canned) as server:
        result = server.talk("--from", sender, typed="salut\n")
    assert result.exit_code == 2
    assert "gets no texts. Call with --call." in " ".join(result.output.replace("│", "").split())
    assert canned.asked == []


def test_letters_beyond_the_alphabet_of_texts_are_pointed_out(tmp_path: Path) -> None:
    canned = Canned({"/twilio/sms": f"<Message>{'ê' * 71}</Message>"})
    assert "(2 SMS, 71 characters, with letters beyond GSM-7)" in text(tmp_path, canned)


def test_who_ends_the_input_while_it_rings_hangs_up_before_the_answer(tmp_path: Path) -> None:
    canned = Canned({"/twilio/voice": f'<Pause length="6"/>{ASKING}'})
    output = call(tmp_path, canned)
    assert output == (
        "(It rings for 6 s more. Enter: wait. Ctrl-D: hang up, which costs nothing.)\n"
        "(You hang up before it is answered.)\n"
    )
    (end,) = canned.forms("/twilio/voice/status")
    assert (end["CallStatus"], end["CallDuration"]) == ("no-answer", "0")


def test_who_waits_while_it_rings_is_answered(tmp_path: Path) -> None:
    canned = Canned({"/twilio/voice": f'<Pause length="6"/>{ASKING}', "/twilio/voice/turn": ENDING})
    output = call(tmp_path, canned, "\n12\n")
    assert "Un mot," in output
    assert [form["Digits"] for form in canned.forms("/twilio/voice/turn")] == ["12"]
    assert [form["CallStatus"] for form in canned.forms("/twilio/voice/status")] == ["completed"]
