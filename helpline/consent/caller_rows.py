"""The rows of a caller: who they are to the database, and what is active."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, update

from helpline.consent.consent import KIND
from helpline.records.messages import IN_DOUBT
from helpline.records.sealing import Sealed
from helpline.records.tables import SPREAD, callers, carrier_blocks, messages, subscriptions


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller's row. `has_number`: we can still write to them."""

    id: int
    language: str
    has_number: bool
    created_at: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is active. `done` is the month that the caller said was done."""

    id: int
    scope: str
    since: datetime
    done: str


def caller_of(connection: Connection, fingerprint: str) -> Caller | None:
    """The row of a caller, if there is one."""
    columns = (callers.c.id, callers.c.language, callers.c.number, callers.c.created_at, callers.c.last_seen)
    row = connection.execute(select(*columns).where(callers.c.fingerprint == fingerprint)).first()
    if row is None:
        return None
    return Caller(row.id, row.language, row.number is not None, row.created_at, row.last_seen)


def active_of(connection: Connection, fingerprint: str) -> tuple[Caller | None, Subscription | None]:
    """A caller and what they are reminded of now."""
    caller = caller_of(connection, fingerprint)
    return caller, active_subscription(connection, caller.id) if caller else None


def active_subscription(connection: Connection, caller: int) -> Subscription | None:
    """What a caller is reminded of now."""
    row = connection.execute(
        select(subscriptions.c.id, subscriptions.c.scope, subscriptions.c.since, subscriptions.c.done).where(
            subscriptions.c.caller_id == caller, subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None)
        )
    ).first()
    return None if row is None else Subscription(row.id, row.scope, row.since, row.done)


def keep_caller(connection: Connection, fingerprint: str, sealed: Sealed, language: str, now: datetime) -> int:
    """The id of the caller's row, made or brought up to date: now we may write to this number."""
    known = caller_of(connection, fingerprint)
    fresh = {"number": sealed.number, "number_key": sealed.key, "language": language, "last_seen": now}
    if known:
        connection.execute(update(callers).where(callers.c.id == known.id).values(**fresh))
        return known.id
    added = insert(callers).values(fingerprint=fingerprint, spread=spread_of(fingerprint), created_at=now, **fresh)
    return int(connection.execute(added.returning(callers.c.id)).scalar_one())


def was_seen(connection: Connection, caller: int, now: datetime, language: str = "") -> None:
    """The caller is there: not idle. `language` is the one that they now use, if it is to be kept."""
    changed = {"last_seen": now, **({"language": language} if language else {})}
    connection.execute(update(callers).where(callers.c.id == caller, callers.c.last_seen <= now).values(**changed))


def is_blocked(connection: Connection, fingerprint: str) -> bool:
    """Whether the carrier does not let us write to them."""
    found = select(carrier_blocks.c.fingerprint).where(carrier_blocks.c.fingerprint == fingerprint)
    return connection.execute(found).first() is not None


def number_without_use() -> ColumnElement[bool]:
    """In SQL: a caller has a number, but nothing is active, and nothing on its way or to be sent."""
    active = exists().where(subscriptions.c.caller_id == callers.c.id, subscriptions.c.ended_at.is_(None))
    still_open = exists().where(
        messages.c.caller_id == callers.c.id,
        or_(messages.c.state == "planned", messages.c.state.in_(IN_DOUBT)),
    )
    return and_(callers.c.number.is_not(None), ~active, ~still_open)


def drop_numbers(connection: Connection, ids: Sequence[int]) -> int:
    """Forget the numbers of those of these callers to whom nothing is to be sent. How many."""
    unused = update(callers).where(callers.c.id.in_(ids), number_without_use())
    return connection.execute(unused.values(number=None, number_key=None)).rowcount


def spread_of(fingerprint: str) -> int:
    """Where in the day's hours a caller's moment is: always the same, and even over all callers."""
    return int.from_bytes(hashlib.sha256(b"spread" + fingerprint.encode()).digest()) % SPREAD
