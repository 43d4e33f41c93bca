"""Requests that no library would send, to a server as it runs: an answer, and never a 5xx."""

import socket

import pytest

from tests.conftest import Server
from tests.phone import FORM, form, signature

BODY = [("MessageSid", "SM1"), ("From", "+33611111111"), ("Body", "menu")]


def asked(server: Server, request: bytes) -> bytes:
    """Everything that comes back, until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        got = b""
        while more := connection.recv(65536):
            got += more
        return got


def request(target: bytes, headers: bytes = b"", body: bytes = b"", method: bytes = b"POST") -> bytes:
    return (
        method + b" " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n" + headers + b"\r\n" + body
    )


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def content(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        b"X-Twilio-Signature:\r\n",
        b"X-Twilio-Signature: \xe9\xff\r\n",
        "X-Twilio-Signature: é\r\n".encode(),
        b"X-Twilio-Signature: a\r\nX-Twilio-Signature: b\r\n",
        b"X-Twilio-Signature: " + b"A" * 6000 + b"\r\n",
        b"X-Twilio-Signature: x\r\nX-Twilio-Webhooks-Signature-Settings: algorithm=\xff\r\n",
        b"X-Twilio-Signature: x\r\nX-Forwarded-Host: \xff\r\nX-Forwarded-Proto: \xff\r\n",
        b"X-Twilio-Signature: x\r\nContent-Type: multipart/form-data; boundary=\xff\r\n",
        b"X-Twilio-Signature: x\r\nContent-Type: application/x-www-form-urlencoded; charset=nonsense\r\n",
    ],
)
@pytest.mark.parametrize("target", [b"/twilio/sms", b"/twilio/voice", b"/twilio/voice/status", b"/twilio/voice/turn/x"])
def test_a_wrong_signature_is_a_403_without_words(server: Server, target: bytes, headers: bytes) -> None:
    answer = asked(server, request(target, headers, form(BODY)))
    assert (status(answer), content(answer)) == (403, b"")


@pytest.mark.parametrize(
    "target",
    [
        b"/twilio/voice/turn/%00",
        b"/twilio/voice/turn/%ff%fe",
        b"/twilio/voice/turn/" + b"a" * 5000,
        b"/twilio/voice/turn/..%2f..%2f",
        b"/twilio/sms?" + b"a=b&" * 1000,
        b"/twilio/sms?\xc3\xa9=%",
        b"//twilio/sms",
        b"/twilio/../twilio/sms",
        b"http://localhost/twilio/sms",
        b"*",
        b"/audio/%2e%2e/%2e%2e/settings.py",
        b"/audio/fr/%00",
    ],
)
@pytest.mark.parametrize("method", [b"POST", b"GET", b"OPTIONS", b"PROPFIND"])
def test_odd_targets_are_refused_quietly(server: Server, target: bytes, method: bytes) -> None:
    answer = asked(server, request(target, b"X-Twilio-Signature: x\r\n", form(BODY), method))
    assert status(answer) in (0, 200, 308, 400, 403, 404, 405, 414)
    if status(answer) == 200:
        assert method == b"OPTIONS"


def test_a_body_without_a_length_is_read_up_to_the_limit(server: Server) -> None:
    signed = signature(f"http://127.0.0.1:{server.port}/twilio/sms", BODY).encode()
    for size, expected in ((0, 200), (200_000, 413)):
        body = form(BODY) + b"&More=" + b"x" * size if size else form(BODY)
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        head = (
            f"POST /twilio/sms HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n"
            f"Content-Type: {FORM}\r\nTransfer-Encoding: chunked\r\nX-Twilio-Signature: "
        ).encode()
        answer = asked(server, head + signed + b"\r\n\r\n" + chunks)
        assert status(answer) == expected, answer
        assert bool(content(answer)) == (expected == 200)


@pytest.mark.parametrize("path", ["/twilio/sms", "/twilio/voice", "/twilio/voice/status", "/twilio/voice/turn/x"])
def test_get_is_a_405(server: Server, path: str) -> None:
    assert status(asked(server, request(path.encode(), method=b"GET"))) == 405


def test_the_query_is_signed_as_it_was_sent(server: Server) -> None:
    phone = server.phone()
    for query in ("a=%2B33", "a=%20b+c", "a=%C3%A9&b=&b=2", "%2f=/"):
        assert phone.send(f"/twilio/sms?{query}", BODY).messages


def test_the_log_holds_no_error(server: Server) -> None:
    assert '"level": "error"' not in server.running.output
    assert "Traceback" not in server.running.output
