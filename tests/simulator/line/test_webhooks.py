"""The carrier's requests: repeated as their URL wishes, shown to who wants to see them."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from helpline.simulator.line.webhooks import REPEAT_HEADER, CarrierError, Exchange, Webhooks
from helpline.simulator.line.wishes import OF_ENTRIES, Wishes, wishes_of
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


def post(moody: Moody, told: list[Exchange] | None = None, wishes: str = "#rc=1&rp=all") -> str:
    with running(moody, [] if told is None else told) as webhooks:
        return webhooks.post(webhooks.url(f"/twilio/sms{wishes}"), FORM)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_gets_the_same_again_where_the_url_asks_for_it(status: int) -> None:
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


@pytest.mark.parametrize(
    ("status", "wishes"),
    [
        (500, ""),
        (503, "#rc=2"),
        (500, "#rc=2&rp=ct,rt,4xx"),
        (500, "#rc=0&rp=all"),
        (404, OF_ENTRIES),
        (302, OF_ENTRIES),
    ],
)
def test_what_the_url_does_not_ask_for_is_not_repeated(status: int, wishes: str) -> None:
    moody = Moody(status)
    with pytest.raises(CarrierError):
        post(moody, wishes=wishes)
    assert len(moody.requests) == 1


@pytest.mark.parametrize(
    ("fragment", "wishes"),
    [
        ("", Wishes()),
        ("#top", Wishes()),
        ("#rc=2", Wishes(2, frozenset({"ct"}))),
        ("#rp=5xx", Wishes(1, frozenset({"5xx"}))),
        ("#rc=99&rp=4xx,sun", Wishes(5, frozenset({"4xx"}))),
        ("#rc=two&rp=rt", Wishes(0, frozenset({"rt"}))),
        (OF_ENTRIES, Wishes(3, frozenset({"ct", "rt", "5xx"}))),
    ],
)
def test_the_wishes_of_a_url_are_read(fragment: str, wishes: Wishes) -> None:
    assert wishes_of(f"https://example.org/twilio/sms?a=rc{fragment}") == wishes


def test_operators_are_told_to_wish_what_the_carrier_takes_for_the_entries() -> None:
    assert f"`{OF_ENTRIES}`" in (Path(__file__).parents[3] / "docs" / "going-live.md").read_text(encoding="utf-8")


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
        assert webhooks.post("https://example.org/twilio/sms#rc=1&rp=rt", FORM) == ANSWER
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


def test_a_server_that_is_not_there_is_tried_again_and_then_told_in_words() -> None:
    told: list[Exchange] = []
    webhooks = Webhooks(f"http://127.0.0.1:{free_port()}", "https://example.org", "secret", told.append)
    with pytest.raises(CarrierError, match="Start it with scripts/server"):
        webhooks.post("https://example.org/twilio/sms#rc=1", FORM)
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


def test_a_report_goes_where_it_is_told_that_the_server_is() -> None:
    url = "http://10.0.0.7:8000/status?message=7"
    moody = Moody()
    with running(moody, []) as webhooks:
        webhooks.report(url, FORM, at=webhooks.address)
        with pytest.raises(CarrierError, match=r"10\.0\.0\.7:8000 is not this machine"):
            webhooks.report(url, FORM)
    ((form, headers),) = moody.requests
    assert form == FORM
    assert headers["Host"] == "10.0.0.7:8000"
    assert RequestValidator("secret").validate(url, FORM, headers["X-Twilio-Signature"])


def test_a_report_to_the_public_address_reaches_the_server_of_this_machine() -> None:
    moody = Moody()
    with running(moody, []) as webhooks:
        webhooks.report(webhooks.url("/twilio/sms/status#rc=1"), FORM)
    assert len(moody.requests) == 1


def test_it_is_signed_for_the_public_address() -> None:
    moody = Moody()
    post(moody)
    signature = moody.requests[0][1]["X-Twilio-Signature"]
    assert RequestValidator("secret").validate("https://example.org/line/twilio/sms", FORM, signature)
