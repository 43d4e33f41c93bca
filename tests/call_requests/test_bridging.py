"""Calling from the desk: which phones ring, what the carrier's answers mean, and who is put through."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import Engine

from helpline.call_requests import bridging, waiting
from helpline.call_requests.bridging import Said
from helpline.call_requests.taking import finish, take
from helpline.carrier.results import Busy, NotSent, Refused, Result, Sent, Unsure
from helpline.operators.audit import note
from helpline.simulator.twiml.reading import Dial, Fault, Gather, Redirect, parse_response, read_call
from tests.call_requests.requests_made import NOW, NUMBER, SEALS, asked

WORDS = Said("Quelqu'un attend : <vous> & moi", "fr-FR", "Polly.Lea-Neural")


def mark(text: str) -> str:
    return f"{hash(text):x}".replace("-", "a")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *(("01 99 00 12 34", "+33199001234"), ("+33 6 39 98 00 02", "+33639980002"), ("0639980002", "+33639980002")),
        *(("08 99 70 00 00", ""), ("3949", ""), ("+44 7400 123456", ""), ("", ""), ("Anna", ""), ("0" * 30, "")),
        ("+33 8 99 70 00 00", ""),
    ],
)
def test_an_operators_phone_is_one_of_a_person_in_a_country_that_we_call(typed: str, number: str) -> None:
    assert bridging.phone_of(typed, ("FR",)) == number


@pytest.mark.parametrize(
    ("result", "means"),
    [
        *((Sent("CA1", "queued"), "ringing"), (Unsure("ReadTimeout"), "unsure"), (Busy(), "busy")),
        *((NotSent("refused"), "not_connected"), (Refused(20003, 401), "account"), (Refused(0, 402), "account")),
        *((Refused(21210, 400), "no_calls"), (Refused(21215, 400), "refused"), (Refused(21211, 400), "refused")),
    ],
)
def test_what_the_carrier_answers_has_a_meaning_for_who_calls(result: Result, means: str) -> None:
    assert bridging.began(result) == means


def test_only_who_has_taken_a_request_gets_its_number(engine: Engine) -> None:
    with engine.begin() as connection:
        request = asked(connection)
        assert bridging.number_of(connection, SEALS, request, "") == ""
        take(connection, request, "Anna", NOW)
        assert bridging.number_of(connection, SEALS, request, "Anna") == NUMBER
        assert bridging.number_of(connection, SEALS, request, "Boris") == ""
        finish(connection, request, "Anna", "done", NOW)
        assert bridging.number_of(connection, SEALS, request, "Anna") == ""


def test_an_address_leads_to_somebody_for_one_try_of_one_operator_only(engine: Engine) -> None:
    with engine.begin() as connection:
        request = asked(connection)
        take(connection, request, "Anna", NOW)
        first = waiting.one(connection, request)
        assert first
        token = bridging.token_of(first, mark)
        assert bridging.fits(first, token, mark)
        assert not bridging.fits(None, token, mark)
        assert not bridging.fits(first, "é" + token[1:], mark)
        assert not bridging.fits(replace(first, state="waiting"), token, mark)
        assert not bridging.fits(replace(first, taken_by="Boris"), token, mark)
        assert not bridging.fits(replace(first, tries=1), token, mark)
        assert not bridging.fits(replace(first, id=first.id + 1), token, mark)


def test_calls_are_counted_by_operator_and_hour(engine: Engine) -> None:
    with engine.begin() as connection:
        for who, ago in (("Anna", 0), ("Anna", 59), ("Anna", 61), ("Boris", 1)):
            note(connection, NOW - timedelta(minutes=ago), who, "call_request_called")
        note(connection, NOW, "Anna", "call_request_done")
        assert bridging.called_lately(connection, "Anna", NOW) == 2


def test_what_the_operators_phone_is_told_is_what_the_carrier_takes() -> None:
    asks = bridging.press_a_key(WORDS, "/go?a=1&b=2", "/silence")
    gather, silence = read_call(asks)
    assert isinstance(gather, Gather)
    assert silence == Redirect("/silence")
    assert (gather.action, gather.digits, gather.finish_on) == ("/go?a=1&b=2", 1, "")
    through = bridging.put_through(WORDS, NUMBER, "+33199001234", "/over")
    (dial,) = [verb for verb in read_call(through) if isinstance(verb, Dial)]
    assert (dial.number, dial.caller_id, dial.action) == (NUMBER, "+33199001234", "/over")
    element = parse_response(through).find("Dial")
    assert isinstance(element, ElementTree.Element)
    assert element.attrib["answerOnBridge"] == "true"
    for answer in (asks, through, bridging.last_words(WORDS)):
        assert [verb for verb in read_call(answer) if isinstance(verb, Fault)] == []
        assert "Quelqu'un attend : <vous> & moi" in "".join(parse_response(answer).itertext())
