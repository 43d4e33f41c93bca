"""Noting what has a date of its own, such as an appointment: with its proof, and its reminders planned at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from helpline.consent.asked_in_call import is_refused
from helpline.consent.caller_rows import (
    caller_of,
    dated_subscriptions,
    drop_numbers,
    is_blocked,
    keep_caller,
    last_agreement,
    was_seen,
)
from helpline.consent.consent import Consent
from helpline.consent.extra_messages import plan_reply
from helpline.consent.items import ONE_OF_THEM, finish, item_of
from helpline.consent.kinds import queue_of
from helpline.consent.limits import count as count_one
from helpline.consent.once import effect_key, insert_new, once, one_at_a_time
from helpline.consent.own_lines import apply_own_lines
from helpline.consent.proof import record, sid_of
from helpline.consent.question import withdrew_elsewhere
from helpline.consent.reach import may_call, refusal, takes_texts
from helpline.conversation.turn import Context, Effect
from helpline.menus import gsm7
from helpline.menus.dated import moment_of, over_at, waves_left
from helpline.menus.dates import dated_values
from helpline.menus.shapes import Calendar, Channel, DatedKind
from helpline.menus.waves import Wave
from helpline.records.messages import move, want_again
from helpline.records.tables import callers, messages, objections, subscriptions

SIGNED_UP = "signed_up"  # why a message was called off: what it says is no longer true
_SOON = timedelta(hours=24)
_OPEN_WORDS = ("reminders", "day", "time")

log = structlog.get_logger(__name__)


def note(consent: Consent, effect: Effect, context: Context) -> str:
    """The caller wants to be reminded of a thing: what its form says, of the kind that the effect is of."""
    if not context.number:
        return "no_number"
    kind = consent.calendar().kinds.get(effect.of)
    occurrence = occurrence_of(kind, dict(effect.form)) if kind else ""
    if kind is None or not occurrence or not effect.shown or (context.channel == "voice" and context.spoken):
        log.error("nothing that could be noted", of=effect.of, key=context.key, agreed=bool(effect.shown))
        return "not_saved"
    if context.channel == "voice" and not may_call(context.number, consent.countries):
        return "no_text"
    # An older STOP that waits in the journal must not end what is agreed to now.
    apply_own_lines(consent, consent.fingerprint(context.number), context.now)
    return once(
        consent.engine,
        effect_key(effect, context),
        context.now,
        lambda connection: _noted(connection, consent, kind, occurrence, effect, context),
    )


def end_item(consent: Consent, effect: Effect, context: Context) -> str:
    """The caller ends one of the things that they are reminded of. By text only: a call never tells what is kept."""
    if not context.number or context.channel != "sms":
        return "not_saved"
    fingerprint = consent.fingerprint(context.number)
    apply_own_lines(consent, fingerprint, context.now)
    key = effect_key(effect, context)
    return once(consent.engine, key, context.now, lambda connection: _ended(connection, fingerprint, effect, context))


def occurrence_of(kind: DatedKind, form: Mapping[str, str]) -> str:
    """The date of a thing as text, from the answers to its questions; nothing if they do not say all of it."""
    if kind.asks == "day":
        occurrence = form.get("day", "")
    elif form.get("day") and form.get("time"):
        occurrence = f"{form['day']}T{form['time']}"
    else:
        occurrence = form.get("moment", "")
    has_time = "T" in occurrence
    return occurrence if moment_of(occurrence) and has_time == (kind.asks == "moment") else ""


def unfilled(shown: str, calendar: Calendar, kind: str, occurrence: str, context: Context, language: str) -> str:
    """The words that were answered without their dates: the proof keeps them once for everybody, and no date."""
    values = dated_values(calendar, kind, occurrence, context.now, language)
    for name in _OPEN_WORDS:
        value = values.get(name, "")
        for written in (value, gsm7.to_gsm7(value)) if value else ():
            shown = shown.replace(written, f"{{{name}}}")
    return shown


def _noted(
    connection: Connection, consent: Consent, kind: DatedKind, occurrence: str, effect: Effect, context: Context
) -> str:
    fingerprint, now, calendar = consent.fingerprint(context.number), context.now, consent.calendar()
    one_at_a_time(connection, fingerprint)
    if is_blocked(connection, fingerprint):
        return "blocked"
    channel = _reached_by(connection, consent, context)
    if channel == "sms" and (refused := refusal(context.number, context.channel, consent.countries)):
        return refused
    over = over_at(occurrence)
    if over is None or over <= now:
        return "past"
    in_call = context.channel == "voice"
    waves = waves_left(calendar, kind.name, occurrence, now, at_once=not in_call)
    if in_call:
        # Before anything that is kept is looked at: who calls under another's number learns nothing of it.
        if not waves:
            return "too_late"
        if is_refused(connection, fingerprint, now):
            return "too_many"
        count_one(connection, fingerprint, "reminders", now)
    caller = caller_of(connection, fingerprint)
    active = dated_subscriptions(connection, caller.id) if caller else ()
    if caller and any((other.kind, other.occurrence) == (kind.name, occurrence) for other in active):
        was_seen(connection, caller.id, now, effect.language)
        return _known(connection, caller.id, kind, occurrence, context, channel)
    if not waves:
        return "too_late"
    if sum(other.kind == kind.name for other in active) >= kind.most:
        return "too_many"
    if context.channel == "sms" and withdrew_elsewhere(connection, fingerprint, now):
        return "not_asked"
    kept = keep_caller(connection, fingerprint, consent.seals.seal(context.number), effect.language, now, channel)
    if not _plan(connection, kept, kind, occurrence, waves, channel, context):
        drop_numbers(connection, [kept])
        return "too_late"
    _begin(connection, kept, fingerprint, kind, occurrence, context)
    record(
        connection,
        "given",
        fingerprint,
        now,
        channel=context.channel,
        language=effect.language,
        kind=kind.name,
        shown=unfilled(effect.shown, calendar, kind.name, occurrence, context, effect.language),
        heard=effect.heard,
        sid=sid_of(context),
    )
    _welcome(connection, kept, kind, occurrence, context)
    return _saved(context, channel)


def _reached_by(connection: Connection, consent: Consent, context: Context) -> Channel:
    """By calls from a line that takes no texts, or where the caller chose them and has something that goes on.

    Who chose calls and notes something by text stays with calls: somebody may write for them. RAPPEL by text, and a
    yes to its question, is how they choose texts again.
    """
    number = context.number
    if context.channel == "voice" and not takes_texts(number):
        return "voice"
    caller = caller_of(connection, consent.fingerprint(number))
    by_call = caller is not None and caller.channel == "voice" and last_agreement(connection, caller.id)
    return "voice" if by_call else "sms"


def _saved(context: Context, channel: Channel) -> str:
    """Whether we say that we call. Not to who calls from a mobile: that somebody chose calls is told to nobody else."""
    tells = context.channel == "sms" or not takes_texts(context.number)
    return "saved_call" if channel == "voice" and tells else "saved"


def _known(
    connection: Connection, caller: int, kind: DatedKind, occurrence: str, context: Context, channel: Channel
) -> str:
    """Noted before. Whoever calls hears the same as everybody: anybody can call under another number."""
    if context.channel == "sms":
        return "known"
    _welcome(connection, caller, kind, occurrence, context)
    return _saved(context, channel)


def _welcome(connection: Connection, caller: int, kind: DatedKind, occurrence: str, context: Context) -> None:
    if context.channel == "voice" and takes_texts(context.number):
        plan_reply(connection, caller, "welcome", context.now, act=context.key, wave=kind.name, about=occurrence)


def _begin(
    connection: Connection, caller: int, fingerprint: str, kind: DatedKind, occurrence: str, context: Context
) -> None:
    connection.execute(delete(objections).where(objections.c.fingerprint == fingerprint))
    connection.execute(
        insert(subscriptions).values(
            caller_id=caller,
            kind=kind.name,
            occurrence=occurrence,
            at=moment_of(occurrence),
            scope="all",
            since=context.now,
        )
    )
    outdated = (messages.c.caller_id == caller, messages.c.kind == "stopped", messages.c.state == "planned")
    move(connection, "skipped", context.now, *outdated, reason=SIGNED_UP)


def _plan(
    connection: Connection,
    caller: int,
    kind: DatedKind,
    occurrence: str,
    waves: tuple[Wave, ...],
    channel: Channel,
    context: Context,
) -> int:
    """A message for each wave. One that was called off and never arrived is wanted again. How many are planned."""
    spread = connection.execute(select(callers.c.spread).where(callers.c.id == caller)).scalar_one()
    count = 0
    for wave in waves:
        which = {"caller_id": caller, "kind": kind.name, "occurrence": occurrence, "wave": wave.name}
        fresh = {
            "queue": queue_of(kind.name, channel),
            "due_at": _due(kind, occurrence, wave, spread),
            "not_after": wave.not_after,
        }
        row = [messages.c[name] == value for name, value in which.items()]
        if insert_new(connection, messages, **which, **fresh, state="planned", changed_at=context.now):
            count += 1
        elif want_again(connection, context.now, *row):
            connection.execute(update(messages).where(*row).values(**fresh))
            count += 1
    return count


def _due(kind: DatedKind, occurrence: str, wave: Wave, spread: int) -> object:
    """At its beginning where the thing is near or time is short; else over the day, by who the caller is."""
    thing = moment_of(occurrence)
    leaves = next((rule.leaves for rule in kind.waves if rule.name == wave.name), timedelta())
    if leaves or (thing is not None and thing - wave.begins <= _SOON):
        return wave.begins
    return wave.moment(spread)


def _ended(connection: Connection, fingerprint: str, effect: Effect, context: Context) -> str:
    one_at_a_time(connection, fingerprint)
    caller = caller_of(connection, fingerprint)
    item = item_of(connection, caller.id, effect.item) if caller else None
    if caller is None or item is None:
        return "gone"
    finish(connection, caller, item, effect, context, fingerprint, ONE_OF_THEM)
    return "ended"
