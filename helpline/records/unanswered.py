"""A PostgreSQL that is frozen holds its connections and says nothing: who asks it gives up by their own clock.

The limits of `engine.py` do not see that: the server's own are the server's to keep, the line is not cut, and the
kernel of a machine whose programs hang still acknowledges what it gets. Nor do they see one that answers each of ten
questions a little late. So all that a caller's turn asks in one go has one time together; and when that was over once,
or nobody was there, the database is not asked for a moment by anybody, then by one: only the first callers wait.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Any, TypeVar, cast

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect, Engine, QueuePool, event
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

RESTS_SECONDS = 1.0
LONGEST_TRY = 10.0  # who tries again and comes to no end has died: the next one tries

T = TypeVar("T")


class Rest:
    """Whether the database is left in peace. Threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._not_before = 0.0  # nobody asks it until then; 0 while it answers
        self._tried_until = 0.0

    def ask(self) -> None:
        """OperationalError while it rests, and for all but one who tries whether it is over."""
        if not self._not_before:
            return
        self.refuse()
        with self._lock:
            now = time.monotonic()
            if now < self._tried_until:
                raise OperationalError("somebody is trying whether the database answers")
            self._tried_until = now + LONGEST_TRY

    def refuse(self) -> None:
        """OperationalError while it rests."""
        if time.monotonic() < self._not_before:
            raise OperationalError("the database did not answer a moment ago")

    def failed(self) -> None:
        """Somebody waited in vain, or nobody is there."""
        with self._lock:
            self._not_before, self._tried_until = time.monotonic() + RESTS_SECONDS, 0.0

    def answered(self) -> None:
        """Everything that somebody asked was answered in time."""
        if self._not_before:
            with self._lock:
                self._not_before = self._tried_until = 0.0


class RestingPool(QueuePool):
    """Connections that nobody gets while the database rests."""

    rest: Rest | None = None

    def connect(self) -> PoolProxiedConnection:
        if self.rest:
            self.rest.ask()
        return super().connect()

    def recreate(self) -> RestingPool:
        again = cast(RestingPool, super().recreate())
        again.rest = self.rest
        return again


def give_up_after(engine: Engine, seconds: float) -> None:
    """From now on nobody waits for this engine's answers any longer, from taking a connection to giving it back.

    Its pool is a RestingPool. OperationalError then, and the connection is closed. What was asked for may be done all
    the same, if it was a COMMIT: nobody can know. Otherwise the server, once it wakes up, finds nobody at the other
    end, and rolls back.
    """
    rest = cast(RestingPool, engine.pool).rest = Rest()

    def connect(dialect: Dialect, entry: ConnectionPoolEntry, words: list[Any], options: dict[str, Any]) -> Any:
        rest.refuse()  # whoever has just found that it does not answer does not wait for it a second time
        try:
            connection = _Impatient.connect(*words, **options)
        except OperationalError:
            rest.failed()
            raise
        connection.seconds, connection.rest = seconds, rest
        return connection

    def given_back(connection: Any, entry: ConnectionPoolEntry) -> None:
        if connection is not None:  # none where it was closed meanwhile
            connection.until = None
            if not connection.closed:
                rest.answered()

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkin", given_back)


class _Impatient(Connection[Any]):
    """A connection that is closed when its server does not answer in time. Every question goes through `wait`."""

    seconds: float | None = None
    until: float | None = None  # by the monotonic clock; None until something is asked
    rest: Rest | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        if self.seconds is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        now = time.monotonic()
        self.until = self.until or now + self.seconds
        try:
            return super().wait(gen, interval, max(0.001, self.until - now))
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # no answer, not one that says no
                self.pgconn.finish()
                if self.rest:
                    self.rest.failed()
            raise
