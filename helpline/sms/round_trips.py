"""Commands to Redis, one at a time, each with its answer: the least that a text must wait for.

The client's own way to ask looks at a connection before each command, counts and times it for meters that nobody
reads, and locks the pool twice. That cost more than to send, and to read the answer.
"""

from __future__ import annotations

import os
import weakref
from collections import deque
from typing import Any

from redis import Redis
from redis.connection import ConnectionInterface as Connection
from redis.exceptions import ConnectionError as RedisConnectionError


class RoundTrips:
    """Asks over connections that are kept, as many as ask at once. Threads share one, and so may forked processes.

    A connection that fails is closed, so that no answer is left in it for somebody else; it is opened again by whoever
    asks next.
    """

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._idle: deque[Connection] = deque()
        self._process = os.getpid()
        weakref.finalize(self, _close, self._idle).atexit = False

    def ask(self, *command: str | bytes | int) -> Any:
        """The answer to a command. It is asked once more where the connection had gone stale. Raises RedisError."""
        if self._process != os.getpid():
            self._begin_here()
        idle = self._idle
        try:
            connection = idle.pop()
        except IndexError:
            connection = self._pool.make_connection()
        try:
            try:
                return _ask(connection, command)
            except RedisConnectionError:
                connection.disconnect()  # type: ignore[no-untyped-call]
                return _ask(connection, command)
        finally:
            idle.append(connection)

    def _begin_here(self) -> None:
        """After a fork: the connections are the parent's."""
        _close(self._idle)
        self._process = os.getpid()


def _close(idle: deque[Connection]) -> None:
    while idle:
        idle.pop().disconnect()  # type: ignore[no-untyped-call]


def _ask(connection: Connection, command: tuple[str | bytes | int, ...]) -> Any:
    connection.send_command(*command, check_health=False)  # type: ignore[no-untyped-call]
    return connection.read_response()
