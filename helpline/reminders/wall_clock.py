"""Whether the clock of this machine can be right, held against those of Redis and of the database.

A worker whose clock is an hour ahead would send what is due in an hour, and take for lost what was handed over a moment
ago. So it must agree with one of the two others, or it does nothing.

What is compared is real time: the date of a demo is moved on purpose.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.date.real import utc_now
from helpline.records.engine import reading
from helpline.telemetry.alerts import Alerts, Problem

FARTHEST = timedelta(minutes=1)
RIGHT = timedelta(0)


class WallClock:
    """The clock of this machine: `real` tells what it says."""

    def __init__(self, redis: Redis, engine: Engine, real: Callable[[], datetime] = utc_now) -> None:
        self._redis, self._engine, self._real = redis, engine, real

    def wrong_by(self) -> timedelta:
        """How far it is ahead (less than nothing: behind) of the others' that come nearest.

        Nothing if one of them agrees with it, or if neither can be asked.
        """
        nearest = None
        for apart in self._apart():
            if abs(apart) <= FARTHEST:
                return RIGHT
            nearest = apart if nearest is None else min(nearest, apart, key=abs)
        return nearest or RIGHT

    def _apart(self) -> Iterator[timedelta]:
        """How far it is ahead of each of the others. Who is slow to answer is not apart for it."""
        for ask in (self._of_redis, self._of_database):
            before = self._real()
            other = ask()
            after = self._real()
            if other is not None:
                yield max(before - other, RIGHT) or min(after - other, RIGHT)

    def _of_redis(self) -> datetime | None:
        try:
            seconds, microseconds = self._redis.time()
        except RedisError:
            return None
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)

    def _of_database(self) -> datetime | None:
        """SQLite has no clock of its own."""
        if self._engine.dialect.name != "postgresql":
            return None
        try:
            with reading(self._engine).connect() as connection:
                found: datetime | None = connection.scalar(select(func.clock_timestamp()))
        except SQLAlchemyError:
            return None
        return found


def problem(wrong_by: timedelta) -> Problem:
    """In words for an operator."""
    minutes = round(abs(wrong_by) / timedelta(minutes=1))
    way = "ahead" if wrong_by > RIGHT else "behind"
    return Problem(
        "wrong clock",
        f"The clock of {socket.gethostname()} is {minutes} minutes {way} of Redis and the database: nothing is sent "
        "from there. Set it: timedatectl set-ntp true",
    )


def tell_of(alerts: Alerts, wrong_by: timedelta, now: datetime) -> None:
    """Make an operator hear of it. `now`: the helpline's date, wrong as it is."""
    alerts.tell(problem(wrong_by), at=now - wrong_by)


def own_clock_watch(
    wrong_by: Callable[[], timedelta], alerts: Alerts, now: Callable[[], datetime]
) -> Callable[[], None]:
    """Looks whether the clock of this machine is wrong, and makes an operator hear of it. For who must go on anyway."""

    def look() -> None:
        if found := wrong_by():
            # Beside what goes on here, which is not to wait for a text that is sent.
            Thread(target=tell_of, args=(alerts, found, now()), name="alert", daemon=True).start()

    return look
