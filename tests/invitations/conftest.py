"""A helpline that knows nobody, on each kind of database, and one that the command finds by its settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.callers_command.opening import open_consent
from helpline.consent.consent import Consent
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import load_settings
from tests.consent.people import SEALING, consent_on
from tests.databases import address
from tests.fresh_logs import fresh_logs
from tests.reminders.bench import KEY
from tests.simulator.carrier_process import CarrierProcess, carrier_process

FROM_SHELL = ("HELPLINE_ENV", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "DATABASE_URL", "SMS_PRICE", "SMS_PER_SECOND")


@pytest.fixture
def consent(engine: Engine, tmp_path: Path) -> Consent:
    """Consent by itself, with the calendar of the tests."""
    return consent_on(engine, tmp_path / "journal")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where the command runs: the settings of a demo, with keys that tests know."""
    for name in FROM_SHELL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FINGERPRINT_KEY", KEY.decode())
    monkeypatch.setenv("NUMBER_KEYS", SEALING)
    monkeypatch.chdir(tmp_path)
    with fresh_logs():
        yield tmp_path


@pytest.fixture
def known(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consent]:
    """The consent that the command works with, on each kind of database."""
    monkeypatch.setenv("DATABASE_URL", address(engine))
    with open_consent(load_settings()) as consent:
        yield consent


@pytest.fixture
def on_sqlite(sqlite_engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consent]:
    """The same on SQLite alone, for what does not depend on the database."""
    monkeypatch.setenv("DATABASE_URL", address(sqlite_engine))
    with open_consent(load_settings()) as consent:
        yield consent


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    """A Valkey with nothing in it."""
    with Redis.from_url(shared_valkey.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[CarrierProcess]:
    """A carrier that takes everything."""
    with carrier_process(tmp_path) as process:
        yield process
