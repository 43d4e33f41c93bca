"""When the clock last ticked, as every process can see it."""

from __future__ import annotations

from datetime import UTC, datetime

from redis import Redis
from redis.exceptions import RedisError

TICK_KEY = "clock:tick"


def mark_tick(redis: Redis, now: datetime) -> None:
    redis.set(TICK_KEY, int(now.timestamp()))


def last_tick(redis: Redis) -> datetime | None:
    """None where no clock has ticked yet, or Redis cannot say."""
    try:
        found = redis.get(TICK_KEY)
        return datetime.fromtimestamp(int(found), UTC) if found else None
    except (RedisError, ValueError):
        return None
