"""Requests that are no HTTP, or two at once, to a server as it runs: refused or answered once, and it goes on."""

from __future__ import annotations

import re
import socket

import pytest

from tests.conftest import Server
from tests.phone import FORM, SIGNATURE, form, new_sid, signature

PATIENCE = 30
QUIET = 0.3  # seconds without an answer, after which a sender of nonsense goes
ASKS = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HIDDEN = b"GET /desk/sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /twilio/sms HTTP/1.1\r\nHost: localhost\r\nX-Twilio-Signature: " + b"A" * 27 + b"=\r\n"

ODD_LINES = [
    *(b"", b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"),
    *(b"GET /healthz HTTP/1.1\r\n\r\n", b"GET " + b"/" * 500_000 + b" HTTP/1.1\r\n\r\n", b"\0" * 1000),
    *(
        b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ),
    *(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n x: folded\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"GET / HTTP/1.1\r\n: a\r\n\r\n", b"GET / HTTP/1.1\r\nA\0B: c\r\n\r\n"),
    b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(5000)) + b"\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
    b"CONNECT evil.example.org:443 HTTP/1.1\r\nHost: evil.example.org\r\n\r\n",
    b"GET http://evil.example.org/desk/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nConnection: Upgrade\r\n\r\n",
]
# What two servers in a row could read as one request or as two.
SMUGGLED = [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
    b"Content-Length: 5\r\nContent-Length: 0\r\n\r\nBody=",
    b"Content-Length: 0, 5\r\n\r\nBody=",
    b"Content-Length: +5\r\n\r\nBody=",
    b"Content-Length: 0x5\r\n\r\nBody=",
    b"Content-Length: -1\r\n\r\nBody=",
    b"Content-Length: 99999999999999999999999\r\n\r\nBody=",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n1;" + b"e" * 100_000 + b"\r\nx\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: x\r\n" * 20_000 + b"\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
]


def said(server: Server, sent: bytes, until: float = PATIENCE) -> bytes:
    """Everything that comes back until the server closes, or says nothing for so long: then we hang up."""
    got = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(sent)
            connection.settimeout(until)
            while more := connection.recv(65536):
                got += more
        except (ConnectionError, TimeoutError):
            pass
    return got


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


@pytest.mark.parametrize("line", ODD_LINES, ids=range(len(ODD_LINES)))
def test_what_is_no_request_is_refused_and_nothing_breaks(server: Server, line: bytes) -> None:
    assert all(status < 500 for status in statuses(said(server, line, QUIET)))
    assert statuses(said(server, LAST)) == [200]


@pytest.mark.parametrize("way", SMUGGLED, ids=range(len(SMUGGLED)))
def test_a_body_whose_end_is_in_doubt_is_refused_or_read_in_one_way(server: Server, way: bytes) -> None:
    """Whoever hides a request in a body: nothing of it is done, unless it plainly is the next request."""
    answer = said(server, POST + f"Content-Type: {FORM}\r\n".encode() + way + HIDDEN, QUIET)
    assert all(status < 500 for status in statuses(answer)), answer
    assert len(statuses(answer)) <= 2
    if b"Content-Length" in way and b"Transfer-Encoding: chunked" in way:
        assert b"csrf_token" not in answer
    assert statuses(said(server, LAST)) == [200]


def test_requests_in_one_go_are_answered_one_by_one(server: Server) -> None:
    base, body = (
        f"http://127.0.0.1:{server.port}",
        [("MessageSid", new_sid()), ("From", "+33639981155"), ("Body", "menu")],
    )
    signed = signature(f"{base}/twilio/sms", body)
    text = form(body)
    head = (
        f"POST /twilio/sms HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {FORM}\r\n"
        f"{SIGNATURE}: {signed}\r\nContent-Length: {len(text)}\r\n\r\n"
    ).encode()
    answer = said(server, ASKS + head + text + POST + b"Content-Length: 0\r\n\r\n" + ASKS * 20 + LAST)
    assert statuses(answer) == [200, 200, 403] + [200] * 21


@pytest.mark.parametrize("signed", [b"A" * 27 + b"=", b"x"])
def test_a_body_of_chunks_that_is_too_large_is_not_read_to_its_end(server: Server, signed: bytes) -> None:
    head = (
        POST.replace(b"A" * 27 + b"=", signed) + f"Content-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    answer = said(server, head + chunk * 100 + b"0\r\n\r\n")
    assert statuses(answer) in ([413], [])  # who goes on sending may not hear it
    assert statuses(said(server, LAST)) == [200]


def test_a_form_that_ends_early_is_not_taken_for_a_shorter_one(server: Server) -> None:
    body = [("MessageSid", new_sid()), ("From", "+33639981144"), ("Body", "menu")]
    signed = signature(f"http://127.0.0.1:{server.port}/twilio/sms", body)
    head = (
        f"POST /twilio/sms HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {FORM}\r\n"
        f"{SIGNATURE}: {signed}\r\nContent-Length: {len(form(body)) + 10}\r\n\r\n"
    ).encode()
    assert 200 not in statuses(said(server, head + form(body), QUIET))


def test_the_log_holds_no_error(server: Server) -> None:
    assert '"level": "error"' not in server.running.output
    assert "Traceback" not in server.running.output
