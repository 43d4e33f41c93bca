from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.consent.applying import apply_journal
from helpline.consent.journal import NAME, Journal
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.telemetry.alerts import Alerts
from helpline.wiring import Parts, wire
from tests.conftest import settings_for
from tests.workers.programs import Place, a_place


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    """A Valkey with nothing in it."""
    with Redis.from_url(shared_valkey.url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory, shared_valkey: EmbeddedValkey) -> Parts:
    """Parts as the programs wire them; prompts take their time to be read."""
    return wire(settings_for(tmp_path_factory.mktemp("wired"), REDIS_URL=shared_valkey.url))


@pytest.fixture
def parts(wired: Parts, sqlite_engine: Engine, redis: Redis, tmp_path: Path) -> Parts:
    """The same, on a database and a journal of their own."""
    journal = Journal(tmp_path / NAME)
    sender = replace(
        wired.sender,
        engine=sqlite_engine,
        apply_withdrawals=lambda now: apply_journal(sqlite_engine, journal, now),
    )
    consent = replace(wired.consent, engine=sqlite_engine, journal=journal)
    return replace(wired, engine=sqlite_engine, sender=sender, consent=consent, alerts=Alerts(sqlite_engine))


@pytest.fixture
def place(tmp_path: Path, shared_valkey: EmbeddedValkey, redis: Redis) -> Iterator[Place]:
    """Where worker and clock run as programs, with a database, a Valkey and a carrier."""
    with a_place(tmp_path, shared_valkey.url) as made:
        yield made
