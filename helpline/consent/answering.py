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
from helpline.consent.dated import occurrence_of
from helpline.consent.items import (
    DONE,
    active_items,
    due_items,
    finish,
    goes_on_when_done,
    item_ever,
    item_of,
    last_done,
    was_reminded,
)
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

MORE = "more"
KEY = "7"  # it is done, on every page


def done(consent: Consent, effect: Effect, context: Context) -> Outcome:
    """It is done: no more reminders of this month's update, or of the thing that is meant.

    Key 7 is about the reminder that it answers, by text or in a call of ours: the effect is of that. The word, and 7
    elsewhere, may mean several things by text: then it is asked which. A call that is not ours is about the update,
    since it never tells what else is kept.
    """
    if not context.number:
        return Outcome("nothing")
    fingerprint = consent.fingerprint(context.number)
    apply_own_lines(consent, fingerprint, context.now)
    key = effect_key(effect, context)
    with consent.engine.begin() as connection:
        how = once_in(connection, key, context.now, lambda: _done(connection, consent, effect, context))
        name, _, thing = how.partition(" ")
        caller = caller_of(connection, fingerprint)
        if caller and name == MORE:
            return Outcome("done_one_more", about=item_ever(connection, caller.id, thing))
        if caller and name == "which":
            return Outcome(name, due_items(connection, caller.id, consent.calendar(), context.now))
        if caller and name == "done_one":
            return Outcome(name, about=last_done(connection, caller.id, *_named(consent.calendar(), effect)))
        return Outcome(name)


def done_item(consent: Consent, effect: Effect, context: Context) -> Outcome:
    """The one of several things that is done."""
    if not context.number or context.channel != "sms":
        return Outcome("not_saved")
    fingerprint = consent.fingerprint(context.number)
    apply_own_lines(consent, fingerprint, context.now)
    key = effect_key(effect, context)
    with consent.engine.begin() as connection:
        how = once_in(connection, key, context.now, lambda: _done_item(connection, consent, effect, context))
        name = "done_one_more" if how.startswith(MORE) else how
        caller = caller_of(connection, fingerprint) if name in ("done_item", "done_one_more") else None
        return Outcome(name, about=item_ever(connection, caller.id, effect.item) if caller else None)


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
    due = due_items(connection, caller.id, consent.calendar(), now) if context.channel == "sms" else ()
    if len(due) > 1 and (effect.heard != KEY or not effect.of):
        return "which"
    if _named(consent.calendar(), effect):
        return _named_done(connection, consent, caller, effect, context)
    if due and due[0].kind != KIND and effect.of != KIND:
        return _thing_done(connection, consent, caller, due[0], effect, context, "done_one")
    if active:
        return _update_done(connection, caller, active, consent.calendar(), now)
    # In a call it says nothing of what is kept.
    has_dated = context.channel == "sms" and dated_subscriptions(connection, caller.id)
    return "none_due" if has_dated else "nothing"


def _named_done(connection: Connection, consent: Consent, caller: Caller, effect: Effect, context: Context) -> str:
    """The thing is done of which a reminder is answered. Said once more, or too late, it is about nothing else."""
    named = _named(consent.calendar(), effect)
    active = active_items(connection, caller.id)
    item = next((item for item in active if (item.kind, item.occurrence) == named), None)
    if item and was_reminded(connection, caller.id, item):
        return _thing_done(connection, consent, caller, item, effect, context, "done_one")
    if item is None and last_done(connection, caller.id, *named):
        return "done_one"
    return "none_due" if active else "nothing"


def _named(calendar: Calendar, effect: Effect) -> tuple[str, str] | tuple[()]:
    """The kind and the date of the thing that an effect is of; empty where it is of none with a date."""
    kind = calendar.kinds.get(effect.of)
    occurrence = occurrence_of(kind, dict(effect.form)) if kind else ""
    return (effect.of, occurrence) if occurrence else ()


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
    return _thing_done(connection, consent, caller, item, effect, context, "done_item")


def _thing_done(
    connection: Connection,
    consent: Consent,
    caller: Caller,
    item: Item,
    effect: Effect,
    context: Context,
    ended: str,
) -> str:
    """`ended`, or where a reminder still comes that and which thing it is, for whoever asks again."""
    fingerprint = consent.fingerprint(context.number)
    if goes_on_when_done(connection, consent.calendar(), caller, item, effect, context, fingerprint):
        return f"{MORE} {item.key}"
    finish(connection, caller, item, effect, context, fingerprint, DONE)
    return ended


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
