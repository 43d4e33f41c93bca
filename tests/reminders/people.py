"""Callers and what they asked for, put into a database by tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from helpline.menus.dates import PARIS
from helpline.menus.shapes import Calendar, WaveRule
from helpline.menus.waves import Wave, wave_of
from helpline.records.tables import SPREAD, callers, messages, subscriptions

LONG_AGO = datetime(2026, 9, 1, 12, tzinfo=UTC)
AFTER_OPENING = datetime(2026, 12, 1, 12, tzinfo=UTC)  # who asks now gets the wave of the middle first

CALENDAR = Calendar(
    opens_day=28,
    opens_day_february=26,
    closes_day=15,
    overrides={},
    waves=(
        WaveRule("opening", "opens", 0, "next"),
        WaveRule("middle", "closes", -7, "next"),
        WaveRule("last", "closes", -2, "before", for_last=True),
        WaveRule("missed", "closes", 1, "next"),
    ),
)


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in France."""
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def fingerprint_of(number: int) -> str:
    return hashlib.md5(str(number).encode()).hexdigest()


def a_caller(engine: Engine, number: int, language: str = "fr", spread: int = SPREAD // 2, **columns: Any) -> int:
    """A caller in the database; their id."""
    row = {
        "fingerprint": fingerprint_of(number),
        "number": "sealed",
        "number_key": "key",
        "language": language,
        "spread": spread,
        "last_seen": LONG_AGO,
        "created_at": LONG_AGO,
    }
    with engine.begin() as connection:
        made = connection.execute(insert(callers).values(row | columns))
        assert made.inserted_primary_key is not None
        return int(made.inserted_primary_key[0])


def subscribed(
    engine: Engine,
    number: int,
    scope: str = "all",
    since: datetime = AFTER_OPENING,
    done: str = "",
    ended_at: datetime | None = None,
    **caller: Any,
) -> int:
    """A caller who asked to be reminded; their id."""
    caller_id = a_caller(engine, number, **caller)
    row = {"caller_id": caller_id, "kind": "update", "scope": scope, "since": since, "done": done, "ended_at": ended_at}
    with engine.begin() as connection:
        connection.execute(insert(subscriptions).values(row))
    return caller_id


def many_subscribed(engine: Engine, count: int, language: str = "fr") -> None:
    """`count` more callers who asked for all reminders, spread over the day."""
    with engine.begin() as connection:
        ids = _callers_made(connection, count, language)
        asked = [{"caller_id": one, "kind": "update", "scope": "all", "since": AFTER_OPENING} for one in ids]
        connection.execute(insert(subscriptions), asked)


def _callers_made(connection: Connection, count: int, language: str) -> list[int]:
    """The ids of new callers."""
    there = connection.scalar(select(func.count()).select_from(callers)) or 0
    people = [
        {
            "fingerprint": fingerprint_of(1_000_000 + there + number),
            "number": "sealed",
            "number_key": "key",
            "language": language,
            "spread": int(fingerprint_of(there + number)[:4], 16),
            "last_seen": LONG_AGO,
            "created_at": LONG_AGO,
        }
        for number in range(count)
    ]
    connection.execute(insert(callers), people)
    made = select(callers.c.id).order_by(callers.c.id.desc()).limit(count)
    return sorted(connection.scalars(made).all())


def planned(engine: Engine) -> list[tuple[int, str]]:
    """Who gets which wave."""
    with engine.begin() as connection:
        rows = connection.execute(select(messages.c.caller_id, messages.c.wave).order_by(messages.c.id))
        return [(row.caller_id, row.wave) for row in rows]


def messages_of(engine: Engine, wave: Wave, language: str = "fr", **counts: int) -> None:
    """That many messages of a wave in each state, sent at its beginning to callers made for it."""
    states = [state for state, count in counts.items() for _ in range(count)]
    with engine.begin() as connection:
        rows = [
            {
                "caller_id": caller_id,
                "kind": "update",
                "occurrence": wave.occurrence,
                "wave": wave.name,
                "queue": "bulk",
                "state": state,
                "due_at": wave.begins,
                "not_after": wave.not_after,
                "changed_at": wave.begins,
                "tries": 0 if state in ("planned", "skipped") else 1,
                "claimed_at": None if state in ("planned", "skipped") else wave.begins,
            }
            for caller_id, state in zip(_callers_made(connection, len(states), language), states, strict=True)
        ]
        connection.execute(insert(messages), rows)


def wave(name: str, occurrence: str = "2026-11") -> Wave:
    """A wave of CALENDAR."""
    found = wave_of(CALENDAR, occurrence, name)
    assert found
    return found
