"""HTTP/1.1 as far as the simulated carrier needs it: many connections at once, kept open, in one process.

The web server of the helpline gives an application no way to break off a connection without an answer, which is what a
carrier that fails does. Hence this small one; it listens on this machine only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import structlog

from helpline.simulator import failures

LARGEST = 64 * 1024
MOST_PASSED_OVER = 1024 * 1024
HERE = "127.0.0.1"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The names of headers are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(self._pairs())

    def fields(self, name: str) -> list[str]:
        """Every value of a field that may come more than once."""
        return [value for found, value in self._pairs() if found == name]

    def _pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json"


def json_answer(status: int, value: Mapping[str, Any]) -> Answer:
    """A JSON object; half a letter, which no answer can carry, is a question mark in it."""
    return Answer(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


# None breaks off the connection: the client never learns what became of its request.
Handler = Callable[[Request], Awaitable[Answer | None]]


async def listen(handler: Handler, port: int) -> asyncio.Server:
    """A server on this machine that answers with `handler`. OSError if the port is taken."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await _next(reader)) is not None:
            if isinstance(request, Answer):  # it was too long to be taken, and nothing after it can be read
                await _is_sent(request, writer)
                break
            answer = await _answered(handler, request)
            if answer is None:
                writer.transport.abort()
                return
            if not await _is_sent(answer, writer) or request.headers.get("connection", "").lower() == "close":
                break
        writer.close()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await connected(reader, writer)
        except asyncio.CancelledError:  # the carrier ends, whoever still waits for an answer
            writer.transport.abort()

    return await asyncio.start_server(served, HERE, port, backlog=1024, limit=LARGEST)


async def _answered(handler: Handler, request: Request) -> Answer | None:
    try:
        return await handler(request)
    except Exception as error:
        log.error("the carrier itself failed", method=request.method, **failures.told(error))
        return json_answer(500, {"message": "The carrier itself failed. The reason is in its log.", "status": 500})


async def _is_sent(answer: Answer, writer: asyncio.StreamWriter) -> bool:
    """Send an answer; False if the client is gone."""
    try:
        writer.write(_written(answer))
        await writer.drain()
    except OSError:
        return False
    return True


async def _next(reader: asyncio.StreamReader) -> Request | Answer | None:
    """The next request, or why it is none; None also where the connection broke, or what came is no HTTP."""
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return await _read(reader)
    return None


async def _read(reader: asyncio.StreamReader) -> Request | Answer | None:
    """The next request of a connection; None when the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = int(headers.get("content-length", "0"))
    if not 0 <= size <= MOST_PASSED_OVER:
        return None
    if size > LARGEST:
        await reader.readexactly(size)  # who still sends would not see the answer
        return json_answer(413, {"message": f"That is too long: {LARGEST} bytes at most.", "status": 413})
    body = await reader.readexactly(size) if size else b""
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)) if parts.query else {}, headers, body)


def _written(answer: Answer) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n\r\n"
    )
    return head.encode("latin-1") + answer.body
