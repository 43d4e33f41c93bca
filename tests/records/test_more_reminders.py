"""The step to dated reminders, calls and invitations: up and down with people in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from helpline.records.migrate import downgrade, upgrade
from helpline.records.tables import callers, invitations, messages, subscriptions
from tests.databases import address
from tests.records.filled import NOON
from tests.reminders.people import subscribed

BEFORE = "0001"


def reminded(engine: Engine) -> int:
    """Somebody with the monthly reminders, and one of them; their id."""
    caller = subscribed(engine, 1)
    with engine.begin() as connection:
        about = {"caller_id": caller, "kind": "update", "occurrence": "2026-11", "wave": "last", "queue": "bulk"}
        connection.execute(insert(messages).values(**about, due_at=NOON, not_after=NOON, changed_at=NOON))
    return caller


def a_thing(engine: Engine, caller: int, occurrence: str = "2026-12-12T14:30") -> None:
    about = {"caller_id": caller, "kind": "appointment", "occurrence": occurrence}
    with engine.begin() as connection:
        connection.execute(insert(subscriptions).values(**about, at=NOON, scope="all", since=NOON))
        turn = {"wave": "eve", "queue": "replies", "due_at": NOON, "not_after": NOON, "changed_at": NOON}
        connection.execute(insert(messages).values(**about, **turn))


def kinds(engine: Engine, table: str) -> list[str]:
    with engine.begin() as connection:
        return sorted(row.kind for row in connection.execute(text(f"SELECT kind FROM {table}")))


def test_who_is_subscribed_stays_so_and_is_reached_by_text(engine: Engine) -> None:
    url = address(engine)
    caller = reminded(engine)
    downgrade(url, BEFORE)
    upgrade(url)
    with engine.begin() as connection:
        assert connection.execute(select(callers.c.id, callers.c.channel)).all() == [(caller, "sms")]
        found = select(subscriptions.c.kind, subscriptions.c.occurrence, subscriptions.c.at, subscriptions.c.ended_at)
        assert connection.execute(found).all() == [("update", "", None, None)]
        assert set(connection.scalars(select(messages.c.channel))) == {"sms"}


def test_going_back_takes_only_what_the_version_before_does_not_know(engine: Engine) -> None:
    url = address(engine)
    caller = reminded(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(invitations).values(
                fingerprint="f" * 32, form="2026", signed_on="2026-11-01", language="fr", invited_at=NOON
            )
        )
    before = kinds(engine, "messages")
    a_thing(engine, caller)
    a_thing(engine, caller, "2026-12-14T10:00")
    downgrade(url, BEFORE)
    assert kinds(engine, "subscriptions") == ["update"]
    assert kinds(engine, "messages") == before
    upgrade(url)
    with engine.begin() as connection:
        assert connection.execute(select(invitations)).all() == []


def test_nobody_has_the_same_thing_twice_and_anybody_may_have_several(engine: Engine) -> None:
    caller = reminded(engine)
    a_thing(engine, caller)
    a_thing(engine, caller, "2026-12-14T10:00")
    again = {"caller_id": caller, "kind": "appointment", "occurrence": "2026-12-14T10:00"}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(subscriptions).values(**again, at=NOON, scope="all", since=NOON))
