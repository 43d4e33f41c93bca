"""When the monthly update can be made.

The rule (C15): it opens on the 28th (the 26th in February) and closes on the 15th of the next month, 24:00,
Europe/Paris, without a shift for weekends or holidays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from helpline.menus.shapes import Calendar, Window

PARIS = ZoneInfo("Europe/Paris")

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
        month = month_after(day, months)
        window = window_of(calendar, month.year, month.month)
        if day > window.closes:
            continue
        if day < window.opens:
            return UpdateState("closed", window, month, (window.closes - day).days)
        state: State = "last_day" if day == window.closes else "open"
        return UpdateState(state, window, month, (window.closes - day).days)
    raise ValueError(f"no update window at or after {day}: see the exceptions in prompts/calendar.yaml")


def month_after(day: date, months: int) -> date:
    """The first day of the month that is so many months after (before, if negative) that of `day`."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
