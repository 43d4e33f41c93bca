"""The stub of the Messages API, seen through the official client."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.wrappers import Request, Response

from helpline.simulator.messages_behaviour import Behaviour
from tests.server.running import wait_until
from tests.simulator.messages_stub import MessagesStub, messages_stub

ACCOUNT, TOKEN = "AC" + "0" * 32, "0123456789abcdef0123456789abcdef"
ANNA, BORIS = "+33639980001", "+33639980002"


class _Here(TwilioHttpClient):
    """The official client's connection, led to the stub."""

    def __init__(self, address: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._address = address

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._address), *args, **options)


def client_of(stub: MessagesStub, timeout: float = 30) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=_Here(stub.url, timeout))


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[MessagesStub]:
    with messages_stub(tmp_path) as started:
        yield started


def send(client: Client, to: str = ANNA, body: str = "Bonjour", **more: Any) -> Any:
    return client.messages.create(to=to, from_="38123", body=body, **more)


def refusal(client: Client, **message: Any) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**{"to": ANNA, "from_": "38123", "body": "Bonjour", **message})
    return refused.value


def test_a_message_is_accepted_and_kept_before_it_is_answered(stub: MessagesStub) -> None:
    sent = send(client_of(stub), body="Déjà l'été", status_callback="http://localhost:1/status?message=7.1")
    (kept,) = stub.messages()
    assert (sent.sid, sent.status, sent.to, sent.from_, sent.num_segments) == (kept.sid, "queued", ANNA, "38123", "1")
    assert (kept.to, kept.sender, kept.body) == (ANNA, "38123", "Déjà l'été")
    assert kept.callback == "http://localhost:1/status?message=7.1"
    assert abs(datetime.now(UTC) - kept.moment) < timedelta(minutes=1)


def test_a_message_of_a_service_is_accepted_under_its_id(stub: MessagesStub) -> None:
    sent = client_of(stub).messages.create(to=ANNA, messaging_service_sid="MG" + "a" * 32, body="Bonjour")
    assert (sent.status, sent.messaging_service_sid) == ("accepted", "MG" + "a" * 32)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "0639980001"}, 21211),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"validity_period": 0}, 21624),
        ({"validity_period": 36_001}, 21624),
        ({"status_callback": "status"}, 21609),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(stub: MessagesStub, message: dict[str, Any], code: int) -> None:
    refused = refusal(client_of(stub), **message)
    assert (refused.status, refused.code) == (400, code)
    assert stub.messages() == []


def test_without_credentials_nothing_is_told(stub: MessagesStub) -> None:
    answer = requests.get(f"{stub.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_one_message_is_shown_and_an_unknown_one_is_not_found(stub: MessagesStub) -> None:
    client = client_of(stub)
    sent = send(client)
    assert client.messages(sent.sid).fetch().body == "Bonjour"
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_messages_are_listed_by_number_and_time_newest_first(stub: MessagesStub) -> None:
    client = client_of(stub)
    first, _, last = send(client, body="1"), send(client, BORIS, body="2"), send(client, body="3")
    began = datetime.now(UTC) - timedelta(minutes=1)
    assert [m.sid for m in client.messages.list(to=ANNA, date_sent_after=began)] == [last.sid, first.sid]
    assert client.messages.list(to=ANNA, date_sent_after=began + timedelta(hours=1)) == []
    assert client.messages.list(to=ANNA, date_sent_before=began) == []
    assert len(client.messages.list(from_="38123")) == 3
    day = {"DateSent": str(first.date_created.date())}
    listed = requests.get(f"{stub.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", day, auth=("x", "y"), timeout=30)
    assert len(listed.json()["messages"]) == 3


def test_a_list_goes_on_over_many_pages_while_messages_come_in(stub: MessagesStub) -> None:
    client = client_of(stub)
    sent = [send(client, body=str(number)).sid for number in range(7)]
    listed = client.messages.stream(page_size=2)
    seen = [next(listed).sid]
    send(client)
    assert [*seen, *(message.sid for message in listed)] == sent[::-1]


def test_a_text_that_a_caller_sent_is_listed_as_inbound(stub: MessagesStub) -> None:
    stub.receive(ANNA, "STOP")
    (listed,) = client_of(stub).messages.list(from_=ANNA)
    assert (listed.direction, listed.body, listed.to) == ("inbound", "STOP", "38123")
    assert stub.messages() == []


def test_what_it_accepted_outlives_its_being_killed(stub: MessagesStub) -> None:
    sent = [send(client_of(stub)).sid for _ in range(3)]
    stub.kill()
    with stub.journal.open("ab") as journal:
        journal.write(b'{"sid": "torn')
    stub.start()
    send(client_of(stub), BORIS)
    assert [message.sid for message in client_of(stub).messages.list(to=ANNA)] == sent[::-1]
    assert len(stub.messages()) == 4


def test_a_connection_breaks_off_after_the_message_was_accepted(stub: MessagesStub) -> None:
    stub.behave(drop=1)
    with pytest.raises(requests.ConnectionError):
        send(client_of(stub))
    assert len(stub.messages()) == 1
    assert stub.counts["dropped"] == 1


def test_a_message_is_accepted_after_its_sender_gave_up(stub: MessagesStub) -> None:
    stub.behave(late="1:1")
    with pytest.raises(requests.Timeout):
        send(client_of(stub, timeout=0.2))
    assert client_of(stub).messages.list(to=ANNA) == []
    wait_until(stub.messages, lambda: "never accepted")


def test_answers_that_nobody_can_read_hide_an_accepted_message(stub: MessagesStub) -> None:
    stub.behave(garbage=1)
    with pytest.raises(ValueError, match="Expecting value"):
        send(client_of(stub))
    assert len(stub.messages()) == 1


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [("429", 429, 20429), ("500", 500, 20500), ("20003", 401, 20003), ("21610", 400, 21610), ("21408", 400, 21408)],
)
def test_it_fails_as_it_is_told(stub: MessagesStub, rule: str, status: int, code: int) -> None:
    stub.behave(fail=f"{rule}:1")
    refused = refusal(client_of(stub))
    assert (refused.status, refused.code) == (status, code)
    assert stub.messages() == []


def test_it_may_answer_500_to_a_message_that_goes_out(stub: MessagesStub) -> None:
    stub.behave(fail="500+accepted:1")
    assert refusal(client_of(stub)).status == 500
    assert len(stub.messages()) == 1


def test_one_number_is_refused_and_others_are_not(stub: MessagesStub) -> None:
    stub.behave(fail=f"21610:{ANNA}")
    assert refusal(client_of(stub)).code == 21610
    assert send(client_of(stub), BORIS).status == "queued"


def test_a_share_is_a_share(tmp_path: Path) -> None:
    with messages_stub(tmp_path, "--fail", "429:0.5", "--seed", "1") as stub:
        client = client_of(stub)
        for _ in range(60):
            with suppress(TwilioRestException):
                send(client)
        assert 15 < len(stub.messages()) < 45


def test_hundreds_wait_for_a_slow_carrier_at_once(stub: MessagesStub) -> None:
    stub.behave(delay=2000)
    clients = [threading.Thread(target=send, args=(client_of(stub), ANNA, str(number))) for number in range(100)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert len(stub.messages()) == 100
    assert stub.counts["most_at_once"] == 100


def test_an_unknown_behaviour_is_refused_with_those_that_there_are(stub: MessagesStub) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        stub.behave(slowness=3)
    with refused.value as answer:
        assert "There are: delay, drop" in answer.read().decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"drop": "2"}, "no share"),
        ({"fail": "429"}, "no rule"),
        ({"fail": "12:0.5"}, "no rule"),
        ({"delay": "-1"}, "no time"),
        ({"late": "0.5:soon"}, "no time"),
    ],
)
def test_a_behaviour_that_makes_no_sense_is_named(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Behaviour().changed(changes)


class Listener:
    """Takes status callbacks on a port of this machine."""

    def __init__(self) -> None:
        self.reports: list[dict[str, str]] = []
        self.signed: list[bool] = []
        self.failures = 0
        self.server = make_server("127.0.0.1", 0, self.app)
        self.url = f"http://localhost:{self.server.server_port}/status?message=7.1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @Request.application
    def app(self, request: Request) -> Response:
        signature = request.headers.get("X-Twilio-Signature", "")
        self.signed.append(RequestValidator(TOKEN).validate(self.url, request.form, signature))
        if self.failures:
            self.failures -= 1
            return Response(status=503)
        self.reports.append(request.form.to_dict())
        return Response(status=204)

    def wait_for(self, number: int) -> list[str]:
        wait_until(lambda: len(self.reports) >= number, lambda: f"only {self.reports}")
        return [report["MessageStatus"] for report in self.reports]


@pytest.fixture
def listener() -> Iterator[Listener]:
    started = Listener()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def reporting(tmp_path: Path) -> Iterator[MessagesStub]:
    env = {"TWILIO_AUTH_TOKEN": TOKEN, "VAR_DIR": str(tmp_path), "HELPLINE_ENV": "demo"}
    with messages_stub(tmp_path, "--callbacks", "--report-after", "0.1", env=env) as stub:
        yield stub


def test_it_reports_what_became_of_a_message(reporting: MessagesStub, listener: Listener) -> None:
    sent = send(client_of(reporting), status_callback=listener.url)
    assert listener.wait_for(2) == ["sent", "delivered"]
    assert listener.signed == [True, True]
    assert {report["MessageSid"] for report in listener.reports} == {sent.sid}
    assert client_of(reporting).messages(sent.sid).fetch().status == "delivered"


def test_a_message_that_does_not_arrive_is_reported_with_its_reason(
    reporting: MessagesStub, listener: Listener
) -> None:
    reporting.behave(undelivered=f"30005:{ANNA}")
    sent = send(client_of(reporting), status_callback=listener.url)
    assert listener.wait_for(2) == ["sent", "undelivered"]
    assert [report.get("ErrorCode") for report in listener.reports] == [None, "30005"]
    assert client_of(reporting).messages(sent.sid).fetch().error_code == 30005


def test_reports_come_twice_and_out_of_order(reporting: MessagesStub, listener: Listener) -> None:
    reporting.behave(repeat=1, disorder=1)
    send(client_of(reporting), status_callback=listener.url)
    assert sorted(listener.wait_for(4)) == ["delivered", "delivered", "sent", "sent"]
    assert listener.reports[0]["MessageStatus"] == "delivered"


def test_a_report_that_was_not_taken_comes_again_where_the_url_asks_for_it(
    reporting: MessagesStub, listener: Listener
) -> None:
    listener.failures = 2
    send(client_of(reporting), status_callback=f"{listener.url}#rc=3&rp=ct,rt,5xx")
    assert sorted(listener.wait_for(2)) == ["delivered", "sent"]
    assert listener.signed == [True] * 4


def test_a_report_that_was_not_taken_is_lost_otherwise(reporting: MessagesStub, listener: Listener) -> None:
    listener.failures = 1
    send(client_of(reporting), status_callback=listener.url)
    assert listener.wait_for(1) == ["delivered"]
