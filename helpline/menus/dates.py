"""The dates of the monthly update and of its reminders, in words."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from functools import lru_cache

from babel.dates import format_date
from babel.units import format_unit

from helpline.menus.dated_words import DATED_PLACEHOLDERS, dated_values, longest_dated_values
from helpline.menus.shapes import Calendar, Notice
from helpline.menus.waves import next_wave, occurrence_now
from helpline.menus.windows import (
    PARIS,
    STATES,
    State,
    UpdateState,
    month_after,
    today_in_paris,
    update_state,
    window_of,
)

__all__ = (
    "DATED_PLACEHOLDERS",
    "DATE_PLACEHOLDERS",
    "PARIS",
    "STATES",
    "State",
    "UpdateState",
    "date_values",
    "dated_values",
    "longest_date_values",
    "longest_dated_values",
    "notice_now",
    "today_in_paris",
    "update_state",
    "whole_date",
    "window_of",
)

_OF_THE_UPDATE = ("opens", "last_day", "days_left", "month")
_OF_REMINDERS = ("next_reminder", "next_last", "next_opening", "next_last_other", "erase_on")
DATE_PLACEHOLDERS = (*_OF_THE_UPDATE, *_OF_REMINDERS)


@lru_cache(maxsize=512)
def whole_date(day: date, locale: str) -> str:
    """A date as it is said: 'mardi 15 décembre', 'Tuesday 15 December'; the first is 'mardi 1er décembre'."""
    babel_locale = locale.replace("-", "_")
    text = format_date(day, "EEEE d MMMM", locale=babel_locale)
    return text.replace(" 1 ", " 1er ") if locale.startswith("fr") else text


def date_values(calendar: Calendar, now: datetime, locale: str) -> Mapping[str, str]:
    """The words for the date placeholders of a wording at a moment, in one language."""
    here = now.astimezone(PARIS)
    return _words_of_half_a_day(calendar, here.date(), here.time() >= calendar.hours.begins, locale)


@lru_cache(maxsize=512)
def _words_of_half_a_day(calendar: Calendar, day: date, begun: bool, locale: str) -> DateWords:
    """The same until the hours of the day begin, as every wave begins with them; and the same after that."""
    moment = datetime.combine(day, calendar.hours.begins if begun else time.min, PARIS)
    return DateWords(calendar, moment, locale)


class DateWords(Mapping[str, str]):
    """The words for the date placeholders at one moment.

    Those of reminders are looked up when a wording first asks for them: few do, and the public holidays take as long
    to read as a hundred turns.
    """

    def __init__(self, calendar: Calendar, now: datetime, locale: str) -> None:
        self._calendar, self._now, self._locale = calendar, now, locale
        state = update_state(calendar, today_in_paris(now))
        babel_locale = locale.replace("-", "_")
        self._words = {
            "opens": whole_date(state.window.opens, locale),
            "last_day": whole_date(state.window.closes, locale),
            "days_left": str(format_unit(state.days_left, "duration-day", locale=babel_locale)),
            "month": format_date(state.month, "MMMM", locale=babel_locale),
        }

    def __getitem__(self, name: str) -> str:
        words = self._words.get(name)
        if words is None:
            words = self._words[name] = whole_date(self._day(name), self._locale)
        return words

    def __iter__(self) -> Iterator[str]:
        return iter(DATE_PLACEHOLDERS)

    def __len__(self) -> int:
        return len(DATE_PLACEHOLDERS)

    def _day(self, name: str) -> date:
        calendar, now = self._calendar, self._now
        match name:
            case "next_reminder":
                return next_wave(calendar, now, "all").begins.date()
            case "next_last":
                return next_wave(calendar, now, "last").begins.date()
            case "next_opening":
                return next_wave(calendar, now, "all", occurrence_now(calendar, now)).begins.date()
            case "next_last_other":
                return next_wave(calendar, now, "last", occurrence_now(calendar, now)).begins.date()
            case "erase_on":
                return a_month_after(today_in_paris(now))
        raise KeyError(name)


def a_month_after(day: date) -> date:
    """The same day of the next month, or its last day where it is shorter."""
    following = month_after(day, 1)
    return following.replace(day=min(day.day, monthrange(following.year, following.month)[1]))


@lru_cache(maxsize=16)
def longest_date_values(locale: str) -> Mapping[str, str]:
    """For each date placeholder the longest words that it can stand for."""
    months = range(1, 13)
    days = [date(2026, month, day) for month in months for day in range(20, 27)]  # each weekday in each month
    days += [date(year, month, 1) for month in months for year in range(2026, 2038)]  # 'mercredi 1er septembre'
    longest = max((whole_date(day, locale) for day in days), key=len)
    babel_locale = locale.replace("-", "_")
    named = [format_date(date(2026, month, 1), "MMMM", locale=babel_locale) for month in months]
    left = str(format_unit(30, "duration-day", locale=babel_locale))
    return dict.fromkeys(DATE_PLACEHOLDERS, longest) | {"days_left": left, "month": max(named, key=len)}


def notice_now(calendar: Calendar, now: datetime) -> Notice | None:
    """The notice that is up at this moment, if any."""
    for notice in calendar.notices:
        if now < notice.until and (notice.begins is None or now >= notice.begins):
            return notice
    return None
