"""Looking up what is active, for the caller: RAPPEL and DONNEES."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpline.consent.caller_rows import active_of, is_blocked, was_seen
from helpline.consent.consent import Consent
from helpline.consent.once import effect_key, once, one_at_a_time
from helpline.consent.own_lines import TooFarBehind, apply_own_lines
from helpline.consent.proof import record, sid_of
from helpline.consent.question import open_question
from helpline.consent.reach import refusal
from helpline.conversation.turn import Context, Effect
from helpline.menus.waves import occurrence_now
from helpline.records.engine import reading

ASKED_FOR = timedelta(minutes=30)  # so long a yes by text is an answer to what was asked

log = structlog.get_logger(__name__)


def look_up(consent: Consent, effect: Effect, context: Context) -> str:
    """What the caller is reminded of, and in a call nothing of it: anybody can call under another number.

    Who is reminded of nothing is asked next, and that they were asked is noted.
    """
    if not context.number:
        return "no_number"
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    key = effect_key(effect, context)
    return once(consent.engine, key, context.now, lambda connection: _looked_up(connection, consent, effect, context))


def show_data(consent: Consent, effect: Effect, context: Context) -> str:
    """What is kept. Never told in a call: anybody can call under another number."""
    if context.channel == "voice":
        return "by_text"
    if not context.number:
        return "nothing"
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    with reading(consent.engine).begin() as connection:
        _, active = active_of(connection, consent.fingerprint(context.number))
    return active.scope if active else "nothing"


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
            asked = open_question(connection, fingerprint)
    except (SQLAlchemyError, OSError, TooFarBehind) as error:
        log.warning("cannot tell whether somebody was asked", error=type(error).__name__)
        return ""
    return str(asked.language) if asked and now - asked.at <= ASKED_FOR else ""


def _looked_up(connection: Connection, consent: Consent, effect: Effect, context: Context) -> str:
    fingerprint = consent.fingerprint(context.number)
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    caller, active = active_of(connection, fingerprint)
    if caller and active:
        was_seen(connection, caller.id, context.now, effect.language)  # reminders speak the language of this page
        if context.channel == "voice":
            return "in_call"
        is_done = active.done == occurrence_now(consent.calendar(), context.now)
        return f"{active.scope}_done" if is_done else active.scope
    refused = refusal(context.number, context.channel)
    if refused:
        return refused
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
