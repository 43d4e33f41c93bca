"""From what was named to the day that is meant, seen from today. French time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from helpline.conversation.when.said import SaidDay
from helpline.conversation.when.values import MOST_OTHERS, Asked, Problem, When, answer_of

JUST_PASSED = timedelta(days=60)
_FAR_YEARS = 2
_FAR_YEARS_OF_A_PAPER = 10
_MONTHS_TO_LOOK = 3
_SOON = 2  # of how many such days one may be meant, if the weekday named is right for it


@dataclass(frozen=True, slots=True)
class Meant:
    """The days that somebody may mean, the likeliest first; `instead` is what to offer where all of them are past."""

    days: tuple[date, ...] = ()
    month_only: bool = False
    dated: bool = False  # the year was named
    problem: Problem = ""
    instead: tuple[date, ...] = ()


def meant_by(said: SaidDay, today: date, future_today: bool, timed: bool) -> Meant:
    """The days that `said` may mean. `future_today`: a time was named that is still to come today, or none was."""
    if said.also:
        return _either(replace(said, also=None), said.also, today, future_today, timed)
    if said.at:
        return Meant((said.at.date(),))
    if said.ahead is not None:
        return Meant(tuple(today + timedelta(days) for days in (said.ahead, said.or_ahead) if days is not None))
    if said.months_ahead:
        day = _months_after(today, said.months_ahead)
        return Meant((day.replace(day=1),), month_only=True) if said.month < 0 else Meant((day,))
    if said.is_weekday_only:
        return Meant(_weekdays(said, today, future_today, timed))
    if said.day and not said.month:
        return _of_this_or_next_month(said, today, future_today)
    meant = _month(said, today) if not said.day else _date(said, today)
    if said.weekday is not None and meant.days and meant.days[0].weekday() != said.weekday:
        near = _nearest_weekdays(meant.days[0], said.weekday, today)
        return Meant((meant.days[0], *near), dated=meant.dated, problem="ambiguous")
    return meant


def _either(said: SaidDay, also: SaidDay, today: date, future_today: bool, timed: bool) -> Meant:
    first = meant_by(said, today, future_today, timed)
    other = meant_by(also, today, future_today, timed)
    if not first.days or not other.days:
        return first if first.days else other
    if first.problem == "ambiguous":  # "mar 25" where the 25th is no Tuesday
        return other
    return Meant((*first.days, *other.days), first.month_only, first.dated, "ambiguous")


def _day_in(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _date(said: SaidDay, today: date) -> Meant:
    if said.year:
        day = _day_in(said.year, said.month, said.day)
        turned = _day_in(said.year, said.day, said.month)
        if day:
            return Meant((day,), dated=True)
        return Meant(problem="impossible", instead=(turned,) if turned and turned >= today else ())
    first = today - JUST_PASSED
    years = range(first.year, first.year + 3)
    coming = [
        day for year in years if (day := _day_in(year, said.month, said.day)) and first <= day < _years_after(first, 1)
    ]
    if coming:
        later = _day_in(coming[0].year + 1, said.month, said.day)
        return Meant((coming[0],), instead=(later,) if later else ())
    if said.month <= 12:
        return Meant(problem="impossible")
    swapped = [day for year in years if (day := _day_in(year, said.day, said.month)) and day >= today]
    return Meant(problem="impossible", instead=tuple(swapped[:1]))


def _years_after(day: date, years: int) -> date:
    return _day_in(day.year + years, day.month, day.day) or date(day.year + years, 3, 1)


def _month(said: SaidDay, today: date) -> Meant:
    if not 1 <= said.month <= 12:
        return Meant(problem="impossible")
    if said.year:
        return Meant((date(said.year, said.month, 1),), month_only=True, dated=True)
    first = (today - JUST_PASSED).replace(day=1)
    if _end_of_month(first) < today - JUST_PASSED:
        first = _months_after(first, 1)
    year = first.year if said.month >= first.month else first.year + 1
    return Meant((date(year, said.month, 1),), month_only=True, instead=(date(year + 1, said.month, 1),))


def _end_of_month(day: date) -> date:
    return _months_after(day.replace(day=1), 1) - timedelta(1)


def _months_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    year = day.year + month // 12
    days = (31, 30, 29, 28)
    return next(found for last in days if (found := _day_in(year, month % 12 + 1, min(day.day, last))))


def _weekdays(said: SaidDay, today: date, future_today: bool, timed: bool) -> tuple[date, ...]:
    """A weekday is the next one. Today's is today or in a week; a time that is named decides.

    "Mardi prochain", "next tuesday" is the next one too, unless that is still in this week: then it may be the one
    after, and is asked.
    """
    weekday = said.weekday or 0
    until = (weekday - today.weekday()) % 7
    first, week = today + timedelta(until), timedelta(7)
    if said.weeks < 0:  # "la semaine prochaine"
        return (today + timedelta(7 - today.weekday() + weekday),)
    if said.weeks:
        return (first + said.weeks * week,)
    if said.coming:
        if not until:
            return (first + week,)
        return (first, first + week) if today.weekday() + until <= 6 else (first,)
    if until or (said.this and not timed):
        return (first,)
    if timed:
        return (first,) if future_today else (first + week,)
    return (first, first + week)


def _of_this_or_next_month(said: SaidDay, today: date, future_today: bool) -> Meant:
    """ "Le 12": the next one. "Samedi 12" where that is no Saturday: the next 12th that is one, if there is one soon;
    the 12th, and the next Saturday are offered."""
    months = (_months_after(today.replace(day=1), ahead) for ahead in range(_MONTHS_TO_LOOK + 1))
    days = [day for month in months if (day := _day_in(month.year, month.month, said.day)) and day >= today]
    if not days:
        return Meant(problem="impossible")
    if days[0] == today and not future_today and len(days) > 1:
        days = days[1:]
    if said.weekday is None or days[0].weekday() == said.weekday:
        return Meant((days[0],))
    both = [day for day in days[:_SOON] if day.weekday() == said.weekday]
    soon = today + timedelta((said.weekday - today.weekday()) % 7)
    return Meant(tuple(dict.fromkeys((*both, days[0], soon))), problem="ambiguous")


def _nearest_weekdays(day: date, weekday: int, today: date) -> list[date]:
    before = day - timedelta((day.weekday() - weekday) % 7)
    near = sorted((before, before + timedelta(7)), key=lambda other: abs(other - day))
    return [other for other in near if other >= today]


def when_meant(meant: Meant, clocks: Sequence[time], asked: Asked, now: datetime) -> When:
    """`meant` at one of `clocks` (none: no time was named), as it is to be answered."""
    times: Sequence[time | None] = clocks or (None,)
    if asked == "day" and len(times) > 1:
        times = (None,)  # The time is asked by itself.
    if not meant.days:
        others = tuple(_answer(day, clock, meant, asked) for day in meant.instead for clock in times)
        return When(problem=meant.problem or "none", others=others[:MOST_OTHERS])
    pairs = [(day, clock) for day in meant.days for clock in times]
    coming = [pair for pair in pairs if not _is_past(pair[0], pair[1], meant.month_only and pair[0].day == 1, now)]
    if not coming:
        later = tuple(_answer(day, clock, meant, asked) for day in meant.instead for clock in times)
        return When(*pairs[0], meant.month_only, "past", later[:MOST_OTHERS])
    (day, clock), answers = coming[0], [_answer(*pair, meant, asked) for pair in coming]
    month_only = meant.month_only and day.day == 1
    if day > _years_after(now.date(), _FAR_YEARS_OF_A_PAPER if asked == "day" and meant.dated else _FAR_YEARS):
        return When(day, clock, month_only, "far")
    others = tuple(answer for answer in dict.fromkeys(answers) if answer != answers[0])[:MOST_OTHERS]
    doubted = others or (meant.problem and day != meant.days[0])
    return When(day, clock, month_only, "ambiguous" if doubted else "", others)


def _is_past(day: date, clock: time | None, month_only: bool, now: datetime) -> bool:
    if month_only:
        return _end_of_month(day) < now.date()
    return day < now.date() or (day == now.date() and clock is not None and clock <= now.time())


def _answer(day: date, clock: time | None, meant: Meant, asked: Asked) -> str:
    if meant.month_only and day.day == 1:
        return answer_of(When(day, month_only=True), "day")
    return answer_of(When(day, clock), "moment" if clock and asked != "day" else "day")
