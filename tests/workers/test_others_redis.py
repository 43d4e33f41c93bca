"""A Redis is used by one kind of helpline only: a demo must not take the jobs of a real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from helpline.server.command import run_server
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.server.errors import ServerError
from helpline.server.whose_redis import BELONGS_TO, RedisOfAnother, Use, take_redis
from helpline.settings import load_settings
from tests.fresh_logs import captured_logs
from tests.server.running import free_port
from workers.process import load


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Redis:
    client: Redis = Redis.from_url(shared_valkey.url)
    client.flushall()
    return client


@pytest.mark.parametrize(("first", "other"), [("demo", "production"), ("production", "demo")])
def test_who_comes_first_keeps_it(redis: Redis, first: Use, other: Use) -> None:
    take_redis(redis, first)
    take_redis(redis, first)
    with pytest.raises(RedisOfAnother, match="REDIS_URL"):
        take_redis(redis, other)
    assert redis.get(BELONGS_TO) == first.encode()


def test_a_demos_server_does_not_start_on_a_real_ones(
    redis: Redis, shared_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    take_redis(redis, "production")
    environ = {"VAR_DIR": str(tmp_path), "REDIS_URL": shared_valkey.url, "PORT": str(free_port())}
    with pytest.raises(ServerError, match="Unset REDIS_URL"):
        run_server(load_settings(environ), environ)


def test_a_demos_workers_do_not_begin_on_a_real_ones(
    redis: Redis, shared_valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    take_redis(redis, "production")
    looks = iter([False, False, False, False])
    settings = load_settings({"VAR_DIR": str(tmp_path), "REDIS_URL": shared_valkey.url})
    with captured_logs() as logs:
        assert load(settings, redis, None, lambda: next(looks, True)) is None
    assert ["belongs to a helpline for real callers" in line["reason"] for line in logs] == [True]
