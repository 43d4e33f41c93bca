"""Texts handed to the carrier through its own client: what is asked, and what each answer means."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpline.carrier import connections
from helpline.carrier.results import Busy, CarrierAway, NotSent, Refused, Result, Sent, Unsure
from helpline.carrier.sending import Carrier
from tests.carrier.odd_carrier import TAKEN, OddCarrier, odd_carrier, reply
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess, carrier_process

ACCOUNT, SECRET = "AC" + "1" * 32, "the secret of a test"
TO = "+33639980001"
PUBLIC = "https://helpline.example.org"


@pytest.fixture
def odd() -> Iterator[OddCarrier]:
    with odd_carrier() as carrier:
        yield carrier


def carrier_at(url: str, sender: str = "38123", at_once: int = 4) -> Carrier:
    return Carrier(ACCOUNT, (ACCOUNT, SECRET), sender, url, PUBLIC, at_once)


def sent(odd: OddCarrier, **how: str) -> Result:
    return carrier_at(odd.url, **how).send(TO, "Bonjour", 3600, "17.2")


def test_a_text_is_posted_with_all_that_the_carrier_needs(odd: OddCarrier) -> None:
    assert sent(odd) == Sent("SM" + "0" * 32, "queued")
    (asked,) = odd.asked
    assert (asked.method, asked.target) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert asked.headers["host"] == f"127.0.0.1:{odd.port}"
    assert asked.form == {
        "To": TO,
        "From": "38123",
        "Body": "Bonjour",
        "ValidityPeriod": "3600",
        "SmartEncoded": "false",
        "StatusCallback": f"{PUBLIC}/twilio/sms/status?message=17.2#rc=3&rp=ct,rt,5xx",
    }


def test_a_messaging_service_is_named_instead_of_a_number(odd: OddCarrier) -> None:
    sent(odd, sender="MG" + "2" * 32)
    assert odd.asked[0].form["MessagingServiceSid"] == "MG" + "2" * 32
    assert "From" not in odd.asked[0].form


def test_an_api_key_stands_for_the_accounts_own_secret(odd: OddCarrier) -> None:
    key = "SK" + "3" * 32
    Carrier(ACCOUNT, (key, SECRET), "38123", odd.url, PUBLIC).send(TO, "Bonjour", 60)
    (asked,) = odd.asked
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode() == f"{key}:{SECRET}"
    assert ACCOUNT in asked.target
    assert "StatusCallback" not in asked.form


@pytest.mark.parametrize(("asked_for", "given"), [(-5, "1"), (0, "1"), (90_000, "36000")])
def test_the_validity_stays_within_what_the_carrier_takes(odd: OddCarrier, asked_for: int, given: str) -> None:
    carrier_at(odd.url).send(TO, "Bonjour", asked_for)
    assert odd.asked[0].form["ValidityPeriod"] == given


def test_the_surroundings_change_neither_address_nor_credentials(
    odd: OddCarrier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    for name, value in {
        "TWILIO_EDGE": "dublin",
        "TWILIO_REGION": "ie1",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "NETRC": str(tmp_path / "netrc"),
    }.items():
        monkeypatch.setenv(name, value)
    assert isinstance(sent(odd), Sent)
    assert base64.b64decode(odd.asked[0].headers["authorization"].removeprefix("Basic ")).decode().startswith(ACCOUNT)


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        (400, 21610, Refused(21610, 400)),
        (401, 20003, Refused(20003, 401)),
        (403, 20403, Refused(20403, 403)),
        (400, 29999, Refused(29999, 400)),
        (429, 20429, Busy()),
        (400, 21611, Busy(code=21611)),
        (500, 20500, Unsure("http 500")),
        (503, 20503, Unsure("http 503")),
    ],
)
def test_an_answer_of_the_carriers_says_what_became_of_it(
    odd: OddCarrier, status: int, code: int, result: Result
) -> None:
    odd.says(status, json.dumps({"code": code, "message": "No", "status": status}))
    assert sent(odd) == result


def test_the_new_form_of_errors_is_understood(odd: OddCarrier) -> None:
    told = {"type": "https://www.twilio.com/docs/api/errors/21610", "title": "No", "status": 400, "code": 21610}
    odd.says(400, json.dumps(told))
    assert sent(odd) == Refused(21610, 400)


@pytest.mark.parametrize(
    ("status", "result"),
    [(302, Refused(302, 302)), (403, Refused(403, 403)), (404, Refused(404, 404)), (408, Unsure("http 408"))],
)
def test_an_answer_of_somebody_in_between_is_judged_by_its_status(odd: OddCarrier, status: int, result: Result) -> None:
    odd.says(status, "<html>Not for you</html>", Location="http://127.0.0.1:1/")
    assert sent(odd) == result
    assert len(odd.asked) == 1


def test_the_carrier_says_how_long_to_wait(odd: OddCarrier) -> None:
    odd.says(429, json.dumps({"code": 20429}), Retry_After="17")
    assert sent(odd) == Busy(17.0)
    odd.says(429, json.dumps({"code": 20429}), Retry_After="Thu, 10 Dec 2026 10:00:00 GMT")
    assert sent(odd) == Busy(0.0)


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", "null", "{}", '{"sid": 5}', '{"sid": "CA1"}', '{"sid": null}', "\xff\xfe", '{"sid": "']
)
def test_what_nobody_can_read_leaves_it_open_whether_it_was_taken(odd: OddCarrier, body: str) -> None:
    odd.says(201, body)
    assert isinstance(sent(odd), Unsure)
    assert len(odd.asked) == 1


def test_a_connection_that_breaks_after_the_request_leaves_it_open(odd: OddCarrier) -> None:
    odd.answer = lambda connection: connection.shutdown(socket.SHUT_RDWR)
    assert isinstance(sent(odd), Unsure)
    odd.answer = lambda connection: (
        connection.sendall(reply(201, TAKEN)[:40]),
        connection.shutdown(socket.SHUT_RDWR),
    )
    assert isinstance(sent(odd), Unsure)
    assert len(odd.asked) == 2, "it must not be posted again"


def test_an_answer_that_takes_too_long_leaves_it_open(odd: OddCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TO_ANSWER", 0.2)
    odd.answer = lambda connection: time.sleep(1)
    assert sent(odd) == Unsure("ReadTimeout")
    assert len(odd.asked) == 1


def test_a_carrier_that_is_not_there_got_nothing() -> None:
    assert isinstance(carrier_at(f"http://127.0.0.1:{free_port()}").send(TO, "Bonjour", 60), NotSent)
    assert isinstance(carrier_at("http://no-such-host.invalid").send(TO, "Bonjour", 60), NotSent)


def test_a_carrier_that_takes_no_connection_got_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TO_CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        full.settimeout(1)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:  # its queue is full: the next one is never let in
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        result = carrier_at(f"http://127.0.0.1:{full.getsockname()[1]}").send(TO, "Bonjour", 60)
        assert result == NotSent("ConnectTimeoutError")
        for one in waiting:
            one.close()


def test_nothing_is_said_to_somebody_who_cannot_prove_to_be_the_carrier(odd: OddCarrier) -> None:
    odd.answer = lambda connection: None
    result = carrier_at(odd.url.replace("http:", "https:")).send(TO, "Bonjour", 60)
    assert isinstance(result, NotSent | Unsure)
    assert odd.asked == []


def test_a_result_says_no_number(odd: OddCarrier) -> None:
    away = carrier_at(f"http://127.0.0.1:{free_port()}").send(TO, "Bonjour", 60)
    odd.says(400, json.dumps({"code": 21211, "message": f"{TO} is not a valid phone number"}))
    assert TO.lstrip("+") not in f"{away} {sent(odd)}"


def test_threads_share_as_many_connections_as_there_are_threads(odd: OddCarrier) -> None:
    carrier = carrier_at(odd.url)
    odd.answer = lambda connection: (time.sleep(0.01), connection.sendall(reply(201, TAKEN)))
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda number: carrier.send(TO, f"Text {number}", 60), range(40)))
    assert all(isinstance(result, Sent) for result in results)
    assert {asked.form["Body"] for asked in odd.asked} == {f"Text {number}" for number in range(40)}
    assert odd.connections <= 4


def test_connections_outlive_the_threads(odd: OddCarrier) -> None:
    carrier = carrier_at(odd.url)
    for _ in range(5):
        thread = threading.Thread(target=carrier.send, args=(TO, "Bonjour", 60))
        thread.start()
        thread.join()
    assert (len(odd.asked), odd.connections) == (5, 1)


def _send_in_child(carrier: Carrier) -> None:
    os._exit(0 if isinstance(carrier.send(TO, "Child", 60), Sent) else 1)


def test_a_fork_takes_no_connection_of_its_parent(odd: OddCarrier) -> None:
    carrier = carrier_at(odd.url)
    assert isinstance(carrier.send(TO, "Parent", 60), Sent)
    child = multiprocessing.get_context("fork").Process(target=_send_in_child, args=(carrier,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert isinstance(carrier.send(TO, "Parent", 60), Sent)
    assert (len(odd.asked), odd.connections) == (3, 2)


# What was sent, as the carrier's list has it.


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    with carrier_process(tmp_path_factory.mktemp("carrier")) as carrier:
        yield carrier


def test_the_list_has_what_was_sent_to_a_number_newest_first(stub: CarrierProcess) -> None:
    carrier = carrier_at(stub.url)
    before = datetime.now(UTC) - timedelta(seconds=1)
    sids = []
    for number in range(3):
        result = carrier.send("+33639980101", f"Text {number}", 60)
        assert isinstance(result, Sent)
        sids.append(result.sid)
    carrier.send("+33639980102", "Somebody else's", 60)
    found = carrier.sent_to("+33639980101", before)
    assert [message.sid for message in found] == sids[::-1]
    assert [message.body for message in found] == ["Text 2", "Text 1", "Text 0"]
    assert all(before <= message.created for message in found)
    assert {(message.direction, message.to) for message in found} == {("outbound-api", "+33639980101")}
    assert "+33" not in repr(found)


def test_the_list_leaves_out_what_is_older(stub: CarrierProcess) -> None:
    carrier = carrier_at(stub.url)
    carrier.send("+33639980103", "Too old", 60)
    assert carrier.sent_to("+33639980103", datetime.now(UTC) + timedelta(seconds=2)) == []


def test_everything_since_a_moment_comes_page_by_page(stub: CarrierProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.carrier.sending._LARGEST_PAGE", 2)
    carrier = carrier_at(stub.url)
    since = datetime.now(UTC) - timedelta(seconds=1)
    for number in range(5):
        carrier.send(f"+3363998020{number}", "Bonjour", 60)
    stub.receive("+33639980200", "STOP")
    listed = list(carrier.listed(since))
    assert {message.to for message in listed if message.to.startswith("+3363998020")} == {
        f"+3363998020{number}" for number in range(5)
    }
    (stop,) = [message for message in carrier.listed(since, "inbound") if message.sender == "+33639980200"]
    assert (stop.body, stop.direction, stop.status) == ("STOP", "inbound", "received")


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_list_that_is_refused_says_so(odd: OddCarrier, status: int) -> None:
    odd.says(status, json.dumps({"code": 20003, "message": TO}))
    with pytest.raises(CarrierAway) as away:
        carrier_at(odd.url).sent_to(TO, datetime.now(UTC))
    assert TO not in str(away.value)
    with pytest.raises(CarrierAway):
        list(carrier_at(odd.url).listed(datetime.now(UTC)))


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"messages": [{}]}', '{"messages": [{"date_created": "x"}]}'])
def test_a_list_that_nobody_can_read_is_none(odd: OddCarrier, body: str) -> None:
    odd.says(200, body)
    with pytest.raises(CarrierAway):
        carrier_at(odd.url).sent_to(TO, datetime.now(UTC))


def test_a_list_that_cannot_be_reached_says_no_number() -> None:
    with pytest.raises(CarrierAway) as away:
        carrier_at(f"http://127.0.0.1:{free_port()}").sent_to(TO, datetime.now(UTC))
    assert TO.lstrip("+") not in str(away.value)
