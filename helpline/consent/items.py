"""What a caller is reminded of, one by one: all of it, what is due, and its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from helpline.consent.caller_rows import (
    Caller,
    Dated,
    Subscription,
    active_subscription,
    dated_subscriptions,
    drop_numbers,
    was_seen,
)
from helpline.consent.consent import KIND
from helpline.consent.kinds import OWN_KINDS
from helpline.consent.proof import record, sid_of
from helpline.conversation.turn import Context, Effect, Item
from helpline.menus.dated import over_at
from helpline.menus.shapes import Calendar
from helpline.menus.waves import occurrence_now
from helpline.menus.windows import today_in_paris, update_state
from helpline.records.messages import State, move
from helpline.records.tables import messages, subscriptions

ONE_OF_THEM = "one"  # why it ended: the caller ended this one, and not the others
DONE = "done"
CALL_LASTS = timedelta(minutes=30)  # so long after we called somebody a key of a call may be an answer to it
_WENT: tuple[State, ...] = ("sending", "unknown", "accepted", "sent", "delivered", "undelivered")


def active_items(connection: Connection, caller: int) -> tuple[Item, ...]:
    """All that a caller is reminded of, the monthly update first."""
    monthly = active_subscription(connection, caller)
    return (*_monthly(monthly), *map(_dated, dated_subscriptions(connection, caller)))


def due_items(connection: Connection, caller: int, calendar: Calendar, now: datetime) -> tuple[Item, ...]:
    """What a caller may mean who says that it is done: they were reminded of it, and it is not over."""
    return tuple(
        item
        for item in active_items(connection, caller)
        if _is_open(connection, item, calendar, now) and _went(connection, caller, item, calendar, now)
    )


def called_about(connection: Connection, caller: int, now: datetime) -> Item | None:
    """What we are calling somebody about, or just did; None if about nothing that is active."""
    call = (messages.c.caller_id == caller, messages.c.channel == "voice", messages.c.kind.not_in(sorted(OWN_KINDS)))
    lately = (messages.c.claimed_at > now - CALL_LASTS, messages.c.claimed_at < now + CALL_LASTS)
    newest = connection.execute(
        select(messages.c.kind, messages.c.occurrence)
        .where(*call, *lately, messages.c.state.in_(_WENT))
        .order_by(messages.c.claimed_at.desc(), messages.c.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    wanted = (newest.kind, "" if newest.kind == KIND else newest.occurrence)
    found = active_items(connection, caller)
    return next((item for item in found if (item.kind, item.occurrence) == wanted), None)


def item_of(connection: Connection, caller: int, key: str) -> Item | None:
    """One of the things that a caller is reminded of now, and nobody else's."""
    return next((item for item in active_items(connection, caller) if item.key == key), None)


def finish(
    connection: Connection, caller: Caller, item: Item, effect: Effect, context: Context, fingerprint: str, why: str
) -> None:
    """End one thing, with its proof, and nothing else that the caller has. Whoever has nothing left is forgotten."""
    now = context.now
    which = update(subscriptions).where(subscriptions.c.id == int(item.key))
    scope = connection.scalar(select(subscriptions.c.scope).where(subscriptions.c.id == int(item.key)))
    connection.execute(which.values(ended_at=now, end_reason=why))
    call_off(connection, caller.id, item.kind, item.occurrence, now, why)
    was_seen(connection, caller.id, now)
    left = active_items(connection, caller.id)
    record(
        connection,
        "changed" if any(other.kind == item.kind for other in left) else "ended",
        fingerprint,
        now,
        channel=context.channel,
        language=effect.language,
        kind=item.kind,
        scope=scope or "",
        heard=effect.heard,
        sid=sid_of(context),
    )
    if not left:
        drop_numbers(connection, [caller.id])


def call_off(connection: Connection, caller: int, kind: str, occurrence: str, now: datetime, why: str) -> None:
    """Nothing that is planned about this thing goes any more."""
    planned = (messages.c.caller_id == caller, messages.c.state == "planned")
    if kind == KIND:
        move(connection, "skipped", now, *planned, messages.c.kind.in_((KIND, "keep")), reason=why)
        return
    move(connection, "skipped", now, *planned, messages.c.kind == kind, messages.c.occurrence == occurrence, reason=why)
    welcome = (
        messages.c.kind == "welcome",
        messages.c.wave == kind,
        messages.c.occurrence.startswith(f"{occurrence}@"),
    )
    move(connection, "skipped", now, *planned, *welcome, reason=why)


def _monthly(active: Subscription | None) -> tuple[Item, ...]:
    return (Item(str(active.id), KIND),) if active else ()


def _dated(active: Dated) -> Item:
    return Item(str(active.id), active.kind, active.occurrence)


def _is_open(connection: Connection, item: Item, calendar: Calendar, now: datetime) -> bool:
    if item.kind != KIND:
        over = over_at(item.occurrence)
        return over is not None and now < over
    done = connection.scalar(select(subscriptions.c.done).where(subscriptions.c.id == int(item.key)))
    is_closed = update_state(calendar, today_in_paris(now)).state == "closed"
    return not is_closed and done != occurrence_now(calendar, now)


def _went(connection: Connection, caller: int, item: Item, calendar: Calendar, now: datetime) -> bool:
    occurrence = occurrence_now(calendar, now) if item.kind == KIND else item.occurrence
    of_item = (messages.c.caller_id == caller, messages.c.kind == item.kind, messages.c.occurrence == occurrence)
    found = select(messages.c.id).where(*of_item, messages.c.tries > 0, messages.c.state.in_(_WENT)).limit(1)
    return connection.execute(found).first() is not None
