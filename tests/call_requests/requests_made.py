"""Requests as callers leave them, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Connection, Engine, RowMapping, insert, select

from helpline.records.desk_tables import call_requests
from helpline.records.sealing import Seals

NOW = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
SEALS = Seals([Fernet.generate_key().decode()])
NUMBER = "+33639980001"


def asked(connection: Connection, place: int = 1, at: datetime = NOW, seals: Seals = SEALS, **other: Any) -> int:
    """Somebody asks; the request's id."""
    sealed = seals.seal(NUMBER)
    row = {
        "fingerprint": f"{place:032x}",
        "number": sealed.number,
        "number_key": sealed.key,
        "language": "fr",
        "channel": "voice",
        "asked_at": at,
        "changed_at": at,
        **other,
    }
    return int(connection.scalar(insert(call_requests).values(row).returning(call_requests.c.id)) or 0)


def row_of(engine: Engine, request_id: int) -> RowMapping:
    with engine.connect() as connection:
        return connection.execute(select(call_requests).where(call_requests.c.id == request_id)).mappings().one()
