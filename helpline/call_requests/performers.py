"""What callers ask for: a person, now or later, or not after all. They get an answer whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog
from sqlalchemy import Connection

from helpline.call_requests.asking import ask, withdraw
from helpline.call_requests.opening import is_somebody_there
from helpline.call_requests.rules import Rules
from helpline.consent.once import effect_key, once
from helpline.consent.own_lines import apply_own_lines
from helpline.conversation.turn import Context, Effect, Outcome, Perform

FAILED = "not_saved"
DIAL = "dial"

Act = Callable[[Rules, Effect, Context], str]

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
        return once(rules.consent.engine, effect_key(effect, context), context.now, lambda connection: DIAL)
    except Exception as error:
        log.warning("called without the database", key=context.key, error=type(error).__name__)
        return DIAL


def _noted(rules: Rules, effect: Effect, context: Context) -> str:
    if not context.number:
        return "withheld"
    if context.number in rules.own_numbers:
        return "not_allowed"
    consent = rules.consent
    # An older STOP that waits in the journal must not take back what is asked for now.
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)

    def act(connection: Connection) -> str:
        asked = ask(connection, consent, context.number, effect.language, context.channel, context.now)
        # Anybody can call under another's number: in a call nobody learns whether something is noted of it.
        return "requested" if asked == "known" and context.channel == "voice" else asked

    return once(consent.engine, effect_key(effect, context), context.now, act)


def _cancelled(rules: Rules, effect: Effect, context: Context) -> str:
    if not context.number:
        return "nothing"
    fingerprint = rules.consent.fingerprint(context.number)

    def act(connection: Connection) -> str:
        was_open = withdraw(connection, fingerprint, context.now)
        return "cancelled" if was_open or context.channel == "voice" else "nothing"

    return once(rules.consent.engine, effect_key(effect, context), context.now, act)


_ACTS: Mapping[str, Act] = {"person": _person, "person_missed": _noted, "person_cancel": _cancelled}
