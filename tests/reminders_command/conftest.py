"""A demo's settings for the commands, and a helpline whose disk is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.server.embedded_valkey import EmbeddedValkey
from tests.databases import address
from tests.reminders.restored import Helpline, helpline
from tests.reminders_command.running import NOWHERE


@pytest.fixture
def env(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """The settings of a demo on this database, without Redis."""
    return {"VAR_DIR": str(tmp_path), "DATABASE_URL": address(engine), "REDIS_URL": NOWHERE}


@pytest.fixture
def lost(sqlite_engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Helpline]:
    with helpline(sqlite_engine, redis, tmp_path) as made:
        yield made


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    with Redis.from_url(shared_valkey.url) as client:
        client.flushall()
        yield client
