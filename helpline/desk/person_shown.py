"""What is kept of somebody in the words of the desk: pure, from what the database has to lines of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date

from helpline.consent.consent import KIND
from helpline.consent.kept import Kept, KeptMessage, KeptRequest, KeptSubscription, Proof
from helpline.consent.kinds import is_dated
from helpline.desk.language import Words
from helpline.records.messages import AGAIN

MOST = 20  # messages, and steps of the proof, on a page; the file has all
_ASKED_THEM = frozenset({"sms", "voice"})  # of the channels of the proof
_SIGNED = "signed "  # as an invitation notes the day of a form
_ARRIVED = frozenset({"delivered"})
_LOST = frozenset({"undelivered", "failed", "expired", "unknown"})


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is known, and what it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the proof: when, what, how, the words that were shown, and the carrier's id of the text or call."""

    at: datetime
    what: str
    how: str
    words: str
    language: str
    sid: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One text or call and where it stands. `level`: well, fails, or neither."""

    due: datetime
    what: str
    state: str
    level: str
    sid: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody, as a page tells of them. `messages`: the newest first. `has_what_goes`: there is something to erase."""

    is_known: bool
    has_what_goes: bool
    is_reminded: bool
    objects: bool
    facts: tuple[Line, ...]
    active: tuple[Line, ...]
    ended: tuple[Line, ...]
    steps: tuple[Step, ...]
    messages: tuple[Sent, ...]
    left_out: int = 0
    older: int = 0

    @property
    def has_gaps(self) -> bool:
        """Whether the proof has words from which a date was taken out."""
        return any("{" in step.words for step in self.steps)


def person_shown(kept: Kept, t: Words, most: int | None = MOST) -> Shown:
    """All of it, or of messages and proof the last `most`."""
    steps = kept.proofs[-most:] if most else kept.proofs
    messages = kept.messages[-most:] if most else kept.messages
    return Shown(
        is_known=not kept.is_nothing,
        has_what_goes=kept.has_what_goes,
        is_reminded=kept.is_reminded,
        objects=kept.objection_since is not None,
        facts=tuple(_facts(kept, t)),
        active=tuple(_active(one, t) for one in kept.subscriptions if one.ended_at is None),
        ended=tuple(_ended(one, one.ended_at, t) for one in reversed(kept.subscriptions) if one.ended_at),
        steps=tuple(_step(proof, t) for proof in steps),
        messages=tuple(_message(message, t) for message in reversed(messages)),
        left_out=len(kept.proofs) - len(steps),
        older=len(kept.messages) - len(messages),
    )


def language_of(kept: Kept) -> str:
    """The language that they use with us: the one that is kept, else that of what they said or asked for."""
    said = [proof.language for proof in kept.proofs] + [asked.language for asked in kept.call_requests]
    return kept.language or next((language for language in reversed(said) if language), "")


def reason_in_words(reason: str, t: Words) -> str:
    """Why something ended, was called off or did not arrive. A code of the carrier's keeps its number."""
    if reason.startswith(f"{AGAIN} "):
        return t("person.again", reason=reason_in_words(reason.removeprefix(f"{AGAIN} "), t))
    name = f"person.reason_{reason.replace(' ', '_').replace('-', '_')}"
    known = t(name) if name in t.texts else ""
    if reason.isdecimal():
        return f"{known} ({reason})" if known else t("person.carrier_code", code=reason)
    return known or reason


def _facts(kept: Kept, t: Words) -> Iterator[Line]:
    if kept.created_at:
        yield Line(t("person.language"), _language(kept.language, t))
        yield Line(t("person.reached"), t("person.by_call" if kept.channel == "voice" else "person.by_text"))
        yield Line(t("person.number"), t("person.number_kept" if kept.number_sealed else "person.number_gone"))
        yield Line(t("person.first_seen"), t.moment(kept.created_at))
    if kept.last_seen:
        yield Line(t("person.last_seen"), t.moment(kept.last_seen))
    for paper in kept.invitations:
        when = t.moment(paper.invited_at)
        signed = _day(paper.signed_on, t)
        told = t("person.invited_by_form", when=when, form=paper.form, signed=signed) if paper.form else when
        yield Line(t("person.invited"), told)
    for asked in kept.call_requests:
        yield Line(t("person.call_request"), _call_request(asked, t))
    if kept.objection_since:
        why = reason_in_words(kept.objection_reason, t)
        yield Line(t("person.objection"), t("person.since_because", since=t.moment(kept.objection_since), why=why))
    if kept.blocked_since:
        yield Line(t("person.block"), t("person.blocked_since", since=t.moment(kept.blocked_since)))


def _call_request(asked: KeptRequest, t: Words) -> str:
    told = t("person.asked_at", when=t.moment(asked.asked_at), state=t(f"person.request_{asked.state}"))
    if asked.tries:
        told = f"{told} {t('person.tries', count=asked.tries)}"
    return f"{told} {t('person.request_number')}" if asked.number_sealed else told


def _active(one: KeptSubscription, t: Words) -> Line:
    since = t.moment(one.since)
    if one.kind != KIND:
        return Line(kind_in_words(one.kind, t), t("person.noted", what=_day(one.occurrence, t), when=since))
    told = t(f"person.scope_{one.scope}", since=since)
    if one.done:
        told = f"{told} {t('person.done', month=_month(one.done, t))}"
    return Line(kind_in_words(one.kind, t), told)


def _ended(one: KeptSubscription, ended: datetime, t: Words) -> Line:
    why = reason_in_words(one.end_reason or "?", t)
    told = t("person.ended", since=t.moment(one.since), ended=t.moment(ended), why=why)
    name = kind_in_words(one.kind, t)
    return Line(f"{name}, {_day(one.occurrence, t)}" if one.occurrence else name, told)


def _step(proof: Proof, t: Words) -> Step:
    what = t(f"person.event_{proof.event}")
    about = [kind_in_words(proof.kind, t)]
    if proof.scope and proof.kind == KIND:
        about.append(t(f"person.short_scope_{proof.scope}"))
    how = [t(f"person.channel_{proof.channel}")]
    if proof.language:
        how.append(_language(proof.language, t))
    how.append(_heard(proof, t))
    told = " · ".join(part for part in how if part)
    return Step(proof.at, f"{what} ({', '.join(about)})", told, proof.text, proof.language, proof.sid)


def _heard(proof: Proof, t: Words) -> str:
    """What it came by: "answered 1"; where it was not that person who said something, why it is so."""
    if proof.channel in _ASKED_THEM:
        name = "person.asked_after" if proof.event == "asked" else "person.heard"
        return t(name, heard=proof.heard) if proof.heard else ""
    if proof.heard.startswith(_SIGNED):
        return t("person.signed", day=_day(proof.heard.removeprefix(_SIGNED), t))
    return reason_in_words(proof.heard, t) if proof.heard != proof.channel else ""


def _message(message: KeptMessage, t: Words) -> Sent:
    what = kind_in_words(message.kind, t)
    if message.kind == KIND:
        what = f"{what}, {_month(message.occurrence, t)}"
    elif is_dated(message.kind):
        what = f"{what}, {_day(message.occurrence, t)}"
    if message.wave and (message.kind == KIND or is_dated(message.kind)):
        what = f"{what} ({wave_in_words(message.wave, t)})"
    if message.channel == "voice":
        what = f"{what}, {t('person.by_call')}"
    state = t(f"person.state_{message.state}")
    if message.reason:
        state = t("person.state_because", state=state, why=reason_in_words(message.reason, t))
    return Sent(message.due_at, what, state, _level(message.state), message.sid)


def _level(state: str) -> str:
    return "well" if state in _ARRIVED else "fails" if state in _LOST else ""


def kind_in_words(kind: str, t: Words) -> str:
    """What something is about. A kind that was added to kinds.yaml goes by its name."""
    return _named("person.kind_", kind, t)


def wave_in_words(wave: str, t: Words) -> str:
    """Which of the reminders of one thing."""
    return _named("person.wave_", wave, t)


def _named(beginning: str, name: str, t: Words) -> str:
    return t(f"{beginning}{name}") if f"{beginning}{name}" in t.texts else name.replace("_", " ").capitalize()


def _language(code: str, t: Words) -> str:
    try:
        return Locale.parse(code).get_language_name(t.language) or code
    except (UnknownLocaleError, ValueError):
        return code


def _day(occurrence: str, t: Words) -> str:
    """2026-12-11 or 2026-12-11T14:30, as people write it. Anything else as it is."""
    day, _, time = occurrence.partition("T")
    try:
        told = t.day(date.fromisoformat(day))
    except ValueError:
        return occurrence
    return t("person.at_time", day=told, time=time) if time else told


def _month(occurrence: str, t: Words) -> str:
    """2026-11 as "novembre 2026"."""
    try:
        first = date.fromisoformat(f"{occurrence}-01")
    except ValueError:
        return occurrence
    return format_date(first, "MMMM y", locale=t.language)
