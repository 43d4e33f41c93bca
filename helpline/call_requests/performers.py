"""What callers ask for: a person, now or later, or not after all. They get an answer whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog
from sqlalchemy import Connection, select

from helpline.call_requests.asking import ask, withdraw
from helpline.call_requests.dialling import call_of, may_ring
from helpline.call_requests.opening import is_somebody_there
from helpline.call_requests.rules import Rules
from helpline.consent.consent import Consent
from helpline.consent.once import effect_key, insert_new, once
from helpline.consent.own_lines import apply_own_lines
from helpline.conversation.turn import Context, Effect, Outcome, Perform
from helpline.records.tables import effects

FAILED = "not_saved"
DIAL = "dial"

Act = Callable[[Rules, Effect, Context], str]
Rings = Callable[[Connection, Consent, Context], bool]

log = structlog.get_logger(__name__)


def performers(rules: Rules) -> dict[str, Perform]:
    """Every effect by its name."""
    return {name: partial(_answered, act, rules) for name, act in _ACTS.items()}


def _answered(act: Act, rules: Rules, effect: Effect, context: Context) -> Outcome:
    try:
        outcome = act(rules, effect, context)
    except Exception as error:
        # As in `consent/performers.py`: what may have been done all the same was asked for, and is not done twice.
        log.error("effect failed", effect=effect.name, key=context.key, error=type(error).__name__)
        outcome = FAILED
    else:
        log.info("effect", effect=effect.name, key=context.key, outcome=outcome)
    return Outcome(outcome)


def _person(rules: Rules, effect: Effect, context: Context) -> str:
    """In a call, while somebody is there, they are called at once; otherwise it is noted. Calling needs no database."""
    calendar = rules.consent.calendar()
    if context.channel != "voice" or not rules.adviser or not is_somebody_there(calendar, context.now):
        return _noted(rules, effect, context)
    try:
        return _once(rules, effect, context, may_ring)
    except Exception as error:
        log.warning("called without the database", key=context.key, error=type(error).__name__)
        if rules.rung.may_ring(context):
            return DIAL
        raise


def _noted(rules: Rules, effect: Effect, context: Context) -> str:
    # What keeps everybody from being called is known without the database.
    return _why_not(rules, context) or _once(rules, effect, context, lambda *_: False)


def _once(rules: Rules, effect: Effect, context: Context, rings: Rings) -> str:
    """Ring the adviser's phone, or else note who is to be called."""
    consent = rules.consent
    if context.number:
        # An older STOP that waits in the journal must not take back what is asked for now.
        apply_own_lines(consent, consent.fingerprint(context.number), context.now)

    def act(connection: Connection) -> str:
        if rings(connection, consent, context):
            return DIAL
        return _why_not(rules, context) or _note(connection, rules, effect, context)

    return once(consent.engine, effect_key(effect, context), context.now, act)


def _why_not(rules: Rules, context: Context) -> str:
    if not context.number:
        return "withheld"
    return "not_allowed" if context.number in rules.own_numbers else ""


def _note(connection: Connection, rules: Rules, effect: Effect, context: Context) -> str:
    asked = ask(connection, rules.consent, context.number, effect.language, context.channel, context.now)
    if context.channel != "voice":
        return asked
    if asked == "requested" and call_of(context):
        insert_new(connection, effects, key=_noted_key(context), outcome="", at=context.now)
    # Anybody can call under another's number: in a call nobody learns whether something is noted of it.
    return "requested" if asked == "known" else asked


def _cancelled(rules: Rules, effect: Effect, context: Context) -> str:
    if not context.number:
        return "nothing"
    fingerprint = rules.consent.fingerprint(context.number)

    def by_text(connection: Connection) -> str:
        return "cancelled" if withdraw(connection, fingerprint, context.now) else "nothing"

    def by_call(connection: Connection) -> str:
        # Only what this very call has noted, for the same reason; the words are the same.
        noted_at = connection.scalar(select(effects.c.at).where(effects.c.key == _noted_key(context)))
        if noted_at is not None:
            withdraw(connection, fingerprint, context.now, until=noted_at)
        return "cancelled"

    act = by_call if context.channel == "voice" else by_text
    return once(rules.consent.engine, effect_key(effect, context), context.now, act)


def _noted_key(context: Context) -> str:
    return f"{call_of(context)}.noted"


_ACTS: Mapping[str, Act] = {"person": _person, "person_missed": _noted, "person_cancel": _cancelled}
