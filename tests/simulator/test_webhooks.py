"""The carrier's requests: repeated once, shown to who wants to see them."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from helpline.simulator.webhooks import REPEAT_HEADER, CarrierError, Exchange, Webhooks
from tests.server.running import free_port

FORM = {"MessageSid": "SM1", "Body": "actu"}
ANSWER = "<Response/>"


class Moody:
    """A server that gives one status after the other, and keeps the requests."""

    def __init__(self, *statuses: int, told: str = "") -> None:
        self.statuses, self.told = list(statuses), told
        self.requests: list[tuple[dict[str, str], dict[str, str]]] = []

    @Request.application
    def app(self, request: Request) -> Response:
        self.requests.append((request.form.to_dict(), dict(request.headers)))
        status = self.statuses.pop(0) if self.statuses else 200
        headers = {"X-Helpline-Turn": self.told} if self.told else {}
        return Response(ANSWER, status=status, content_type="text/xml", headers=headers)


@contextmanager
def running(moody: Moody, told: list[Exchange]) -> Iterator[Webhooks]:
    server = make_server("127.0.0.1", 0, moody.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Webhooks(address, "https://example.org/line", "secret", told.append)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(moody: Moody, told: list[Exchange] | None = None) -> str:
    with running(moody, [] if told is None else told) as webhooks:
        return webhooks.post(webhooks.url("/twilio/sms"), FORM)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_gets_the_same_once_more(status: int) -> None:
    moody = Moody(status)
    assert post(moody) == ANSWER
    (first, headers), (second, repeated) = moody.requests
    assert first == second == FORM
    assert headers[REPEAT_HEADER]
    assert headers[REPEAT_HEADER] == repeated[REPEAT_HEADER]
    assert headers["X-Twilio-Signature"] == repeated["X-Twilio-Signature"]


def test_then_the_carrier_gives_up() -> None:
    moody = Moody(500, 502, 200)
    with pytest.raises(CarrierError, match=r"The server failed \(502\)"):
        post(moody)
    assert len(moody.requests) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 302])
def test_what_the_server_refuses_is_not_repeated(status: int) -> None:
    moody = Moody(status)
    with pytest.raises(CarrierError):
        post(moody)
    assert len(moody.requests) == 1


def test_each_message_has_a_token_of_its_own() -> None:
    moody = Moody()
    with running(moody, []) as webhooks:
        for _ in range(2):
            webhooks.post(webhooks.url("/twilio/sms"), FORM)
    first, second = (headers[REPEAT_HEADER] for _, headers in moody.requests)
    assert first != second


def test_a_connection_that_breaks_is_tried_again() -> None:
    """The first connection is closed without an answer; the second is answered."""
    told: list[Exchange] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_answer_the_second, args=(listening, told))
        thread.start()
        webhooks = Webhooks(
            f"http://127.0.0.1:{listening.getsockname()[1]}", "https://example.org", "secret", told.append
        )
        assert webhooks.post("https://example.org/twilio/sms", FORM) == ANSWER
        thread.join()
    assert [exchange.status for exchange in told] == [0, 200]


def _answer_the_second(listening: socket.socket, told: Sequence[Exchange]) -> None:
    first, _ = listening.accept()
    first.recv(65536)
    first.close()
    second, _ = listening.accept()
    second.recv(65536)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
    second.sendall((head + ANSWER).encode())
    second.close()


def test_a_server_that_is_not_there_is_told_in_words_after_two_tries() -> None:
    told: list[Exchange] = []
    webhooks = Webhooks(f"http://127.0.0.1:{free_port()}", "https://example.org", "secret", told.append)
    with pytest.raises(CarrierError, match="Start it with scripts/server"):
        webhooks.post("https://example.org/twilio/sms", FORM)
    assert [exchange.status for exchange in told] == [0, 0]


def test_every_request_is_shown_with_what_the_helpline_tells_about_it() -> None:
    turn = {"place": "update.how", "heard": "key"}
    told: list[Exchange] = []
    post(Moody(told=json.dumps(turn)), told)
    (exchange,) = told
    assert exchange.url == "https://example.org/line/twilio/sms"
    assert exchange.form == FORM
    assert (exchange.status, exchange.body, exchange.told) == (200, ANSWER, turn)
    assert exchange.milliseconds > 0


@pytest.mark.parametrize("header", ["", "[]", "{", "no"])
def test_a_header_that_tells_nothing_is_nothing(header: str) -> None:
    told: list[Exchange] = []
    post(Moody(told=header), told)
    assert told[0].told == {}


def test_it_is_signed_for_the_public_address() -> None:
    moody = Moody()
    post(moody)
    signature = moody.requests[0][1]["X-Twilio-Signature"]
    assert RequestValidator("secret").validate("https://example.org/line/twilio/sms", FORM, signature)
