"""What a caller is reminded of, one by one: all of it, what is due, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, select, update

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
from helpline.consent.proof import record, sid_of
from helpline.conversation.turn import Context, Effect, Item
from helpline.menus.dated import over_at
from helpline.menus.shapes import Calendar
from helpline.menus.waves import occurrence_now
from helpline.menus.waves_file import AFTER_THE_END
from helpline.menus.windows import today_in_paris, update_state
from helpline.records.messages import IN_DOUBT, State, move
from helpline.records.tables import messages, subscriptions

ONE_OF_THEM = "one"  # why it ended: the caller ended this one, and not the others
DONE = "done"
_OF_ITEM: tuple[Column[Any], ...] = (subscriptions.c.id, subscriptions.c.kind, subscriptions.c.occurrence)
_WENT: tuple[State, ...] = ("sending", "unknown", "accepted", "sent", "delivered", "undelivered")


def active_items(connection: Connection, caller: int) -> tuple[Item, ...]:
    """All that a caller is reminded of, the monthly update first."""
    monthly = active_subscription(connection, caller)
    return (*_monthly(monthly), *map(_dated, dated_subscriptions(connection, caller)))


def due_items(connection: Connection, caller: int, calendar: Calendar, now: datetime) -> tuple[Item, ...]:
    """What a caller may mean who says that it is done: what they were reminded of and is not over, and the update.

    The update may be meant whenever it is open, though no reminder of it went: who has done it does not wait for one.
    """
    monthly = active_subscription(connection, caller)
    dated = [
        _dated(found)
        for found in dated_subscriptions(connection, caller)
        if _is_open(connection, caller, found, calendar)
    ]
    return (
        *(_monthly(monthly) if monthly and _may_be_done(connection, caller, monthly, calendar, now) else ()),
        *(item for item in dated if _is_ahead(item, now) and was_reminded(connection, caller, item)),
    )


def was_reminded(connection: Connection, caller: int, item: Item) -> bool:
    """Whether a reminder of a thing with a date of its own went."""
    return _went(connection, caller, messages.c.kind == item.kind, messages.c.occurrence == item.occurrence)


def last_done(connection: Connection, caller: int, kind: str = "", occurrence: str = "") -> Item | None:
    """The thing that was ended last because it is done: of these names, or of any."""
    done = [subscriptions.c.caller_id == caller, subscriptions.c.end_reason == DONE, subscriptions.c.kind != KIND]
    if kind:
        done += [subscriptions.c.kind == kind, subscriptions.c.occurrence == occurrence]
    newest = (subscriptions.c.ended_at.desc(), subscriptions.c.id.desc())
    return _item(connection.execute(select(*_OF_ITEM).where(*done).order_by(*newest).limit(1)).first())


def item_ever(connection: Connection, caller: int, key: str) -> Item | None:
    """One of a caller's things, whether it has ended or not."""
    mine = (subscriptions.c.caller_id == caller, subscriptions.c.id == int(key)) if key.isdecimal() else None
    return _item(connection.execute(select(*_OF_ITEM).where(*mine)).first()) if mine else None


def item_of(connection: Connection, caller: int, key: str) -> Item | None:
    """One of the things that a caller is reminded of now, and nobody else's."""
    return next((item for item in active_items(connection, caller) if item.key == key), None)


def goes_on_when_done(
    connection: Connection,
    calendar: Calendar,
    caller: Caller,
    item: Item,
    effect: Effect,
    context: Context,
    fingerprint: str,
) -> bool:
    """A thing is done of which a reminder still comes: the others are called off. False where none does."""
    now, waves = context.now, _also_if_done(calendar, item.kind)
    mine = (
        messages.c.caller_id == caller.id,
        messages.c.kind == item.kind,
        messages.c.occurrence == item.occurrence,
    )
    comes = (messages.c.state.in_(("planned", *IN_DOUBT)), messages.c.wave.in_(waves))
    if connection.execute(select(messages.c.id).where(*mine, *comes).limit(1)).first() is None:
        return False
    planned = (*mine, messages.c.state == "planned")
    move(connection, "skipped", now, *planned, messages.c.wave.not_in(waves), reason=DONE)
    which = update(subscriptions).where(subscriptions.c.id == int(item.key))
    said_now = connection.execute(which.where(subscriptions.c.done != item.occurrence).values(done=item.occurrence))
    was_seen(connection, caller.id, now)
    if said_now.rowcount:
        record(
            connection,
            "changed",
            fingerprint,
            now,
            channel=context.channel,
            language=effect.language,
            kind=item.kind,
            heard=effect.heard,
            sid=sid_of(context),
        )
    return True


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


def _item(row: Row[Any] | None) -> Item | None:
    return None if row is None else Item(str(row.id), row.kind, row.occurrence)


def _also_if_done(calendar: Calendar, kind: str) -> list[str]:
    found = calendar.kinds.get(kind)
    return [wave.name for wave in found.waves if wave.also_if_done] if found else []


def _is_open(connection: Connection, caller: int, thing: Dated, calendar: Calendar) -> bool:
    """Whether a thing may be said to be done: where it was, only once the reminder went that comes all the same."""
    if thing.done != thing.occurrence:
        return True
    waves = messages.c.wave.in_(_also_if_done(calendar, thing.kind))
    return _went(connection, caller, messages.c.kind == thing.kind, messages.c.occurrence == thing.occurrence, waves)


def _is_ahead(item: Item, now: datetime) -> bool:
    over = over_at(item.occurrence)
    return over is not None and now < over


def _may_be_done(connection: Connection, caller: int, active: Subscription, calendar: Calendar, now: datetime) -> bool:
    occurrence = occurrence_now(calendar, now)
    if active.done == occurrence:
        return False
    if update_state(calendar, today_in_paris(now)).state != "closed":
        return True
    missed = (messages.c.kind == KIND, messages.c.occurrence == occurrence, messages.c.wave == AFTER_THE_END)
    return _went(connection, caller, *missed)  # that one asks whether it was done


def _went(connection: Connection, caller: int, *where: ColumnElement[bool]) -> bool:
    mine = (messages.c.caller_id == caller, *where, messages.c.tries > 0, messages.c.state.in_(_WENT))
    return connection.execute(select(messages.c.id).where(*mine).limit(1)).first() is not None
