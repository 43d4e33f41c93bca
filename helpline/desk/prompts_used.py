"""What callers do with the prompts: words that were not understood, and places where they give up."""

from __future__ import annotations

from datetime import datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from helpline.desk.counted import Counted
from helpline.menus.windows import today_in_paris
from helpline.records.engine import reading
from helpline.tallies.missed_words import Missed, missed_words
from helpline.tallies.reading import Left, gave_up

DAYS = timedelta(days=30)
MOST_MISSED, MOST_LEFT = 30, 12


def leaving(engine: Engine) -> Counted[tuple[Left, ...]]:
    """Where callers give up: a month of it takes a while to count."""

    def count(now: datetime) -> tuple[Left, ...]:
        with reading(engine).connect() as connection:
            found = gave_up(connection, today_in_paris(now) - DAYS)
        return tuple(left for left in found if left.gave_up > 0)[:MOST_LEFT]

    return Counted(count)


def missed_lately(redis: Redis) -> list[Missed] | None:
    """The most frequent words that may be shown; None where they cannot be read now."""
    try:
        return missed_words(redis)[:MOST_MISSED]
    except RedisError:
        return None
