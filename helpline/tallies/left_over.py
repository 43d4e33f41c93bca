"""What a worker's child counted and could not write before it ended: it waits in Redis for the clock to write it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import cast

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from helpline.tallies.counting import Tallies, Tally, add

LEFT = "tallies:left"
MOST_LEFT, AT_ONCE = 10_000, 500

log = structlog.get_logger(__name__)


def write_or_leave(tallies: Tallies, redis: Redis) -> None:
    """For a process that ends now: write what it counted, or else leave it to others. People are let go."""
    try:
        tallies.write()
    except SQLAlchemyError as error:
        try:
            with redis.pipeline() as pipeline:
                pipeline.rpush(LEFT, json.dumps([[*tally, count] for tally, count in tallies.waiting().items()]))
                pipeline.ltrim(LEFT, -MOST_LEFT, -1)
                pipeline.execute()
        except RedisError:
            log.warning("tallies are lost", error=type(error).__name__)


def write_left(engine: Engine, redis: Redis) -> None:
    """Write what was left. Several may do so at once: each takes lines of its own, and gives them back if it cannot."""
    try:
        lines = cast("list[bytes | str]", redis.lpop(LEFT, AT_ONCE) or [])
        if not lines:
            return
        counts: Counter[Tally] = Counter()
        for line in lines:
            for tally, count in _read(line):
                counts[tally] += count
        try:
            with engine.begin() as connection:
                add(connection, counts)
        except SQLAlchemyError:
            redis.rpush(LEFT, *lines)
            raise
    except (RedisError, SQLAlchemyError) as error:
        log.warning("tallies that were left are not written yet", error=type(error).__name__)


def _read(line: bytes | str) -> Iterator[tuple[Tally, int]]:
    try:
        for day, name, labels, count in json.loads(line):
            yield (str(day), str(name), str(labels)), int(count)
    except (ValueError, TypeError):
        return
