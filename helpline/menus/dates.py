"""When the monthly update can be made, and the dates of it in words.

The rule (C15): it opens on the 28th (the 26th in February) and closes on the 15th of the next month, 24:00,
Europe/Paris, without a shift for weekends or holidays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.units import format_unit

from helpline.menus.shapes import Calendar, Notice, Window

PARIS = ZoneInfo("Europe/Paris")

DATE_PLACEHOLDERS = ("opens", "last_day", "days_left", "month")

State = Literal["open", "last_day", "closed"]
STATES: tuple[State, ...] = ("open", "last_day", "closed")


@dataclass(frozen=True, slots=True)
class UpdateState:
    """How the monthly update stands on a day. Closed: `window` is the next one. `month` is the one to be declared."""

    state: State
    window: Window
    month: date
    days_left: int


def today_in_paris(now: datetime) -> date:
    """The calendar day in France. `now` must know its time zone."""
    return now.astimezone(PARIS).date()


def window_of(calendar: Calendar, year: int, month: int) -> Window:
    """The window in which the given month is declared."""
    override = calendar.overrides.get((year, month))
    if override:
        return override
    opens = date(year, month, calendar.opens_day_february if month == 2 else calendar.opens_day)
    following = date(year + month // 12, month % 12 + 1, calendar.closes_day)
    return Window(opens, following)


def update_state(calendar: Calendar, day: date) -> UpdateState:
    """Whether the update is open on that day; if not, the next window."""
    for months in (-1, 0, 1):
        month = _month(day, months)
        window = window_of(calendar, month.year, month.month)
        if day > window.closes:
            continue
        if day < window.opens:
            return UpdateState("closed", window, month, (window.closes - day).days)
        state: State = "last_day" if day == window.closes else "open"
        return UpdateState(state, window, month, (window.closes - day).days)
    raise ValueError(f"no update window at or after {day}: see the exceptions in prompts/calendar.yaml")


def _month(day: date, add: int) -> date:
    count = day.year * 12 + day.month - 1 + add
    return date(count // 12, count % 12 + 1, 1)


@lru_cache(maxsize=512)
def whole_date(day: date, locale: str) -> str:
    """A date as it is said: 'mardi 15 décembre', 'Tuesday 15 December'; the first is 'mardi 1er décembre'."""
    babel_locale = locale.replace("-", "_")
    text = format_date(day, "EEEE d MMMM", locale=babel_locale)
    return text.replace(" 1 ", " 1er ") if locale.startswith("fr") else text


@lru_cache(maxsize=512)
def date_values(calendar_state: UpdateState, locale: str) -> Mapping[str, str]:
    """The words for the date placeholders of a wording, in one language."""
    babel_locale = locale.replace("-", "_")
    return {
        "opens": whole_date(calendar_state.window.opens, locale),
        "last_day": whole_date(calendar_state.window.closes, locale),
        "days_left": str(format_unit(calendar_state.days_left, "duration-day", locale=babel_locale)),
        "month": format_date(calendar_state.month, "MMMM", locale=babel_locale),
    }


@lru_cache(maxsize=16)
def longest_date_values(locale: str) -> Mapping[str, str]:
    """For each date placeholder the longest words that it can stand for."""
    days = [date(2026, month, day) for month in range(1, 13) for day in range(20, 27)]
    longest = max((whole_date(day, locale) for day in days), key=len)
    babel_locale = locale.replace("-", "_")
    months = [format_date(date(2026, month, 1), "MMMM", locale=babel_locale) for month in range(1, 13)]
    left = str(format_unit(30, "duration-day", locale=babel_locale))
    return {"opens": longest, "last_day": longest, "days_left": left, "month": max(months, key=len)}


def notice_now(calendar: Calendar, now: datetime) -> Notice | None:
    """The notice that is up at this moment, if any."""
    for notice in calendar.notices:
        if now < notice.until and (notice.begins is None or now >= notice.begins):
            return notice
    return None
