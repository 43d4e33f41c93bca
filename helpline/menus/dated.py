"""When we remind of what has a date of its own: an appointment, a paper that ends.

Pure: the calendar, the thing's date and the moment come in. The monthly update is in `waves.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from helpline.menus.shapes import Calendar, DatedWave
from helpline.menus.waves import Wave, is_allowed, next_allowed
from helpline.menus.windows import PARIS

WORTH_SENDING = timedelta(hours=1)  # so much time must be left for one that has begun to go to who asks only now
# One that begins when just enough time is left before the thing has so long to get out.
_TIME_TO_GO = timedelta(minutes=30)
_DAY = timedelta(days=1)
_LONGEST_REST = 30
_YEARS = range(2000, 2200)


def moment_of(occurrence: str) -> datetime | None:
    """When a thing is: '2026-12-12T14:30'. Of '2026-12-12' the beginning of that day, of '2027-03' of its first."""
    try:
        found = datetime.fromisoformat(f"{occurrence}-01" if len(occurrence) == len("2027-03") else occurrence)
    except ValueError:
        return None
    if found.tzinfo is not None or found.year not in _YEARS:
        return None
    return found.replace(tzinfo=PARIS)


def over_at(occurrence: str) -> datetime | None:
    """When a thing is over: at its moment, or with its day where no time is known."""
    found = moment_of(occurrence)
    return found if found is None or _has_time(occurrence) else found + _DAY


def dated_waves(calendar: Calendar, kind: str, occurrence: str) -> tuple[Wave, ...]:
    """The days on which we remind of a thing, in their order; none for a kind or a date that is no longer known.

    Each goes until the next one begins, and the last one until the end of the last hours before the day of the thing.
    What comes on that day goes only while enough time is left.
    """
    thing, over = moment_of(occurrence), over_at(occurrence)
    rules = calendar.kinds.get(kind)
    if thing is None or over is None or rules is None:
        return ()
    waves: list[Wave] = []
    for day, rule in _days(calendar, thing.date(), rules.waves):
        wave = _wave(calendar, occurrence, day, rule, over)
        if wave is None:
            continue
        if waves:
            ends = min(waves[-1].not_after, wave.begins)
            waves[-1] = replace(waves[-1], not_after=ends, spread_until=min(waves[-1].spread_until, ends))
        waves.append(wave)
    return tuple(waves)


def waves_left(
    calendar: Calendar, kind: str, occurrence: str, now: datetime, *, at_once: bool = True
) -> tuple[Wave, ...]:
    """What can still go to who asks now: all that begin later; where none does, the last one, if it is worth it.

    That one then begins now, or with the next hours in which we may write. Not `at_once`: none that has begun goes, as
    for who asks in a call. Anybody can call under another's number, and would choose what that number gets, and when.
    """
    waves = dated_waves(calendar, kind, occurrence)
    ahead = tuple(wave for wave in waves if wave.begins > now)
    if ahead or not waves or not at_once:
        return ahead
    last, begins = waves[-1], next_allowed(calendar, now)
    if last.not_after - begins <= WORTH_SENDING:
        return ()
    return (replace(last, begins=begins, spread_until=begins),)


def dated_wave(calendar: Calendar, kind: str, occurrence: str, name: str) -> Wave | None:
    """The wave of that name; none if there is none."""
    return next((wave for wave in dated_waves(calendar, kind, occurrence) if wave.name == name), None)


def _days(calendar: Calendar, thing: date, rules: tuple[DatedWave, ...]) -> list[tuple[date, DatedWave]]:
    """The days before the thing, or the thing's own. Rules that meet on a day are the later rule's."""
    days: list[tuple[date, DatedWave]] = []
    for rule in rules:
        day = _day(calendar, thing, rule)
        if day is None:
            continue
        while days and days[-1][0] >= day:
            days.pop()
        days.append((day, rule))
    return days


def _day(calendar: Calendar, thing: date, rule: DatedWave) -> date | None:
    """The allowed day for a rule. What says "today" goes on no other day."""
    wanted = thing - timedelta(days=rule.days_before)
    if is_allowed(calendar.hours, wanted):
        return wanted
    if rule.days_before == 0:
        return None
    steps = (_DAY, -_DAY) if rule.if_closed == "next" else (-_DAY,)
    for step in steps:
        day = next((day for day in _from(wanted, step) if is_allowed(calendar.hours, day)), None)
        if day is not None and day < thing:
            return day
    return None


def _wave(calendar: Calendar, occurrence: str, day: date, rule: DatedWave, over: datetime) -> Wave | None:
    """None where too little time is left before the thing when it would begin."""
    hours = calendar.hours
    begins, latest = _at(day, hours.begins), over - rule.leaves
    if begins > latest or begins >= over:
        return None
    thing = (over if _has_time(occurrence) else over - _DAY).date()
    last_day = day if rule.days_before == 0 else _last_day_before(calendar, thing, day)
    not_after = min(_at(last_day, hours.ends), max(latest, begins + _TIME_TO_GO), over)
    return Wave(
        name=rule.name,
        occurrence=occurrence,
        begins=begins,
        spread_until=min(_at(day, hours.spread_until), not_after),
        not_after=not_after,
        deadline=thing,
        for_last=True,
    )


def _last_day_before(calendar: Calendar, thing: date, day: date) -> date:
    """The last allowed day before that of the thing, `day` or a later one."""
    for found in _from(thing - _DAY, -_DAY):
        if found <= day or is_allowed(calendar.hours, found):
            return max(found, day)
    return day


def _from(day: date, step: timedelta) -> Iterator[date]:
    return (day + step * count for count in range(_LONGEST_REST))


def _has_time(occurrence: str) -> bool:
    return "T" in occurrence


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, PARIS)
