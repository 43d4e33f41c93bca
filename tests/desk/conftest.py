"""A desk that nobody has sat down at."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline import app as app_module
from helpline.app import create_app
from helpline.desk import counted
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import Clock, settings_for
from tests.databases import address
from tests.desk.people import Desk


@pytest.fixture
def desk(tmp_path: Path, sqlite_engine: Engine, shared_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """On SQLite; what it stands on is tested on both in tests/operators."""
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))
    settings = settings_for(
        tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(sqlite_engine), METRICS_TOKEN="m" * 32
    )
    clock = Clock()
    return Desk(create_app(settings, now=clock), sqlite_engine, keys_of(settings.fingerprint_key), clock)


@pytest.fixture(autouse=True)
def _counts_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is: what shows figures must not be a matter of speed."""
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 30.0)
