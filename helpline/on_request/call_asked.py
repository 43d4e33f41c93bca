"""Call me back: the text APPEL or CALL, or a call that rang and was hung up, is answered by a call of ours."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from helpline.consent.asked_pages import LONGEST_OCCURRENCE
from helpline.consent.caller_rows import Caller, caller_of, drop_numbers
from helpline.consent.daily_budget import left
from helpline.consent.limits import count, give_back, too_often
from helpline.consent.objecting import objects
from helpline.consent.once import effect_key, once, one_at_a_time
from helpline.consent.own_lines import apply_own_lines
from helpline.consent.proof import sid_of
from helpline.consent.reach import may_call
from helpline.conversation.turn import Context, Effect
from helpline.menus.dates import today_in_paris
from helpline.on_request.budget import spend_call
from helpline.on_request.planning import is_planned, plan
from helpline.on_request.rules import Rules
from helpline.records.engine import reading
from helpline.records.messages import move
from helpline.records.tables import callers, messages

MISSED = "missed"  # in the key of the effect: a call that rang and was hung up
ANSWERED = "answered"  # why a call back was called off
AFTER_HANGING_UP = timedelta(minutes=1)  # who asks for it in a call must end that one first

log = structlog.get_logger(__name__)


def call_back(rules: Rules, effect: Effect, context: Context) -> str:
    """The outcome by name."""
    if not rules.calls_back:
        return "off"
    if not context.number:
        return "no_number"
    due = context.now + AFTER_HANGING_UP if context.channel == "voice" else context.now
    key, act = effect_key(effect, context), sid_of(context)
    return _asked(rules, context.number, effect.language, key, act, context.now, due, by_text=context.channel == "sms")


def call_back_missed(rules: Rules, sid: str, number: str, now: datetime) -> str:
    """The same for a call that was not answered, once for each, in the language that was last spoken."""
    if not (rules.calls_back and number and sid):
        return "off"
    language = rules.language_of(rules.consent.fingerprint(number))
    return _asked(rules, number, language, f"{sid}.{MISSED}", sid, now, now, by_text=False)


def call_off(rules: Rules, sid: str, number: str, now: datetime) -> None:
    """Somebody was answered meanwhile: a call still planned would only puzzle them. Not one asked for in that call."""
    if not (rules.calls_back and number):
        return
    fingerprint = rules.consent.fingerprint(number)
    planned = (messages.c.kind == "call_back", messages.c.state == "planned", messages.c.occurrence != sid)
    columns = (messages.c.id, messages.c.caller_id, messages.c.due_at, messages.c.tries)
    of_caller = select(*columns).join_from(messages, callers).where(callers.c.fingerprint == fingerprint, *planned)
    with reading(rules.consent.engine).connect() as connection:
        if connection.execute(of_caller).first() is None:
            return
    with rules.consent.engine.begin() as connection:
        one_at_a_time(connection, fingerprint)
        for message in connection.execute(of_caller).all():
            # Unless a worker has taken it meanwhile.
            if move(connection, "skipped", now, messages.c.id == message.id, *planned, reason=ANSWERED):
                if message.tries == 0:  # until a try it is due when it was asked for, or a minute later
                    asked = (message.due_at - AFTER_HANGING_UP, message.due_at)
                    give_back(connection, fingerprint, "call_back", *asked)
                drop_numbers(connection, [message.caller_id])


def _asked(
    rules: Rules, number: str, language: str, key: str, act: str, now: datetime, due: datetime, by_text: bool
) -> str:
    if number in rules.own_numbers or not may_call(number, rules.countries):
        return "not_allowed"
    consent = rules.consent
    fingerprint = consent.fingerprint(number)
    # An older STOP that waits in the journal must not call off what is asked for now.
    apply_own_lines(consent, fingerprint, now)
    occurrence = (act or now.isoformat(timespec="seconds"))[:LONGEST_OCCURRENCE]
    is_last = False

    def plan_it(connection: Connection) -> str:
        nonlocal is_last
        one_at_a_time(connection, fingerprint)
        caller = caller_of(connection, fingerprint)
        if caller and is_planned(connection, caller.id, "call_back", occurrence):
            return "calling"
        if objects(connection, fingerprint, by_text):
            return "not_allowed"
        if refused := too_often(connection, fingerprint, "call_back", now):
            return refused
        if left(connection, today_in_paris(now), rules.messages_a_day).holds("call_back"):
            return "budget"
        spent = spend_call(connection, today_in_paris(now), rules.calls_a_day, now)
        if spent == "spent":
            return "budget"
        is_last = spent == "last"
        count(connection, fingerprint, "call_back", now)
        speaks = _language(rules, caller, language)
        plan(connection, consent, caller, number, speaks, "call_back", occurrence, now, due)
        return "calling"

    outcome = once(consent.engine, key, now, plan_it)
    if is_last:
        consent.alert(
            f"The {rules.calls_a_day} call backs of today (CALL_BACKS_A_DAY) are spent: nobody else is called back "
            "before midnight."
        )
    return outcome


def _language(rules: Rules, caller: Caller | None, spoken: str) -> str:
    """The one spoken now or last; else that of the caller's row; else the line's first."""
    languages = rules.prompts().languages
    known = (spoken, caller.language if caller else "")
    return next((language for language in known if language in languages), languages[0])
