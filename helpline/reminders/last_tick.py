"""When the clock last ticked, as every process can see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError

TICK_KEY = "clock:tick"


def mark_tick(redis: Redis, now: datetime) -> None:
    redis.set(TICK_KEY, int(now.timestamp()))


def last_tick(redis: Redis, ahead: timedelta = timedelta(0)) -> datetime | None:
    """None where no clock has ticked yet, or Redis cannot say.

    Clocks note real time; `ahead` is how far ahead of it the date is that the answer is held against.
    """
    try:
        found = redis.get(TICK_KEY)
        return datetime.fromtimestamp(int(found), UTC) + ahead if found else None
    except (RedisError, ValueError):
        return None
