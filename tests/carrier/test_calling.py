"""Calls that the carrier is to make: what is asked, what each answer means, and the list of them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from helpline.carrier.results import Busy, CarrierAway, NotSent, Refused, Result, Sent, Unsure
from helpline.carrier.sending import Carrier
from tests.carrier.odd_carrier import OddCarrier, odd_carrier
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.workers.programs import OF_THE_MACHINE

ACCOUNT, SECRET = "AC" + "1" * 32, "the secret of a test"
TO, VOICE = "+33199001299", "+33199001234"
PUBLIC = "https://helpline.example.org"
URL = f"{PUBLIC}/twilio/voice/ours/2-fr-call.middle?message=17.2.ab"
MADE = '{"sid": "CA%s", "status": "queued"}' % ("0" * 32)
ASK_AGAIN = "#rc=3&rp=ct,rt,5xx"


@pytest.fixture
def odd() -> Iterator[OddCarrier]:
    with odd_carrier() as carrier:
        carrier.says(201, MADE)
        yield carrier


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    folder = tmp_path_factory.mktemp("carrier")
    env = OF_THE_MACHINE | {"HELPLINE_ENV": "demo", "VAR_DIR": str(folder / "var"), "PORT": str(free_port())}
    with carrier_process(folder, "--callbacks", env=env) as carrier:
        yield carrier


def carrier_at(url: str) -> Carrier:
    return Carrier(ACCOUNT, (ACCOUNT, SECRET), "38123", url, PUBLIC, 4, VOICE)


def called(odd: OddCarrier) -> Result:
    return carrier_at(odd.url).call(TO, URL, "17.2.ab")


def test_a_call_is_posted_with_all_that_the_carrier_needs(odd: OddCarrier) -> None:
    assert called(odd) == Sent("CA" + "0" * 32, "queued")
    (asked,) = odd.asked
    assert (asked.method, asked.target) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert parse_qs(asked.body) == {
        "To": [TO],
        "From": [VOICE],
        "Url": [URL + ASK_AGAIN],
        "FallbackUrl": [URL + ASK_AGAIN],
        "Timeout": ["30"],
        "MachineDetection": ["DetectMessageEnd"],
        "StatusCallback": [f"{PUBLIC}/twilio/voice/status?message=17.2.ab{ASK_AGAIN}"],
        "StatusCallbackEvent": ["completed"],
    }


def test_nothing_is_found_out_or_reported_that_was_not_asked_for(odd: OddCarrier) -> None:
    carrier_at(odd.url).call(TO, URL, machine=False)
    assert set(odd.asked[0].form) == {"To", "From", "Url", "FallbackUrl", "Timeout"}


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        (400, 21211, Refused(21211, 400)),
        (400, 21215, Refused(21215, 400)),
        (401, 20003, Refused(20003, 401)),
        (429, 20429, Busy()),
        (400, 10004, Busy(code=10004)),
        (503, 20503, Unsure("http 503")),
    ],
)
def test_an_answer_of_the_carriers_says_what_became_of_it(
    odd: OddCarrier, status: int, code: int, result: Result
) -> None:
    odd.says(status, json.dumps({"code": code, "message": "No", "status": status}))
    assert called(odd) == result


@pytest.mark.parametrize("body", ["", "[]", '{"sid": "SM%s"}' % ("0" * 32), '{"sid": null}', '{"sid": "'])
def test_what_nobody_can_read_leaves_it_open_whether_somebody_is_called(odd: OddCarrier, body: str) -> None:
    odd.says(201, body)
    assert isinstance(called(odd), Unsure)
    assert len(odd.asked) == 1


def test_a_connection_that_breaks_after_the_request_leaves_it_open(odd: OddCarrier) -> None:
    odd.answer = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    assert isinstance(called(odd), Unsure)
    assert len(odd.asked) == 1, "it must not be posted again"


def test_a_carrier_that_is_not_there_calls_nobody() -> None:
    result = carrier_at(f"http://127.0.0.1:{free_port()}").call(TO, URL, "17.2.ab")
    assert isinstance(result, NotSent)
    assert TO.lstrip("+") not in str(result)


def test_the_list_has_our_calls_to_a_number_newest_first(stub: CarrierProcess) -> None:
    carrier = carrier_at(stub.url)
    stub.behave(answering="busy:1")
    before = datetime.now(UTC) - timedelta(seconds=1)
    made = [carrier.call("+33199001201", URL, f"{number}.1.ab") for number in range(3)]
    carrier.call("+33199001202", URL, "9.1.ab")
    found = carrier.calls_to("+33199001201", before)
    assert [Sent(call.sid, "queued") for call in found] == made[::-1]
    assert {(call.direction, call.to, call.sender, call.status) for call in found} == {
        ("outbound-api", "+33199001201", VOICE, "busy")
    }
    assert all(before <= call.created for call in found)
    assert "+33" not in repr(found)
    assert carrier.calls_to("+33199001201", datetime.now(UTC) + timedelta(seconds=2)) == []


def test_calls_that_did_not_come_from_our_number_are_not_ours(stub: CarrierProcess) -> None:
    another = Carrier(ACCOUNT, (ACCOUNT, SECRET), "38123", stub.url, PUBLIC, 4, "+33199001235")
    stub.behave(answering="busy:1")
    another.call("+33199001203", URL)
    assert carrier_at(stub.url).calls_to("+33199001203", datetime.now(UTC) - timedelta(minutes=1)) == []


def test_all_our_calls_since_a_moment_come_page_by_page(stub: CarrierProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.carrier.calling._LARGEST_PAGE", 2)
    carrier = carrier_at(stub.url)
    stub.behave(answering="no-answer:1")
    since = datetime.now(UTC) - timedelta(seconds=1)
    numbers = [f"+3319900121{number}" for number in range(5)]
    for number in numbers:
        carrier.call(number, URL)
    listed = [call.to for call in carrier.calls_since(since)]
    assert [number for number in listed if number in numbers] == numbers[::-1]


def test_one_call_is_asked_about_by_its_id(stub: CarrierProcess) -> None:
    carrier = carrier_at(stub.url)
    stub.behave(answering="busy:1")
    made = carrier.call("+33199001204", URL)
    assert isinstance(made, Sent)
    found = carrier.one_call(made.sid)
    assert (found.sid, found.to, found.status) == (made.sid, "+33199001204", "busy")
    with pytest.raises(CarrierAway):
        carrier.one_call("CA" + "9" * 32)


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"calls": [{}]}', '{"calls": [{"date_created": "x"}]}'])
def test_a_list_that_nobody_can_read_is_none(odd: OddCarrier, body: str) -> None:
    odd.says(200, body)
    with pytest.raises(CarrierAway):
        carrier_at(odd.url).calls_to(TO, datetime.now(UTC))


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_list_that_is_refused_says_so_without_the_number(odd: OddCarrier, status: int) -> None:
    odd.says(status, json.dumps({"code": 20003, "message": TO}))
    with pytest.raises(CarrierAway) as away:
        carrier_at(odd.url).calls_to(TO, datetime.now(UTC))
    assert TO not in str(away.value)
    with pytest.raises(CarrierAway):
        list(carrier_at(odd.url).calls_since(datetime.now(UTC)))
