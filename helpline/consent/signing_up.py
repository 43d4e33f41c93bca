"""Signing up: two steps, the proof with the words that were answered, and changes of what is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from helpline.consent.asked_in_call import has_texts, is_refused
from helpline.consent.caller_rows import (
    Subscription,
    active_of,
    active_subscription,
    caller_of,
    is_blocked,
    keep_caller,
)
from helpline.consent.consent import KIND, Consent
from helpline.consent.extra_messages import plan_reply
from helpline.consent.limits import count
from helpline.consent.once import effect_key, once, one_at_a_time
from helpline.consent.own_lines import apply_own_lines
from helpline.consent.proof import Event, record, sid_of
from helpline.consent.question import was_left
from helpline.consent.reach import Refusal, call_refusal, refusal, takes_texts
from helpline.conversation.turn import Context, Effect
from helpline.menus.shapes import Calendar, Channel
from helpline.menus.waves import wave_of
from helpline.records.messages import move, move_each, want_again
from helpline.records.tables import messages, objections, subscriptions

Scope = Literal["all", "last"]

FEWER = "changed"  # why a message was called off: the caller wants fewer
SIGNED_UP = "signed_up"  # ... or what it says is no longer true
SOMEBODY_ELSE = frozenset({"not_me", "ended"})  # ends after which a number may have come to another person

log = structlog.get_logger(__name__)


def first_step(consent: Consent, effect: Effect, context: Context, scope: Scope, by_call: bool = False) -> str:
    """The caller chose. By text this answers the question and is enough; a call asks for a second key.

    `by_call`: reminders by call are asked for in a call only.
    """
    if context.channel == "voice":
        return _step(consent, effect, context, by_call, lambda c: _chosen(c, consent, effect, context, scope, by_call))
    if by_call:
        if call_refusal(context.number, consent.countries) == "not_allowed":
            return "not_allowed"
        log.error("nobody signs up for calls by text", effect=effect.name, key=context.key)
        return "not_saved"
    return _step(consent, effect, context, by_call, lambda c: _answered(c, consent, effect, context, scope))


def second_step(consent: Consent, effect: Effect, context: Context, scope: Scope, by_call: bool = False) -> str:
    """The caller confirmed: now it is active."""
    if by_call and context.channel != "voice":
        log.error("nobody signs up for calls by text", effect=effect.name, key=context.key)
        return "not_saved"
    channel: Channel = "voice" if by_call else "sms"
    return _step(consent, effect, context, by_call, lambda c: _saved(c, consent, effect, context, scope, channel))


def _step(consent: Consent, effect: Effect, context: Context, by_call: bool, act: Callable[[Connection], str]) -> str:
    refused = _refusal(consent, context, by_call)
    if refused:
        return refused
    if not effect.shown:
        log.error("nobody signs up without the words that they agree to", effect=effect.name, key=context.key)
        return "not_saved"
    if context.channel == "voice" and context.spoken:
        log.error("nobody signs up by speech", effect=effect.name, key=context.key)
        return "not_saved"
    # An older STOP that waits in the journal must not end what is agreed to now.
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    return once(consent.engine, effect_key(effect, context), context.now, act)


def _refusal(consent: Consent, context: Context, by_call: bool) -> Refusal | Literal["not_allowed"]:
    """Why the number alone speaks against it."""
    if by_call:
        return call_refusal(context.number, consent.countries)
    return refusal(context.number, context.channel, consent.countries)


def _chosen(
    connection: Connection, consent: Consent, effect: Effect, context: Context, scope: Scope, by_call: bool
) -> str:
    """The first key of a call: nothing is active yet, but the words that it answered are part of the proof."""
    fingerprint = consent.fingerprint(context.number)
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    if refused := _refused_in_call(connection, fingerprint, context, "voice" if by_call else "sms"):
        return refused
    _prove(connection, "asked", fingerprint, effect, context, scope)
    return "confirm"


def _answered(connection: Connection, consent: Consent, effect: Effect, context: Context, scope: Scope) -> str:
    """A text to the question, or a change of what is active; `not_asked` where something else has answered by then."""
    fingerprint = consent.fingerprint(context.number)
    one_at_a_time(connection, fingerprint)
    _, active = active_of(connection, fingerprint)
    if active is None and not is_blocked(connection, fingerprint) and was_left(connection, fingerprint):
        return "not_asked"
    return _saved(connection, consent, effect, context, scope, "sms")


def _saved(
    connection: Connection, consent: Consent, effect: Effect, context: Context, scope: Scope, channel: Channel
) -> str:
    fingerprint, now = consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    if context.channel == "voice":
        if refused := _refused_in_call(connection, fingerprint, context, channel):
            return refused
        count(connection, fingerprint, "reminders", now)
    before = caller_of(connection, fingerprint)
    caller = keep_caller(connection, fingerprint, consent.seals.seal(context.number), effect.language, now, channel)
    connection.execute(delete(objections).where(objections.c.fingerprint == fingerprint))
    active = active_subscription(connection, caller)
    if active is None:
        _begin(connection, caller, scope, now)
    elif active.scope != scope:
        _change(connection, caller, active, scope, consent.calendar(), now)
    if active is None or active.scope != scope or (before and before.channel != channel):
        _prove(connection, "changed" if active else "given", fingerprint, effect, context, scope)
    # Also where nothing changes: whoever calls hears the same.
    if context.channel == "voice" and takes_texts(context.number):
        welcome = (messages.c.kind == "welcome", messages.c.wave.in_(("all", "last")))
        outdated = (messages.c.caller_id == caller, *welcome, messages.c.state == "planned")
        move(connection, "skipped", now, *outdated, reason=SIGNED_UP)
        plan_reply(connection, caller, "welcome", now, act=context.key, wave=scope)
    return "saved"


def _refused_in_call(connection: Connection, fingerprint: str, context: Context, channel: Channel) -> str:
    """Why a call agrees to nothing now; it does not say which of the reasons it is."""
    no_change = channel == "voice" and takes_texts(context.number) and has_texts(connection, fingerprint)
    if no_change or is_refused(connection, fingerprint, context.now):
        return "not_allowed" if channel == "voice" else "not_saved"
    return ""


def _prove(
    connection: Connection, event: Event, fingerprint: str, effect: Effect, context: Context, scope: Scope
) -> None:
    record(
        connection,
        event,
        fingerprint,
        context.now,
        channel=context.channel,
        language=effect.language,
        scope=scope,
        shown=effect.shown,
        heard=effect.heard,
        sid=sid_of(context),
    )


def _begin(connection: Connection, caller: int, scope: Scope, now: datetime) -> None:
    """A new subscription. What was said to be done stays done, unless it may have been somebody else who said so."""
    before = select(subscriptions.c.done, subscriptions.c.end_reason).where(
        subscriptions.c.caller_id == caller, subscriptions.c.kind == KIND
    )
    last = connection.execute(before.order_by(subscriptions.c.id.desc()).limit(1)).first()
    done = last.done if last and last.end_reason not in SOMEBODY_ELSE else ""
    connection.execute(insert(subscriptions).values(caller_id=caller, kind=KIND, scope=scope, since=now, done=done))
    outdated = (messages.c.caller_id == caller, messages.c.kind == "stopped", messages.c.state == "planned")
    move(connection, "skipped", now, *outdated, reason=SIGNED_UP)
    _may_be_planned_again(connection, caller, now, done)


def _change(
    connection: Connection, caller: int, active: Subscription, scope: Scope, calendar: Calendar, now: datetime
) -> None:
    connection.execute(update(subscriptions).where(subscriptions.c.id == active.id).values(scope=scope))
    if scope == "all":
        called_off = (messages.c.caller_id == caller, messages.c.kind == KIND, messages.c.reason == FEWER)
        want_again(connection, now, *called_off, messages.c.occurrence != active.done)
        return
    planned = connection.execute(
        select(messages.c.id, messages.c.occurrence, messages.c.wave).where(
            messages.c.caller_id == caller, messages.c.kind == KIND, messages.c.state == "planned"
        )
    ).all()
    waves = ((row.id, wave_of(calendar, row.occurrence, row.wave)) for row in planned)
    move_each(connection, [message for message, wave in waves if wave and not wave.for_last], "skipped", now, FEWER)


def _may_be_planned_again(connection: Connection, caller: int, now: datetime, done: str) -> None:
    """Take away messages that were called off and never went: their rows would keep new ones from being planned."""
    connection.execute(
        delete(messages).where(
            messages.c.caller_id == caller,
            messages.c.kind == KIND,
            messages.c.state == "skipped",
            messages.c.occurrence != done,
            messages.c.tries == 0,
            messages.c.not_after > now,
        )
    )
