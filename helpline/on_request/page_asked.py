"""Send me this by SMS: the page that a caller hears goes to their phone as a text."""

from __future__ import annotations

import structlog
from sqlalchemy import Connection

from helpline.consent.asked_pages import occurrence_of
from helpline.consent.caller_rows import caller_of, is_blocked
from helpline.consent.daily_budget import left
from helpline.consent.limits import count, too_often
from helpline.consent.objecting import objects
from helpline.consent.once import effect_key, once, one_at_a_time
from helpline.consent.own_lines import apply_own_lines
from helpline.conversation.turn import Context, Effect
from helpline.menus.dates import today_in_paris
from helpline.on_request.numbers import no_text_to
from helpline.on_request.pages import as_text, read_place
from helpline.on_request.planning import is_planned, plan
from helpline.on_request.rules import Rules

log = structlog.get_logger(__name__)


def send_page(rules: Rules, effect: Effect, context: Context) -> str:
    """The outcome by name. Whose number cannot get it learns why, before anything is written down."""
    if not context.number:
        return "withheld"
    refused = no_text_to(context.number, rules.countries)
    if refused or context.number in rules.own_numbers:
        return refused or "not_allowed"
    heard = read_place(effect.item)
    page = as_text(rules.prompts(), heard, effect.language) if heard else None
    occurrence = occurrence_of(page, effect_key(effect, context)) if page else ""
    if not occurrence:
        log.error("a page that is not sent was asked for", item=effect.item, key=context.key)
        return "not_saved"
    consent = rules.consent
    # An older STOP that waits in the journal must not call off what is asked for now.
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)

    def act(connection: Connection) -> str:
        return _planned(connection, rules, effect, context, occurrence)

    return once(consent.engine, effect_key(effect, context), context.now, act)


def _planned(connection: Connection, rules: Rules, effect: Effect, context: Context, occurrence: str) -> str:
    fingerprint, now = rules.consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    caller = caller_of(connection, fingerprint)
    if caller and is_planned(connection, caller.id, "page", occurrence):
        return "sent"
    if objects(connection, fingerprint, by_text=context.channel == "sms"):
        return "not_allowed"
    if left(connection, today_in_paris(now), rules.messages_a_day).holds("page"):
        return "not_saved"
    if too_often(connection, fingerprint, "page", now):
        return "too_many"
    count(connection, fingerprint, "page", now)
    plan(connection, rules.consent, caller, context.number, effect.language, "page", occurrence, now, due=now)
    return "sent"
