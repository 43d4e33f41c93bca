"""One clock leads, another one takes over when it falls silent."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from redis import Redis

from helpline.reminders.lease import KEY, Lease
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.server.running import wait_until


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    with Redis.from_url(shared_valkey.url) as client:
        client.delete(KEY)
        yield client
        client.delete(KEY)


def test_only_one_holds_it(redis: Redis) -> None:
    first, second = Lease(redis), Lease(redis)
    assert first.hold()
    assert not second.hold()
    assert first.hold()


def test_it_ends_by_itself_when_it_is_not_renewed(redis: Redis) -> None:
    first, second = Lease(redis, seconds=0.3), Lease(redis, seconds=60)
    assert first.hold()
    wait_until(second.hold, lambda: "the lease of a clock that fell silent never ended")
    assert not first.hold()


def test_it_is_renewed_by_who_holds_it(redis: Redis) -> None:
    lease = Lease(redis, seconds=60)
    lease.hold()
    redis.pexpire(KEY, 1000)
    lease.hold()
    assert redis.pttl(KEY) > 50_000


def test_who_gives_it_back_lets_another_one_lead_at_once(redis: Redis) -> None:
    first, second = Lease(redis), Lease(redis)
    first.hold()
    first.release()
    assert second.hold()


def test_who_lost_it_does_not_take_it_from_the_next(redis: Redis) -> None:
    frozen, second = Lease(redis, seconds=0.05), Lease(redis)
    frozen.hold()
    time.sleep(0.1)
    wait_until(second.hold, lambda: "never free")
    frozen.release()
    assert not frozen.hold()
    assert second.hold()
