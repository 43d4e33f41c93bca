"""Looking up what is active, for the caller: RAPPEL and DONNEES."""

from __future__ import annotations

from sqlalchemy import Connection

from helpline.consent.applying import apply_journal
from helpline.consent.caller_rows import active_of, is_blocked, was_seen
from helpline.consent.consent import Consent
from helpline.consent.once import effect_key, once, one_at_a_time
from helpline.consent.proof import record, sid_of
from helpline.consent.reach import refusal
from helpline.conversation.turn import Context, Effect
from helpline.records.engine import reading


def look_up(consent: Consent, effect: Effect, context: Context) -> str:
    """What the caller is reminded of. If of nothing, they are asked next, and that they were asked is noted."""
    if not context.number:
        return "no_number"
    apply_journal(consent.engine, consent.journal, context.now)
    key = effect_key(effect, context)
    return once(consent.engine, key, context.now, lambda connection: _looked_up(connection, consent, effect, context))


def show_data(consent: Consent, effect: Effect, context: Context) -> str:
    """What is kept. Never told in a call: anybody can call under another number."""
    if context.channel == "voice":
        return "by_text"
    if not context.number:
        return "nothing"
    apply_journal(consent.engine, consent.journal, context.now)
    with reading(consent.engine).begin() as connection:
        _, active = active_of(connection, consent.fingerprint(context.number))
    return active.scope if active else "nothing"


def _looked_up(connection: Connection, consent: Consent, effect: Effect, context: Context) -> str:
    fingerprint = consent.fingerprint(context.number)
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    caller, active = active_of(connection, fingerprint)
    if caller and active:
        was_seen(connection, caller.id, context.now, effect.language)  # reminders speak the language of this page
        return active.scope
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
    return "none"
