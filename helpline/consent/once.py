"""One effect, once: how it went is written in its own transaction, and a repeat reads that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpline.consent.withdrawal import LONGEST_KEY
from helpline.conversation.turn import Context, Effect
from helpline.records.tables import effects


def effect_key(effect: Effect, context: Context) -> str:
    """One effect, one key: a repeated webhook brings the same one."""
    of_effect = f".{effect.name}"  # kept in full: of two effects, one must not take the outcome of the other
    return context.key[: LONGEST_KEY - len(of_effect)] + of_effect if context.key else ""


def once(engine: Engine, key: str, now: datetime, act: Callable[[Connection], str]) -> str:
    """What `act` returns, or what it returned when this key came before. Without a key nothing is remembered."""
    with engine.begin() as connection:
        return once_in(connection, key, now, lambda: act(connection))


def once_in(connection: Connection, key: str, now: datetime, act: Callable[[], str]) -> str:
    """`once` in a transaction that is open. Of two at once the second waits here for how the first one went."""
    if not key:
        return act()
    if not insert_new(connection, effects, key=key, outcome="", at=now):
        return str(connection.scalar(select(effects.c.outcome).where(effects.c.key == key)))
    outcome = act()
    connection.execute(update(effects).where(effects.c.key == key).values(outcome=outcome))
    return outcome


def insert_new(connection: Connection, table: Table, **values: object) -> bool:
    """Insert a row, unless there is one with the same key. Whether there was none."""
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = into(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(added).first() is not None


def one_at_a_time(connection: Connection, fingerprint: str) -> None:
    """Whoever changes what is kept of a caller waits here for whoever does so now, until the transaction ends.

    SQLite has one writer at a time anyway. A row to lock there may not be yet, so PostgreSQL locks the fingerprint.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(int(fingerprint[:15], 16))))
