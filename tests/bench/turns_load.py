"""A carrier in a process of its own: sends bytes that are ready, over raw sockets, and times the answers.

`flat_out`: so many connections, each with its next request as soon as it has its answer: what a server can do.
`at_rate`: requests leave when they are due, whatever became of those before: what a caller waits for. The wait begins
when a request was due, so that a late client is told as a late answer.
"""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

AT_ONCE = 8
PATIENCE_SECONDS = 30.0
_READ = 65536


@dataclass(frozen=True)
class Load:
    """What came of some requests. `client`: the CPU seconds that sending them took."""

    seconds: float
    waits: tuple[float, ...]
    client: float
    sizes: int

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def wait(self, share: float) -> float:
        """How long so large a share of them waited at most."""
        ranked = sorted(self.waits)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


class _Line:
    """One connection to the server."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port, self._selector = port, selector
        self._socket: socket.socket | None = None
        self._got = b""
        self.since = 0.0

    def send(self, request: bytes, since: float) -> None:
        self.since = since
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), PATIENCE_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(request)

    def answer(self) -> int:
        """The size of the answer's body, 0 while it is not all there. Any other answer than 200 ends the benchmark."""
        assert self._socket is not None
        got = self._socket.recv(_READ)
        self._got += got
        head, separator, body = self._got.partition(b"\r\n\r\n")
        if not separator:
            if not got:
                raise AssertionError(f"no answer: {self._got!r}")
            return 0
        fields = head.lower()
        length = int(fields.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) < length:
            return 0
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(head.decode(errors="replace"))
        self._got = b""
        if b"connection: close" in fields:
            self.close()
        return length

    def close(self) -> None:
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def flat_out(port: int, requests: Sequence[bytes], at_once: int = AT_ONCE) -> Load:
    """All of them, as quickly as the server answers."""
    return _in_its_own_process(lambda: _flat_out(port, requests, at_once))


def at_rate(port: int, requests: Sequence[bytes], per_second: float) -> Load:
    """All of them, so many a second."""
    return _in_its_own_process(lambda: _at_rate(port, requests, per_second))


def _flat_out(port: int, requests: Sequence[bytes], at_once: int) -> Load:
    waiting = iter(requests)
    waits: list[float] = []
    sizes = 0
    with selectors.DefaultSelector() as selector:
        lines = [_Line(port, selector) for _ in range(at_once)]
        began, worked = time.perf_counter(), time.process_time()
        for line, request in zip(lines, waiting, strict=False):
            line.send(request, time.perf_counter())
        while len(waits) < len(requests):
            for key, _ in selector.select(PATIENCE_SECONDS):
                line = key.data
                if not (size := line.answer()):
                    continue
                now = time.perf_counter()
                waits.append(now - line.since)
                sizes += size
                if (following := next(waiting, None)) is not None:
                    line.send(following, now)
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        for line in lines:
            line.close()
    return Load(seconds, tuple(waits), worked, sizes)


def _at_rate(port: int, requests: Sequence[bytes], per_second: float) -> Load:
    waits: list[float] = []
    sizes = sent = 0
    with selectors.DefaultSelector() as selector:
        lines: list[_Line] = []
        free: deque[_Line] = deque()
        began, worked = time.perf_counter(), time.process_time()
        while len(waits) < len(requests):
            now = time.perf_counter()
            while sent < len(requests) and (due := began + sent / per_second) <= now:
                if not free:
                    lines.append(_Line(port, selector))
                    free.append(lines[-1])
                free.popleft().send(requests[sent], due)
                sent += 1
            pause = began + sent / per_second - now if sent < len(requests) else PATIENCE_SECONDS
            for key, _ in selector.select(max(0.0, pause)):
                if size := key.data.answer():
                    waits.append(time.perf_counter() - key.data.since)
                    sizes += size
                    free.append(key.data)
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        for line in lines:
            line.close()
    return Load(seconds, tuple(waits), worked, sizes)


def _in_its_own_process(work: Callable[[], Load]) -> Load:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(there, work))
    process.start()
    there.close()
    try:
        found: Load = here.recv()
    except EOFError:
        raise AssertionError("the client ended without an answer; see above") from None
    finally:
        process.join()
    return found


def _send(there: Connection, work: Callable[[], Load]) -> None:
    there.send(work())
