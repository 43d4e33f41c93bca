"""The words for what has a date of its own: the day, the time, how long until then, when we remind of it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel.dates import format_date
from babel.lists import format_list
from babel.units import format_unit

from helpline.menus.shapes import Calendar
from helpline.menus.waves import next_allowed
from helpline.menus.windows import PARIS, today_in_paris

DATED_PLACEHOLDERS = ("day", "time", "reminders", "in_days")
_MONTH_ONLY = len("2027-03")
_SEPTEMBER_30 = date(2026, 9, 30)  # a Wednesday: nothing is longer in French, nor in English
_BETWEEN = {"fr": " à ", "en": " to "}
_IN_DAYS, _AT = 400, time(22, 58)


@dataclass(frozen=True, slots=True)
class Thing:
    """What has a date of its own, as its text says it. `clock` is its time of day, if it has one."""

    day: date
    clock: time | None = None
    month_only: bool = False


def read_occurrence(occurrence: str) -> Thing | None:
    """The date that such a text is: "2026-12-12T14:30", "2027-03-31", or "2027-03"; None if it is none."""
    day, _, clock = occurrence.partition("T")
    month_only = len(day) == _MONTH_ONLY
    try:
        at = time.fromisoformat(clock) if clock else None
        return Thing(date.fromisoformat(f"{day}-01" if month_only else day), at, month_only)
    except ValueError:
        return None


def dated_values(calendar: Calendar, kind: str, occurrence: str, now: datetime, locale: str) -> Mapping[str, str]:
    """The words for the placeholders of a dated kind; none for what is not known yet."""
    thing = read_occurrence(occurrence)
    return DatedWords(calendar, kind, occurrence, thing, now, locale) if thing else {}


class DatedWords(Mapping[str, str]):
    """The words for one thing at one moment. When we remind of it is looked up when a wording asks for it."""

    def __init__(
        self, calendar: Calendar, kind: str, occurrence: str, thing: Thing, now: datetime, locale: str
    ) -> None:
        self._calendar, self._kind, self._occurrence = calendar, kind, occurrence
        self._thing, self._now, self._locale = thing, now, locale
        names = ("day", "in_days", *(("time",) if thing.clock else ()), *(("reminders",) if self._is_whole else ()))
        self._names = tuple(name for name in DATED_PLACEHOLDERS if name in names)

    def __getitem__(self, name: str) -> str:
        if name not in self._names:
            raise KeyError(name)
        today = today_in_paris(self._now)
        match name:
            case "day":
                return day_in_words(self._thing, today, self._locale)
            case "time":
                return time_in_words(self._thing.clock or time.min, self._locale)
            case "in_days":
                return days_left_in_words(self._thing, today, self._locale)
            case _:
                return reminders_in_words(self._reminders(), today, self._locale)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def _is_whole(self) -> bool:
        kind = self._calendar.kinds.get(self._kind)
        return kind is not None and (kind.asks == "moment") == (self._thing.clock is not None)

    def _reminders(self) -> tuple[date, ...]:
        from helpline.menus.dated import waves_left

        waves = waves_left(self._calendar, self._kind, self._occurrence, self._now)
        begins = (next_allowed(self._calendar, max(wave.begins, self._now)) for wave in waves)
        return tuple(dict.fromkeys(moment.astimezone(PARIS).date() for moment in begins))


def day_in_words(thing: Thing, today: date, locale: str) -> str:
    """'samedi 12 décembre', with the year where it is not this one's; 'mars 2027' where only the month is known."""
    if thing.month_only:
        return format_date(thing.day, "MMMM y", locale=_babel(locale))
    return _first(format_date(thing.day, f"EEEE d MMMM{_year(thing.day, today)}", locale=_babel(locale)), locale)


def days_left_in_words(thing: Thing, today: date, locale: str) -> str:
    """'15 jours'; '75 à 105 jours' from the first to the last day of a month of which no day is known."""
    first = max((thing.day - today).days, 0)
    last = first
    if thing.month_only:
        last = max((thing.day.replace(day=monthrange(thing.day.year, thing.day.month)[1]) - today).days, 0)
    days = str(format_unit(last, "duration-day", locale=_babel(locale)))
    between = next((words for code, words in _BETWEEN.items() if locale.startswith(code)), "-")
    return f"{first}{between}{days}" if first < last else days


def short_day(thing: Thing, today: date) -> str:
    """'12/12', or '31/03/27' where it is not this year's; '03/2027' where only the month is known."""
    if thing.month_only:
        return f"{thing.day:%m/%Y}"
    return f"{thing.day:%d/%m}" if thing.day.year == today.year else f"{thing.day:%d/%m/%y}"


def time_in_words(clock: time, locale: str) -> str:
    """'14 h 30' in French, '14:30' elsewhere."""
    if locale.startswith("fr"):
        return f"{clock.hour} h {clock.minute:02}" if clock.minute else f"{clock.hour} h"
    return f"{clock:%H:%M}"


def reminders_in_words(days: tuple[date, ...], today: date, locale: str) -> str:
    """'vendredi 11 décembre et samedi 12 décembre'; without the days of the week where there are many.

    A year is named once, with its last date, where it is not this one, or where there are several.
    """
    named = "EEEE d MMMM" if len(days) < 3 else "d MMMM"
    last = {day.year: day for day in days}
    years = [(" y" if len(last) > 1 else _year(day, today)) if last[day.year] == day else "" for day in days]
    said = [
        _first(format_date(day, f"{named}{year}", locale=_babel(locale)), locale)
        for day, year in zip(days, years, strict=True)
    ]
    return str(format_list(said, locale=_babel(locale)))


def longest_dated_values(most_reminders: int, locale: str) -> dict[str, str]:
    """For each of these placeholders the longest words that it can stand for."""
    last_year = date(2025, 1, 1)
    in_a_year = _SEPTEMBER_30.replace(day=1) - timedelta(days=_IN_DAYS)
    counts = (2, max(most_reminders, 2))
    most = max((reminders_in_words(days, last_year, locale) for count in counts for days in _longest(count)), key=len)
    return {
        "day": day_in_words(Thing(_SEPTEMBER_30), last_year, locale),
        "time": time_in_words(_AT, locale),
        "reminders": most,
        "in_days": days_left_in_words(Thing(_SEPTEMBER_30.replace(day=1), month_only=True), in_a_year, locale),
    }


def _longest(count: int) -> tuple[tuple[date, ...], ...]:
    """Days on which we may remind that take the most letters: within a year, and around its end."""
    back = range(count - 1, -1, -1)
    within = tuple(_SEPTEMBER_30 - timedelta(weeks=left) for left in back)
    return within, (date(2026, 12, 30), *(date(2027, 1, 27) - timedelta(weeks=left) for left in back[1:]))


def _year(day: date, today: date) -> str:
    return "" if day.year == today.year else " y"


def _first(text: str, locale: str) -> str:
    if not locale.startswith("fr"):
        return text
    return f"1er{text[1:]}" if text.startswith("1 ") else text.replace(" 1 ", " 1er ")


def _babel(locale: str) -> str:
    return locale.replace("-", "_")
