"""A PostgreSQL that is frozen holds its connections and says nothing: who asks it gives up by their own clock.

The limits of `engine.py` do not see that: the server's own are the server's to keep, the line is not cut, and the
kernel of a machine whose programs hang still acknowledges what it gets.
"""

from __future__ import annotations

from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")


def give_up_after(engine: Engine, seconds: float) -> None:
    """From now on no answer to this engine's connections is waited for longer: OperationalError, and it is closed.

    What was asked for may be done all the same, if it was a COMMIT: nobody can know. Otherwise the server, once it
    wakes up, finds nobody at the other end, and rolls back.
    """

    def connect(dialect: Dialect, entry: ConnectionPoolEntry, words: list[Any], options: dict[str, Any]) -> Any:
        connection = _Impatient.connect(*words, **options)
        connection.seconds = seconds
        return connection

    event.listen(engine, "do_connect", connect)


class _Impatient(Connection[Any]):
    """A connection that is closed when its server does not answer. Every question goes through `wait`."""

    seconds: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, self.seconds if timeout is None else timeout)
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # no answer, not one that says no
                self.pgconn.finish()
            raise
