"""What callers answer: no to the question of consent; done and keep to reminders; START after the carrier's block."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, update

from helpline.consent.caller_rows import (
    Caller,
    Subscription,
    active_of,
    caller_of,
    dated_subscriptions,
    was_seen,
)
from helpline.consent.consent import KIND, Consent
from helpline.consent.items import DONE, called_about, due_items, finish, item_of
from helpline.consent.once import effect_key, once, once_in, one_at_a_time
from helpline.consent.own_lines import apply_own_lines
from helpline.consent.proof import sid_of
from helpline.consent.question import open_question, refuse
from helpline.conversation.turn import Context, Effect, Item, Outcome
from helpline.menus.shapes import Calendar
from helpline.menus.waves import occurrence_now
from helpline.records.engine import reading
from helpline.records.messages import move
from helpline.records.tables import carrier_blocks, messages, subscriptions

SEVERAL = Item("", "")


def done(consent: Consent, effect: Effect, context: Context) -> Outcome:
    """It is done: no more reminders of this month's update, or of the thing that is due.

    Where more than one is due they are asked back as items; not in a call, which never tells what is kept.
    """
    if not context.number:
        return Outcome("nothing")
    fingerprint = consent.fingerprint(context.number)
    apply_own_lines(consent, fingerprint, context.now)
    key = effect_key(effect, context)
    with consent.engine.begin() as connection:
        name = once_in(connection, key, context.now, lambda: _done(connection, consent, effect, context))
        if name != "which":
            return Outcome(name)
        caller = caller_of(connection, fingerprint)
        return Outcome(name, due_items(connection, caller.id, consent.calendar(), context.now) if caller else ())


def done_item(consent: Consent, effect: Effect, context: Context) -> str:
    """The one of several things that is done."""
    if not context.number or context.channel != "sms":
        return "not_saved"
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    key = effect_key(effect, context)
    return once(consent.engine, key, context.now, lambda connection: _done_item(connection, consent, effect, context))


def keep(consent: Consent, effect: Effect, context: Context) -> str:
    """The caller is still there and wants to go on. Who has nothing any more is told that nothing was kept."""
    if not context.number:
        return "not_saved"
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    key = effect_key(effect, context)
    return once(consent.engine, key, context.now, lambda connection: _kept(connection, consent, context))


def refused(consent: Consent, effect: Effect, context: Context) -> str:
    """The question of consent was left without a yes: no later OUI answers it, whatever else is down by then."""
    if not context.number:
        return "refused"
    fingerprint = consent.fingerprint(context.number)
    with reading(consent.engine).begin() as connection:
        if open_question(connection, fingerprint) is None:
            return "refused"
    with consent.engine.begin() as connection:
        one_at_a_time(connection, fingerprint)
        refuse(
            connection,
            fingerprint,
            context.now,
            channel=context.channel,
            language=effect.language,
            heard=effect.heard,
            sid=sid_of(context),
        )
    return "refused"


def start(consent: Consent, effect: Effect, context: Context) -> str:
    """START lifted the carrier's block. It signs nobody up, and lifts no objection."""
    if context.number:
        blocked = carrier_blocks.c.fingerprint == consent.fingerprint(context.number)
        with consent.engine.begin() as connection:
            connection.execute(delete(carrier_blocks).where(blocked))
    return "started"


def _done(connection: Connection, consent: Consent, effect: Effect, context: Context) -> str:
    fingerprint, now = consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    caller, active = active_of(connection, fingerprint)
    if caller is None:
        return "nothing"
    item = _meant(connection, caller.id, consent.calendar(), context)
    if item == SEVERAL:
        return "which"
    if item and item.kind != KIND:
        finish(connection, caller, item, effect, context, fingerprint, DONE)
        return "done_one"
    if active:
        return _update_done(connection, caller, active, consent.calendar(), now)
    # In a call it says nothing of what is kept.
    has_dated = context.channel == "sms" and dated_subscriptions(connection, caller.id)
    return "none_due" if has_dated else "nothing"


def _meant(connection: Connection, caller: int, calendar: Calendar, context: Context) -> Item | None:
    """What a caller means who says that it is done: what we call them about, or the only thing that is due.

    None where nothing is due, and it is about the update if about anything. A call chooses for itself: the update
    first, then what comes soonest.
    """
    if context.channel == "voice" and (called := called_about(connection, caller, context.now)):
        return called
    due = due_items(connection, caller, calendar, context.now)
    if len(due) > 1 and context.channel == "sms":
        return SEVERAL
    return due[0] if due else None


def _done_item(connection: Connection, consent: Consent, effect: Effect, context: Context) -> str:
    fingerprint, now = consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    caller, active = active_of(connection, fingerprint)
    item = item_of(connection, caller.id, effect.item) if caller else None
    if caller is None or item is None:
        return "gone"
    if item.kind == KIND and active:
        _update_done(connection, caller, active, consent.calendar(), now)
        return "done_update"
    finish(connection, caller, item, effect, context, fingerprint, DONE)
    return "done_item"


def _update_done(
    connection: Connection, caller: Caller, active: Subscription, calendar: Calendar, now: datetime
) -> str:
    occurrence = occurrence_now(calendar, now)
    connection.execute(update(subscriptions).where(subscriptions.c.id == active.id).values(done=occurrence))
    was_seen(connection, caller.id, now)
    rest = (
        messages.c.caller_id == caller.id,
        messages.c.kind == KIND,
        messages.c.occurrence == occurrence,
        messages.c.state == "planned",
    )
    move(connection, "skipped", now, *rest, reason="done")
    return f"done_{active.scope}"


def _kept(connection: Connection, consent: Consent, context: Context) -> str:
    fingerprint, now = consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    caller, active = active_of(connection, fingerprint)
    if caller is None or active is None:
        return "not_saved"
    was_seen(connection, caller.id, now)
    asked = (messages.c.caller_id == caller.id, messages.c.kind == "keep", messages.c.state == "planned")
    move(connection, "skipped", now, *asked, reason="kept")
    return "kept"
