"""The real date."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The real date, whatever the helpline's is."""
    return datetime.now(UTC)
