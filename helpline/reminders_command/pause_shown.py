"""A pause as programs read it."""

from __future__ import annotations

from helpline.reminders.pause import Pause


def pause_as_json(found: Pause | None) -> dict[str, str] | None:
    """Who paused, why and since when, in UTC. None if nothing is paused."""
    return {"by": found.by, "reason": found.reason, "since": found.since.isoformat()} if found else None
