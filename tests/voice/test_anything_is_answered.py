"""Whatever comes in a call is answered: any key, any words, any bytes, any session in the URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.session import Place, Session, encode
from tests.conftest import Line
from tests.phone import FORM, SIGNATURE, Phone, form, signature
from tests.voice.twiml_rules import faults_of

MENU = "/twilio/voice/turn/" + encode(Session(language="fr", place=Place("menu")))


@pytest.mark.parametrize("key", ["#", "*", "0", "9", "6", "7", "8", "1", "5"])
def test_every_key_is_answered(phone: Phone, key: str) -> None:
    reply = phone.follow(MENU, [("Digits", key)])
    assert faults_of(reply.text) == []
    assert reply.said


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "", "x" * 100, "é\0", "<b>"])
def test_the_status_of_a_call_is_counted_without_an_answer(line: Line, phone: Phone, status: str) -> None:
    known = set(line.counts())
    reply = phone.follow("/twilio/voice/status", [("CallStatus", status)])
    assert (reply.status, reply.text) == (204, "")
    assert all(len(name) < 60 for name in set(line.counts()) - known)


GOOD = encode(Session("fr", Place("signin", 0), trail=(Place("menu"),), turn=3))
DAMAGED = [
    "x",
    "-",
    GOOD[:-3],
    GOOD + "-",
    "2" + GOOD[1:],
    "0-" + GOOD,
    GOOD.replace("fr", "uk"),
    GOOD.replace("fr", ""),
    GOOD.replace("signin", "gone"),
    GOOD.replace("signin", "signinP99"),
    GOOD.replace("signin", "language"),
    GOOD.replace("signin", "update.when"),
    GOOD.replace("signin", "stop.done"),
    GOOD.replace("menu", "gone_alsogone"),
    encode(Session("fr", Place("which"), choices=(Place("gone"), Place("signin")))),
    encode(Session("fr", Place("which"), choices=(Place("signin"),) * 9)),
    encode(Session("fr", Place("late"), choices=(Place("late"),))),
    encode(Session("fr", Place("menu"), at=36**9, turn=999_999, misses=99, silences=99)),
    encode(Session("fr", Place("menu"), at=36**9))[:-1] + "-dkzz",
    "1-fr-" + "_".join(["menu"] * 300),
    "a" * 8000,
    "%00%ff",
    "é",
    "..",
    "1-fr-menu----0-0-0-zzzzzzzzzz-",
]


@pytest.mark.parametrize("where", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_session_in_the_url_is_answered(line: Line, where: str) -> None:
    answered(line, where)


def answered(line: Line, where: str, digits: str | bytes = "1") -> None:
    """An answer in words, whatever stands in the URL; the signature is over the path as the server reads it."""
    for way in ("turn", "silence"):
        for name, value in (("Digits", digits), ("SpeechResult", "mot de passe")):
            reply = call_at(line, f"/twilio/voice/{way}/", where, [(name, value)])
            assert reply is None or [fault for fault in faults_of(reply) if "placeholders" not in fault] == []


def call_at(line: Line, path: str, where: str, parameters: list[tuple[str, str | bytes]]) -> str | None:
    """The TwiML, or None where the path names no webhook."""
    wsgi_path = (path + where).encode("utf-8", "surrogatepass").decode("latin-1")
    read = wsgi_path.encode("latin-1").decode("utf-8", "replace")
    headers = {"Content-Type": FORM, SIGNATURE: signature(f"http://localhost{read}", parameters)}
    got = line.app.test_client().post(
        "/", data=form(parameters), headers=headers, environ_overrides={"PATH_INFO": wsgi_path}
    )
    assert got.status_code in (200, 403, 404, 405, 308), got.status_code
    return got.text if got.status_code == 200 else None


anything = st.one_of(st.text(max_size=60), st.binary(max_size=60), st.text("0123456789*#wW, ", max_size=6))
names = st.sampled_from(["menu", "signin", "language", "update", "gone", "late", "which", "stop.done", "pause", "x"])
place = st.builds(Place, names, st.integers(0, 12))
sessions = st.builds(
    Session,
    st.sampled_from(["fr", "en", "", "uk"]),
    place,
    st.lists(place, max_size=4).map(tuple),
    st.lists(place, max_size=6).map(tuple),
    place,
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 999_999),
    st.integers(0, 36**10 - 1),
    st.sampled_from(["", "d", "k", "dk"]),
)


@given(
    where=st.one_of(sessions.map(encode), st.text(max_size=80), st.text("0123456789-_.Pabcmenu", max_size=40)),
    digits=anything,
)
def test_anything_in_the_url_or_as_a_key_is_answered(shared_line: Line, where: str, digits: str | bytes) -> None:
    shared_line.wire.forward()
    answered(shared_line, where, digits)


@given(digits=anything, words=anything, sender=anything)
def test_any_bytes_as_keys_speech_or_caller_are_answered(
    shared_line: Line, digits: str | bytes, words: str | bytes, sender: str | bytes
) -> None:
    phone = shared_line.phone()
    more = [("Digits", digits), ("SpeechResult", words), ("From", sender), ("CallSid", words)]
    for target in (MENU, "/twilio/voice"):
        reply = phone.send(target, more)
        assert reply.status == 200
        assert faults_of(reply.text) == []
    assert phone.send("/twilio/voice/status", [("CallStatus", digits)]).status == 204
