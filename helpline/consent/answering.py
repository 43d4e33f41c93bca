"""What callers answer: no to the question of consent; done and keep to reminders; START after the carrier's block."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from helpline.consent.caller_rows import active_of, was_seen
from helpline.consent.consent import KIND, Consent
from helpline.consent.once import effect_key, once, one_at_a_time
from helpline.consent.own_lines import apply_own_lines
from helpline.consent.proof import sid_of
from helpline.consent.question import open_question, refuse
from helpline.conversation.turn import Context, Effect
from helpline.menus.waves import occurrence_now
from helpline.records.engine import reading
from helpline.records.messages import move
from helpline.records.tables import carrier_blocks, messages, subscriptions


def done(consent: Consent, effect: Effect, context: Context) -> str:
    """The update is made: no more reminders of this month's."""
    if not context.number:
        return "nothing"
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    key = effect_key(effect, context)
    return once(consent.engine, key, context.now, lambda connection: _done(connection, consent, context))


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


def _done(connection: Connection, consent: Consent, context: Context) -> str:
    fingerprint, now = consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    caller, active = active_of(connection, fingerprint)
    if caller is None or active is None:
        return "nothing"
    occurrence = occurrence_now(consent.calendar(), now)
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
