"""Requests to a real server, written to the wire as they are."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tests.security.odd_requests import OddRequest

PATIENCE = 40  # seconds that only a test which fails waits


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    cookies: list[str] = field(default_factory=list)


def answered(port: int, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        got = connection.getresponse()
        return Answer(got.status, got.read().decode(errors="replace"), got.headers.get_all("Set-Cookie") or [])
    finally:
        connection.close()


def send(port: int, request: OddRequest) -> int:
    """The status; 0 where the server hung up without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value.encode("utf-8") if not value.isascii() else value)
        if request.is_chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif request.body or request.method == "POST":
            connection.putheader("Content-Length", str(len(request.body)))
        body = request.body
        if request.is_chunked:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse before all of it is there
            connection.endheaders(body)
        try:
            got = connection.getresponse()
            got.read()
        except (http.client.HTTPException, ConnectionError):
            return 0
        return got.status
    finally:
        connection.close()
