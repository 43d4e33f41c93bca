"""When we remind: the waves of each monthly update, and the hours in which we may write to people unasked.

Pure: the calendar and the moment come in. What is computed of a calendar is remembered for as long as it is in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from helpline.menus.shapes import AdviserHours, Calendar, SendingHours, WaveRule, Window
from helpline.menus.windows import PARIS, month_after, update_state, window_of

Scope = Literal["all", "last"]

SPREAD = 65_536  # a caller's place in the day's hours is a number below it
MISSED_FOR = timedelta(days=7)
_DAY = timedelta(days=1)
# No wave begins later than this after the first of the month that is declared: see the exceptions in calendar_file.
_LONGEST = timedelta(days=100)
_MONTHS_AHEAD = 24
_LONGEST_REST = 30


@dataclass(frozen=True, slots=True)
class Wave:
    """One day on which we remind of one deadline.

    `occurrence` is the month that is declared, '2026-11'. Callers' moments lie from `begins` to `spread_until`; what
    is late goes until `not_after`. `for_last`: it also goes to those who chose one reminder only.
    """

    name: str
    occurrence: str
    begins: datetime
    spread_until: datetime
    not_after: datetime
    deadline: date
    for_last: bool

    def moment(self, spread: int) -> datetime:
        """When it is the turn of a caller: `spread` is theirs, from 0 to 65535."""
        return self.begins + (self.spread_until - self.begins) * spread / SPREAD


def waves_of(calendar: Calendar, year: int, month: int) -> tuple[Wave, ...]:
    """The waves of the window in which that month is declared, in their order."""
    return _waves_of(calendar, year, month)


def waves_between(calendar: Calendar, start: datetime, end: datetime) -> tuple[Wave, ...]:
    """The waves that begin from `start` on and before `end`, in their order."""
    months = _months(_day(start) - _LONGEST, _day(end))
    waves = (wave for month in months for wave in _waves_of(calendar, month.year, month.month))
    return tuple(sorted((wave for wave in waves if start <= wave.begins < end), key=lambda wave: wave.begins))


def wave_of(calendar: Calendar, occurrence: str, name: str) -> Wave | None:
    """The wave of that name; none if there is none, or if it is one with a later wave of the same day."""
    try:
        month = date.fromisoformat(f"{occurrence}-01")
    except ValueError:
        return None
    waves = _waves_of(calendar, month.year, month.month)
    return next((wave for wave in waves if wave.name == name), None)


def next_wave(calendar: Calendar, now: datetime, scope: Scope, after_occurrence: str = "") -> Wave:
    """The first wave that begins after `now`, of a later occurrence than `after_occurrence` if that is given."""
    first = _day(now)
    for month in _months(first - _LONGEST, month_after(first, _MONTHS_AHEAD)):
        for wave in _waves_of(calendar, month.year, month.month):
            wanted = scope == "all" or wave.for_last
            if wanted and wave.begins > now and wave.occurrence > after_occurrence:
                return wave
    raise ValueError(f"no reminder (scope {scope}) after {now}: add it to 'waves' in prompts/calendar.yaml")


def occurrence_now(calendar: Calendar, now: datetime) -> str:
    """The month that is declared now; while the update is closed, the one whose window closed last."""
    found = update_state(calendar, _day(now))
    return _occurrence(month_after(found.month, -1) if found.state == "closed" else found.month)


def may_send_until(calendar: Calendar, now: datetime) -> datetime | None:
    """The end of today's hours, if it is allowed to write to people unasked now."""
    hours, day = calendar.hours, _day(now)
    if not is_allowed(hours, day):
        return None
    ends = _at(day, hours.ends)
    return ends if _at(day, hours.begins) <= now < ends else None


def next_allowed(calendar: Calendar, now: datetime) -> datetime:
    """`now` if it is allowed to write to people unasked, else the next moment at which it is."""
    if may_send_until(calendar, now):
        return now
    hours, day = calendar.hours, _day(now)
    if now >= _at(day, hours.begins):
        day += _DAY
    return _at(_nearest(hours, day, _DAY), hours.begins)


def is_allowed(hours: SendingHours | AdviserHours, day: date) -> bool:
    """Whether messages may go, or somebody is there, on that day: one of our weekdays, and no public holiday."""
    return day.weekday() in hours.weekdays and day not in _holidays(hours.holidays, day.year)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a year, those of the whole country only: in France without Alsace and overseas.

    The package is read when first needed: it takes longer to start than the helpline. Its own object fills itself
    while it is asked, so that threads must not share it; they share this set.
    """
    from holidays import country_holidays

    return frozenset(country_holidays(country, years=year))


@lru_cache(maxsize=1024)
def _waves_of(calendar: Calendar, year: int, month: int) -> tuple[Wave, ...]:
    declared = date(year, month, 1)
    following = month_after(declared, 1)
    window = window_of(calendar, year, month)
    reopens = window_of(calendar, following.year, following.month).opens
    hours = calendar.hours
    while_open = _before_deadline(calendar, window)
    planned = [
        (day, rule, _at(following_day, hours.begins)) for (day, rule), (following_day, _) in pairwise(while_open)
    ]
    planned += [(day, rule, _last_hours(hours, window.closes)) for day, rule in while_open[-1:]]
    planned += [
        (day, rule, _last_hours(hours, min(day + MISSED_FOR, reopens) - _DAY))
        for day, rule in _after_deadline(calendar, window, reopens)
    ]
    return tuple(
        Wave(
            name=rule.name,
            occurrence=_occurrence(declared),
            begins=_at(day, hours.begins),
            spread_until=_at(day, hours.spread_until),
            not_after=not_after,
            deadline=window.closes,
            for_last=rule.for_last,
        )
        for day, rule, not_after in planned
    )


def _before_deadline(calendar: Calendar, window: Window) -> list[tuple[date, WaveRule]]:
    """The days before the last one. Rules that meet on a day, or whose days change places, are the later rule's."""
    days: list[tuple[date, WaveRule]] = []
    for rule in calendar.waves:
        day = _day_while_open(calendar.hours, window, rule)
        if _is_after(rule) or day is None:
            continue
        while days and days[-1][0] >= day:
            _, met = days.pop()
            rule = replace(rule, for_last=rule.for_last or met.for_last)
        days.append((day, rule))
    return days


def _day_while_open(hours: SendingHours, window: Window, rule: WaveRule) -> date | None:
    """The allowed day for a rule: from the day of the opening to the day before the last one."""
    latest = window.closes - _DAY
    wanted = min(max(_wanted(rule, window), window.opens), latest)
    step = _DAY if rule.if_closed == "next" else -_DAY
    for day in (_nearest(hours, wanted, step), _nearest(hours, wanted, -step)):
        if window.opens <= day <= latest:
            return day
    return None


def _after_deadline(calendar: Calendar, window: Window, reopens: date) -> list[tuple[date, WaveRule]]:
    """The days after the last one, while the update is closed: what comes then is of the next window."""
    days = [(_nearest(calendar.hours, _wanted(rule, window), _DAY), rule) for rule in calendar.waves if _is_after(rule)]
    return [(day, rule) for day, rule in days if day < reopens]


def _wanted(rule: WaveRule, window: Window) -> date:
    return (window.opens if rule.anchor == "opens" else window.closes) + timedelta(days=rule.days)


def _is_after(rule: WaveRule) -> bool:
    return rule.anchor == "closes" and rule.days > 0


def _last_hours(hours: SendingHours, day: date) -> datetime:
    """The end of the last allowed hours on or before that day."""
    return _at(_nearest(hours, day, -_DAY), hours.ends)


def _nearest(hours: SendingHours, day: date, step: timedelta) -> date:
    """That day, or the nearest allowed one in one direction."""
    for _ in range(_LONGEST_REST):
        if is_allowed(hours, day):
            return day
        day += step
    raise ValueError(f"no day near {day} on which to send: correct 'hours' in prompts/calendar.yaml")


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = month_after(month, 1)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, PARIS)


def _day(moment: datetime) -> date:
    return moment.astimezone(PARIS).date()


def _occurrence(month: date) -> str:
    return f"{month:%Y-%m}"
