"""Senders that never come to an end, each from a machine of its own as far as a server on this one can tell."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.phone import FORM, SIGNATURE

ATTACKER = "127.0.0.2"  # callers come from 127.0.0.1
WELL_SHAPED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # what has another shape is refused before its body is read
EVERY_SECONDS = 0.3

HEAD = b"POST /twilio/sms HTTP/1.1\r\nHost: localhost\r\n"
TYPE = f"Content-Type: {FORM}\r\n{SIGNATURE}: {WELL_SHAPED}\r\n".encode()
BEGINNINGS = {
    "a head that never ends": HEAD + b"X-",
    "a body that never ends": HEAD + TYPE + b"Content-Length: 60000\r\n\r\nBody=",
    "chunks that never end": HEAD + TYPE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nBody=\r\n",
    "a body that never begins": HEAD + TYPE + b"Content-Length: 60000\r\n\r\n",
}
MORE = {"chunks that never end": b"1\r\nx\r\n", "a body that never begins": b""}


def connected(port: int, address: str = ATTACKER) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(address, 0))


@contextmanager
def dribbling(port: int, number: int, way: str) -> Iterator[list[socket.socket]]:
    """So many senders, which send another byte from time to time for as long as they can."""
    senders = [connected(port) for _ in range(number)]
    over = threading.Event()

    def dribble() -> None:
        while not over.wait(EVERY_SECONDS):
            for sender in senders:
                with suppress(OSError):
                    sender.sendall(MORE.get(way, b"x"))

    for sender in senders:
        sender.sendall(BEGINNINGS[way])
    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    try:
        yield senders
    finally:
        over.set()
        thread.join()
        for sender in senders:
            sender.close()


def is_shut(sender: socket.socket) -> bool:
    """Whether the server ended it, with or without an answer; TimeoutError if it never does."""
    try:
        while sender.recv(4096):
            pass
    except TimeoutError:
        raise
    except OSError:
        pass
    return True
