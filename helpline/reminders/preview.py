"""What a wave will be, before it goes: for how many, when, in which language, at what cost; and who gets nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from helpline.consent.consent import KIND
from helpline.menus import gsm7
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, next_wave, waves_between
from helpline.menus.windows import PARIS
from helpline.records.columns import Moment
from helpline.records.tables import callers, carrier_blocks, messages, objections, subscriptions
from helpline.reminders.figures import of_wave
from helpline.reminders.planning import due_at, is_for
from helpline.reminders.words import NoWords, said, words

_DAY = timedelta(days=1)
_HOUR = 3600
_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class InLanguage:
    """The messages of one language: how many, their words, and how many segments each is billed as.

    Without words `fault` says why.
    """

    language: str
    count: int
    text: str
    segments: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a wave will be. `hours`: how many messages in each hour; `not_sent`: for whom it is not, by reason.

    `languages` are of the texts; `calls` counts those that go by call, and `call_faults` says what has no words there.
    """

    wave: Wave
    languages: tuple[InLanguage, ...]
    first: datetime | None
    last: datetime | None
    hours: Mapping[datetime, int]
    gone: int
    not_sent: Mapping[str, int]
    price: Decimal
    calls: int = 0
    call_faults: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return sum(each.count for each in self.languages) + self.calls

    @property
    def segments(self) -> int:
        return sum(each.count * each.segments for each in self.languages)

    @property
    def cost(self) -> Decimal:
        """In euros."""
        return self.segments * self.price

    @property
    def faults(self) -> tuple[str, ...]:
        return (*(each.fault for each in self.languages if each.fault), *self.call_faults)


def waves_on(calendar: Calendar, day: date) -> tuple[Wave, ...]:
    """The waves of a day; where there is none, the next one."""
    begins = datetime.combine(day, time(0), PARIS)
    found = waves_between(calendar, begins, datetime.combine(day + _DAY, time(0), PARIS))
    return found or (next_wave(calendar, begins, "all"),)


def preview(connection: Connection, prompts: Prompts, wave: Wave, price: Decimal) -> Preview:
    """What a wave will be, as of now. Who asks for reminders until it begins comes on top."""
    seconds = due_at(wave) - int(wave.begins.timestamp())
    rows = connection.execute(_to_go(wave, seconds)).all()
    counts: dict[str, int] = {}
    called: dict[str, int] = {}
    hours: dict[datetime, int] = {}
    for row in rows:
        by = called if row.channel == "voice" else counts
        by[row.language] = by.get(row.language, 0) + row.people
        hour = wave.begins + timedelta(hours=row.hour)
        hours[hour] = hours.get(hour, 0) + row.people
    return Preview(
        wave=wave,
        languages=tuple(in_language(prompts, wave, code, count) for code, count in sorted(counts.items())),
        first=min((row.first for row in rows), default=None),
        last=max((row.last for row in rows), default=None),
        hours=dict(sorted(hours.items())),
        gone=connection.scalar(select(func.count()).where(of_wave(wave), messages.c.tries > 0)) or 0,
        not_sent=_not_sent(connection, wave),
        price=price,
        calls=sum(called.values()),
        call_faults=tuple(fault for code in sorted(called) if (fault := _call_fault(prompts, wave, code))),
    )


def _to_go(wave: Wave, seconds: ColumnElement[Any]) -> Select[Any]:
    """Everybody who gets the wave, planned already or not, by language and hour."""
    planned = and_(of_wave(wave), messages.c.caller_id == subscriptions.c.caller_id)
    due = func.coalesce(messages.c.due_at, int(wave.begins.timestamp()) + seconds, type_=Moment)
    hour = seconds // _HOUR
    return (
        select(
            callers.c.language,
            callers.c.channel,
            hour.label("hour"),
            func.count().label("people"),
            func.min(due, type_=Moment).label("first"),
            func.max(due, type_=Moment).label("last"),
        )
        .join_from(subscriptions, callers, callers.c.id == subscriptions.c.caller_id)
        .outerjoin(messages, planned)
        .where(is_for(wave), or_(messages.c.id.is_(None), messages.c.state == "planned"), ~refused())
        .group_by(callers.c.language, callers.c.channel, hour)
    )


def refused() -> ColumnElement[bool]:
    """Callers whom nothing may go to: the carrier lets nothing through, or they objected."""
    blocked = select(carrier_blocks.c.fingerprint).where(carrier_blocks.c.fingerprint == callers.c.fingerprint)
    objected = select(objections.c.fingerprint).where(objections.c.fingerprint == callers.c.fingerprint)
    return or_(blocked.exists(), objected.exists())


def _not_sent(connection: Connection, wave: Wave) -> dict[str, int]:
    """For whom the wave is not, by reason: done, stopped lately, chose another reminder, blocked."""
    active = and_(subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None), subscriptions.c.since < wave.begins)
    wanted = [] if wave.for_last else [subscriptions.c.scope == "all"]
    one_only = [] if wave.for_last else [active, subscriptions.c.scope != "all"]
    found = {
        "done": _count(connection, active, *wanted, subscriptions.c.done == wave.occurrence),
        "last_only": _count(connection, *one_only) if one_only else 0,
        "blocked": _count(connection, is_for(wave), refused()),
    }
    ended = select(subscriptions.c.end_reason, func.count()).where(
        subscriptions.c.kind == KIND,
        subscriptions.c.ended_at >= wave.begins - _MONTH,
        subscriptions.c.since < wave.begins,
    )
    for reason, count in connection.execute(ended.group_by(subscriptions.c.end_reason)):
        found[f"ended: {reason}"] = count
    return {reason: count for reason, count in found.items() if count}


def _count(connection: Connection, *where: ColumnElement[bool]) -> int:
    joined = select(func.count()).join_from(subscriptions, callers, callers.c.id == subscriptions.c.caller_id)
    return connection.scalar(joined.where(*where)) or 0


def _call_fault(prompts: Prompts, wave: Wave, language: str) -> str:
    try:
        said(prompts, KIND, wave.name, wave.occurrence, language, wave.begins, "voice")
    except NoWords as error:
        return str(error)
    return ""


def in_language(prompts: Prompts, wave: Wave, language: str, count: int) -> InLanguage:
    """The texts of a wave in one language, for so many people."""
    try:
        text, _ = words(prompts, KIND, wave.name, language, wave.begins)
    except NoWords as error:
        return InLanguage(language, count, "", 0, str(error))
    return InLanguage(language, count, text, gsm7.segments(text))
