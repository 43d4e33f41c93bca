"""The rows of a caller: who they are to the database, and what is active."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from helpline.consent.consent import KIND
from helpline.consent.kinds import queue_in_sql
from helpline.menus.shapes import Channel
from helpline.records.columns import Moment
from helpline.records.messages import IN_DOUBT
from helpline.records.sealing import Sealed
from helpline.records.tables import SPREAD, callers, carrier_blocks, messages, subscriptions


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller's row. `has_number`: we can still write to them, or call them, as `channel` says."""

    id: int
    language: str
    has_number: bool
    channel: Channel
    created_at: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """The monthly reminders that are active. `done` is the month that the caller said was done."""

    id: int
    scope: str
    since: datetime
    done: str


@dataclass(frozen=True, slots=True)
class Dated:
    """Something with a date of its own that a caller is reminded of now.

    `done` is that date once they said that it is done, and a last reminder comes all the same.
    """

    id: int
    kind: str
    occurrence: str
    since: datetime
    done: str


def caller_of(connection: Connection, fingerprint: str) -> Caller | None:
    """The row of a caller, if there is one."""
    names = ("id", "language", "number", "channel", "created_at", "last_seen")
    columns = (callers.c[name] for name in names)
    row = connection.execute(select(*columns).where(callers.c.fingerprint == fingerprint)).first()
    if row is None:
        return None
    has_number = row.number is not None
    return Caller(row.id, row.language, has_number, row.channel, row.created_at, row.last_seen)


def active_of(connection: Connection, fingerprint: str) -> tuple[Caller | None, Subscription | None]:
    """A caller and the monthly reminders that they have now."""
    caller = caller_of(connection, fingerprint)
    return caller, active_subscription(connection, caller.id) if caller else None


def active_subscription(connection: Connection, caller: int) -> Subscription | None:
    """The monthly reminders that a caller has now."""
    row = connection.execute(
        select(subscriptions.c.id, subscriptions.c.scope, subscriptions.c.since, subscriptions.c.done).where(
            subscriptions.c.caller_id == caller, subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None)
        )
    ).first()
    return None if row is None else Subscription(row.id, row.scope, row.since, row.done)


def dated_subscriptions(connection: Connection, caller: int) -> tuple[Dated, ...]:
    """What a caller is reminded of now that has a date of its own, the soonest first."""
    columns = (subscriptions.c[name] for name in Dated.__slots__)
    active = (subscriptions.c.caller_id == caller, subscriptions.c.ended_at.is_(None), subscriptions.c.kind != KIND)
    rows = connection.execute(select(*columns).where(*active).order_by(subscriptions.c.at, subscriptions.c.id))
    return tuple(Dated(*row) for row in rows)


def last_agreement(connection: Connection, caller: int) -> datetime | None:
    """When the caller agreed last to something that is active; None if nothing is."""
    active = (subscriptions.c.caller_id == caller, subscriptions.c.ended_at.is_(None))
    found: datetime | None = connection.scalar(select(func.max(subscriptions.c.since, type_=Moment)).where(*active))
    return found


def keep_caller(
    connection: Connection, fingerprint: str, sealed: Sealed, language: str, now: datetime, channel: Channel
) -> int:
    """The id of the caller's row, made or brought up to date: now we may write to this number, or call it."""
    known = caller_of(connection, fingerprint)
    fresh = {"number": sealed.number, "number_key": sealed.key, "language": language, "last_seen": now}
    fresh["channel"] = channel
    if known:
        connection.execute(update(callers).where(callers.c.id == known.id).values(**fresh))
        if known.channel != channel:
            _change_queues(connection, known.id, channel, now)
        return known.id
    added = insert(callers).values(fingerprint=fingerprint, spread=spread_of(fingerprint), created_at=now, **fresh)
    return int(connection.execute(added.returning(callers.c.id)).scalar_one())


def was_seen(connection: Connection, caller: int, now: datetime, language: str = "") -> None:
    """The caller is there: not idle. `language` is the one that they now use, if it is to be kept."""
    changed = {"last_seen": now, **({"language": language} if language else {})}
    connection.execute(update(callers).where(callers.c.id == caller, callers.c.last_seen <= now).values(**changed))


def _change_queues(connection: Connection, caller: int, channel: Channel, now: datetime) -> None:
    """What is planned goes by the new way: a message's queue decides who sends it."""
    planned = (messages.c.caller_id == caller, messages.c.state == "planned")
    connection.execute(update(messages).where(*planned).values(queue=queue_in_sql(channel), changed_at=now))


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
