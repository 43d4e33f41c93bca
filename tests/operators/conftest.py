"""A door with somebody behind it, on each kind of database."""

from __future__ import annotations

from datetime import UTC, datetime
from secrets import token_hex

import pytest
from sqlalchemy import Engine

from helpline.operators.passwords import Passwords
from helpline.operators.signing_in import Door
from tests.operators.people import KEYS, Somebody, begun

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """As in use, but for the memory: tests hash a lot."""
    return Passwords(memory_kib=64)


@pytest.fixture
def door(engine: Engine, passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr("helpline.operators.passwords.NOBODYS", passwords.hash(token_hex()))  # as quick as the others
    return Door(engine, KEYS, passwords)


@pytest.fixture
def anna(door: Door) -> Somebody:
    """An editor who has a password and an app."""
    return begun(door, "Anna", "editor", NOW)
