"""A wire to Valkey that tests can count, slow down, cut and leave hanging."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Literal

Mode = Literal["forward", "hang", "refuse"]


class Wire:
    """Listens on a port of this machine and carries bytes to a unix socket and back.

    `trips` counts what a client sent and waited for: bytes from the client that follow an answer, or the start.
    `accepted` counts connections. `delay` seconds pass before each answer.
    """

    def __init__(self, socket_path: str) -> None:
        self._target = socket_path
        self.mode: Mode = "forward"
        self.delay = 0.0
        self.trips = 0
        self.accepted = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def forward(self) -> None:
        """Carry again, as after a restart: connections from before are gone."""
        if self.mode != "forward":
            self.cut()
        self.mode, self.delay = "forward", 0.0

    def cut(self) -> None:
        """Close every connection."""
        with self._lock:
            closing, self._open = self._open, set()
        for one in closing:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def refuse(self) -> None:
        """Nobody is there: every connection is closed at once."""
        self.mode = "refuse"
        self.cut()

    def hang(self) -> None:
        """Accept everything and never answer, on connections from before too."""
        self.mode = "hang"

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.mode == "refuse":
                client.close()
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with self._lock:
            self._open |= {client, server}
        waiting = False
        with client, server, suppress(OSError, ValueError), selectors.DefaultSelector() as ready:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.connect(self._target)
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is client:
                        if not waiting:
                            with self._lock:
                                self.trips += 1
                        waiting = True
                        if self.mode == "forward":
                            server.sendall(data)
                    elif self.mode == "forward":
                        if self.delay:
                            time.sleep(self.delay)
                        waiting = False
                        client.sendall(data)
