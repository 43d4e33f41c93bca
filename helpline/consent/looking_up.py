"""Looking up what is active, for the caller: RAPPEL and DONNEES."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpline.consent.called_back import is_waiting
from helpline.consent.caller_rows import active_of, caller_of, dated_subscriptions, is_blocked, was_seen
from helpline.consent.consent import Consent
from helpline.consent.items import active_items
from helpline.consent.once import effect_key, once_in, one_at_a_time
from helpline.consent.own_lines import TooFarBehind, apply_own_lines
from helpline.consent.proof import record, sid_of
from helpline.consent.question import OPEN_FOR, open_question
from helpline.consent.reach import parsed_number, refusal
from helpline.conversation.turn import Context, Effect, Item, Outcome
from helpline.menus.waves import occurrence_now
from helpline.records.engine import reading

log = structlog.get_logger(__name__)


def look_up(consent: Consent, effect: Effect, context: Context) -> Outcome:
    """What the caller is reminded of, and in a call nothing of it: anybody can call under another number.

    Who is reminded of nothing is asked next, and that they were asked is noted. Who is reminded of something with a
    date of its own gets all of it as items.
    """
    if not context.number:
        return Outcome("no_number")
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    key = effect_key(effect, context)
    with consent.engine.begin() as connection:
        name = once_in(connection, key, context.now, lambda: _looked_up(connection, consent, effect, context))
        return Outcome(name, _items(connection, consent.fingerprint(context.number)) if name == "some" else ())


def show_data(consent: Consent, effect: Effect, context: Context) -> str:
    """What is kept. Never told in a call: anybody can call under another number."""
    if context.channel == "voice":
        return "by_text"
    if not context.number:
        return "nothing"
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    fingerprint = consent.fingerprint(context.number)
    with reading(consent.engine).begin() as connection:
        caller, active = active_of(connection, fingerprint)
        dated = dated_subscriptions(connection, caller.id) if caller and not active else ()
        scope = active.scope if active else "all" if dated else ""
        if is_waiting(connection, fingerprint):
            return f"call_{scope}" if scope else "call"
        return scope or "nothing"


def asked_recently(consent: Consent, number: str, now: datetime) -> str:
    """The language in which we asked this number by text within 30 minutes, unless it was answered since.

    For who answers OUI while Redis is down. Nothing if nobody asked, or if the database does not tell.
    """
    if not number:
        return ""
    fingerprint = consent.fingerprint(number)
    try:
        apply_own_lines(consent, fingerprint, now)  # a STOP that waits there has answered
        with reading(consent.engine).begin() as connection:
            asked = open_question(connection, fingerprint, asked_in=("sms",))  # an invitation may not have gone yet
    except (SQLAlchemyError, OSError, TooFarBehind) as error:
        log.warning("cannot tell whether somebody was asked", error=type(error).__name__)
        return ""
    return str(asked.language) if asked and now - asked.at <= OPEN_FOR else ""


def _looked_up(connection: Connection, consent: Consent, effect: Effect, context: Context) -> str:
    fingerprint = consent.fingerprint(context.number)
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    caller, active = active_of(connection, fingerprint)
    dated = dated_subscriptions(connection, caller.id) if caller else ()
    if caller and (active or dated):
        was_seen(connection, caller.id, context.now, effect.language)  # reminders speak the language of this page
    refused = refusal(context.number, context.channel, consent.countries)
    if refused == "no_text" and context.channel == "sms" and parsed_number(context.number):
        return "not_allowed"  # of a country that is not served, or dear: nothing goes there, whatever was agreed before
    if context.channel == "sms" and dated:
        return "some"
    if context.channel == "sms" and active:
        is_done = active.done == occurrence_now(consent.calendar(), context.now)
        return f"{active.scope}_done" if is_done else active.scope
    if caller and caller.channel == "sms" and (active or dated):
        return "in_call"
    if refused:
        return refused  # a line that takes no texts, and has calls of ours already, is offered them again
    if active or dated:
        return "in_call"
    record(
        connection,
        "asked",
        fingerprint,
        context.now,
        channel=context.channel,
        language=effect.language,
        heard=effect.heard,
        sid=sid_of(context),
    )
    return "in_call" if context.channel == "voice" else "none"


def _items(connection: Connection, fingerprint: str) -> tuple[Item, ...]:
    caller = caller_of(connection, fingerprint)
    return active_items(connection, caller.id) if caller else ()
