"""Whose a Redis is: a helpline's for real callers, or a demo's. In a shared one each would take the other's jobs.

The first server, worker or clock that uses it writes it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from redis import Redis

Use = Literal["demo", "production"]
BELONGS_TO = "helpline:belongs_to"
_OF: Mapping[str, str] = {
    "production": "The Redis of REDIS_URL belongs to a helpline for real callers, and this is a demo: it would take "
    "its jobs.\nUnset REDIS_URL, and the demo starts one of its own.",
    "demo": "The Redis of REDIS_URL belongs to a demo, and this helpline is for real callers: the demo would take its "
    f"jobs.\nName another one by REDIS_URL. If the demo is gone: redis-cli DEL {BELONGS_TO}",
}


class RedisOfAnother(Exception):
    """The Redis belongs to a helpline of the other kind. The message says what to do."""


def take_redis(redis: Redis, use: Use) -> None:
    """Note on first use whose it is. RedisOfAnother if it is of the other kind; RedisError where it is away."""
    redis.set(BELONGS_TO, use, nx=True)
    found = redis.get(BELONGS_TO)
    if found not in (None, use, use.encode()):
        raise RedisOfAnother(_OF["production" if use == "demo" else "demo"])
