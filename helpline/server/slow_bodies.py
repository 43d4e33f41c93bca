"""Bodies that come too slowly: their connection is shut, so that nobody holds a thread of ours for long.

The server waits for a body for as long as its sender likes, in one of its threads, and says of a request only from
which address it came. So of that address those connections are shut to which nothing was written since: who is answered
keeps theirs. Needs Linux, which alone tells when something was written.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from werkzeug.exceptions import ClientDisconnected

from helpline.background import Background, Task
from helpline.neighbours import is_neighbour

PATIENCE_SECONDS = 5.0
LOOK_SECONDS = 0.25
# Most threads wait for bodies: nobody sends that slowly by chance to so many at once.
MANY, HASTE_SECONDS = 96, 1.0
_LAST_SENT = 44  # where Linux tells in `tcp_info` how many milliseconds ago something was written

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Body(Protocol):
    """What of a body the web framework uses."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes; fewer only where it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Awaited:
    """A body that somebody reads: since when, and the two ends of its connection as the server tells them."""

    since: float
    address: str
    port: int


class SlowBodies:
    """Stands before an application, and sees how long it waits for each body."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._awaited: dict[int, Awaited] = {}
        self._watch = Background(Task("slow bodies", LOOK_SECONDS, self.shut))

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") and not _is_handed_on(environ):
            self._watch.begin()
            environ["wsgi.input"] = _Watched(environ["wsgi.input"], environ, self._awaited)
        return self._application(environ, start_response)

    def shut(self) -> None:
        """Shut the connections of those who were waited for too long."""
        if not self._awaited:
            return
        now, awaited = time.monotonic(), tuple(self._awaited.values())
        patience = HASTE_SECONDS if len(awaited) >= MANY else PATIENCE_SECONDS
        slow = {(one.address, one.port) for one in awaited if now - one.since > patience}
        if slow:
            _shut(slow, patience)


class _Watched:
    """A body that tells while it is waited for. One that ends before its length is refused, not taken for shorter."""

    __slots__ = ("_awaited", "_body", "_environ", "_left", "_since")

    def __init__(self, body: Body, environ: Environ, awaited: dict[int, Awaited]) -> None:
        self._body, self._environ, self._awaited, self._since = body, environ, awaited, time.monotonic()
        length = environ.get("CONTENT_LENGTH") or ""
        self._left = int(length) if length.isdecimal() and length.isascii() else None

    def read(self, size: int = -1) -> bytes:
        environ, me = self._environ, id(self)
        self._awaited[me] = Awaited(self._since, _plain(environ["REMOTE_ADDR"]), int(environ["SERVER_PORT"]))
        try:
            got = self._body.read() if size < 0 else self._body.read(size)
        finally:
            del self._awaited[me]
        if self._left is not None:
            self._left -= len(got)
            if self._left > 0 and (size < 0 or len(got) < size):
                raise ClientDisconnected
        return got


def _is_handed_on(environ: Environ) -> bool:
    """Whether a web server in front asks, for somebody: all come from its address, and patience is its own matter."""
    return "HTTP_X_FORWARDED_FOR" in environ and is_neighbour(environ.get("REMOTE_ADDR"))


def _plain(address: str) -> str:
    return address.removeprefix("::ffff:")


def _shut(slow: set[tuple[str, int]], patience: float) -> None:
    for connection in _connections():
        with connection, suppress(OSError):
            if (_plain(connection.getpeername()[0]), connection.getsockname()[1]) not in slow:
                continue
            told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_SENT + 4)
            if struct.unpack_from("I", told, _LAST_SENT)[0] > patience * 1000:
                connection.shutdown(socket.SHUT_RDWR)


def _connections() -> Iterator[socket.socket]:
    """The TCP connections of this process, each as a copy that is ours to close."""
    if not hasattr(socket, "TCP_INFO"):
        return
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if not file.is_socket():
                continue
            copy = os.dup(int(file.name))
            try:
                found = socket.socket(fileno=copy)
            except OSError:  # it was closed meanwhile, and is something else now
                os.close(copy)
                continue
            if found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM:
                yield found
            else:
                found.close()
