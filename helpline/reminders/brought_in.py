"""What callers said since a backup, brought into the database that was restored: withdrawn, done, ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from helpline.carrier.sending import Listed
from helpline.consent.caller_rows import (
    active_of,
    active_subscription,
    caller_of,
    dated_subscriptions,
    last_agreement,
)
from helpline.consent.consent import KIND
from helpline.consent.items import DONE, ONE_OF_THEM, call_off
from helpline.consent.proof import record
from helpline.consent.withdrawal import Reason, Withdrawal
from helpline.consent.withdrawing import apply_once
from helpline.menus.shapes import Calendar
from helpline.menus.waves import occurrence_now
from helpline.records.messages import move
from helpline.records.tables import messages, subscriptions


def withdrawn(connection: Connection, caller: str, reason: Reason, message: Listed, now: datetime) -> bool:
    """A withdrawal that the carrier's list knows. Whether it ended the last that the caller had."""
    withdrawal = Withdrawal(
        fingerprint=caller,
        reason=reason,
        at=message.created,
        channel="restore",
        heard=reason,
        sid=message.sid,
        key=f"{message.sid}.{reason}",
        erases=reason == "erase",
    )
    had_something = _has_something(connection, caller)
    apply_once(connection, withdrawal, now)
    return had_something and not _has_something(connection, caller)


def update_done(connection: Connection, calendar: Calendar, caller: str, at: datetime, now: datetime) -> bool:
    """The update of then was said to be done. Whether that was new."""
    known, active = active_of(connection, caller)
    occurrence = occurrence_now(calendar, at)
    if known is None or active is None or active.since > at or active.done >= occurrence:
        return False
    connection.execute(update(subscriptions).where(subscriptions.c.id == active.id).values(done=occurrence))
    rest = (messages.c.caller_id == known.id, messages.c.kind == KIND, messages.c.occurrence == occurrence)
    move(connection, "skipped", now, *rest, messages.c.state == "planned", reason="done")
    return True


def one_ended(connection: Connection, caller: str, is_done: bool, at: datetime, now: datetime) -> bool:
    """One thing was ended, or is done: which one is known only where there was no other. Whether it was."""
    known = caller_of(connection, caller)
    if known is None:
        return False
    found = dated_subscriptions(connection, known.id)
    or_the_update = not is_done and active_subscription(connection, known.id) is not None
    if or_the_update or len(found) != 1 or found[0].since > at:
        return False
    thing, why = found[0], DONE if is_done else ONE_OF_THEM
    ends = update(subscriptions).where(subscriptions.c.id == thing.id)
    connection.execute(ends.values(ended_at=at, end_reason=why))
    call_off(connection, known.id, thing.kind, thing.occurrence, now, why)
    record(connection, "ended", caller, at, channel="restore", language=known.language, kind=thing.kind)
    return True


def _has_something(connection: Connection, caller: str) -> bool:
    known = caller_of(connection, caller)
    return known is not None and last_agreement(connection, known.id) is not None
