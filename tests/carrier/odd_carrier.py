"""A carrier that answers exactly what a test tells it to: for answers that the simulated carrier never gives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

TAKEN = '{"sid": "SM%s", "status": "queued"}' % ("0" * 32)


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class OddCarrier:
    """`answer` gets the connection after the request was read, and writes what it likes."""

    answer: Callable[[socket.socket], object] = lambda connection: connection.sendall(reply(201, TAKEN))
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(self, status: int, body: str, **headers: str) -> None:
        self.answer = lambda connection: connection.sendall(reply(status, body, **headers))

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as lines:
            while first := lines.readline().decode():
                headers = {}
                while (line := lines.readline().decode().strip()) != "":
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                body = lines.read(int(headers.get("content-length", "0"))).decode()
                method, target, _ = first.split(" ")
                self.asked.append(Asked(method, target, headers, body))
                self.answer(connection)


def reply(status: int, body: str, **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    raw = body.encode()
    return f"HTTP/1.1 {status} Odd\r\nContent-Length: {len(raw)}\r\n{more}\r\n".encode() + raw


@contextmanager
def odd_carrier() -> Iterator[OddCarrier]:
    carrier = OddCarrier()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        carrier.port = int(listener.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    carrier.connections += 1
                    threading.Thread(target=carrier.serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield carrier
        listener.shutdown(socket.SHUT_RDWR)
