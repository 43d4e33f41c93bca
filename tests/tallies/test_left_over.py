"""A worker's child that cannot write what it counted leaves it for the clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.sms.store import TIMEOUT_SECONDS, connect
from helpline.tallies.counting import Tallies
from helpline.tallies.left_over import LEFT, write_left, write_or_leave
from helpline.tallies.people import PeopleHelped
from helpline.telemetry.counters import Counters
from tests.conftest import Clock
from tests.tallies.conftest import TODAY, written


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Redis:
    client = connect(shared_valkey.url, TIMEOUT_SECONDS)
    client.flushall()
    return client


def ends(engine: Engine, redis: Redis, count: int) -> None:
    """A process that has counted so much."""
    counters = Counters()
    counters.add("carrier", count, channel="sms", le="0.1", result="sent")
    write_or_leave(Tallies(engine, counters, PeopleHelped(b"a key for tests"), Clock()), redis)


def rename(engine: Engine, table: str, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_what_was_counted_while_the_database_was_away_is_written_once(engine: Engine, redis: Redis) -> None:
    rename(engine, "tallies", "elsewhere")
    ends(engine, redis, 2)
    ends(engine, redis, 3)
    write_left(engine, redis)
    assert redis.llen(LEFT) == 2
    rename(engine, "elsewhere", "tallies")
    ends(engine, redis, 10)
    for _ in range(2):
        write_left(engine, redis)
    assert written(engine) == {f"{TODAY} carrier{{channel=sms,le=0.1,result=sent}}": 15}
    assert redis.llen(LEFT) == 0


def test_what_nobody_can_read_keeps_nothing_else_from_being_written(sqlite_engine: Engine, redis: Redis) -> None:
    redis.rpush(LEFT, "{", '[["2026-12-03", "turns"]]', '[["2026-12-03", "turns", "", 4]]', "7")
    write_left(sqlite_engine, redis)
    assert written(sqlite_engine) == {f"{TODAY} turns{{}}": 4}
    assert redis.llen(LEFT) == 0


def test_without_redis_nothing_fails(sqlite_engine: Engine) -> None:
    nowhere = connect("redis://127.0.0.1:1/0", TIMEOUT_SECONDS)
    rename(sqlite_engine, "tallies", "elsewhere")
    ends(sqlite_engine, nowhere, 1)
    write_left(sqlite_engine, nowhere)


def test_two_clocks_write_each_line_once(engine: Engine, redis: Redis) -> None:
    rename(engine, "tallies", "elsewhere")
    for _ in range(40):
        ends(engine, redis, 1)
    rename(engine, "elsewhere", "tallies")
    with ThreadPoolExecutor(4) as clocks:
        list(clocks.map(lambda _: write_left(engine, redis), range(8)))
    assert written(engine) == {f"{TODAY} carrier{{channel=sms,le=0.1,result=sent}}": 40}
