"""Where the time machine offers to go: the days on which the helpline has something to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from helpline.menus.shapes import Calendar
from helpline.menus.waves import waves_between
from helpline.menus.windows import PARIS, update_state

AHEAD = timedelta(days=62)
MORNING = time(9, 55)
# The waves of the calendar that comes with the helpline. Another calendar may name others.
REMINDERS = {
    "opening": "First reminder: the update opens",
    "middle": "Reminder in the middle",
    "last": "Last reminder",
    "missed": "Day after: if it was forgotten",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A moment to travel to, in French time."""

    label: str
    at: datetime

    @property
    def to(self) -> str:
        """As the page's field for date and time writes it."""
        return local(self.at)

    @property
    def shown(self) -> str:
        return f"{self.at:%a} {self.at.day} {self.at:%b}, {self.at:%H:%M}"


def local(moment: datetime) -> str:
    """French time, as a field for date and time writes it: 2026-12-10T09:55."""
    return moment.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")


def stops_after(now: datetime, calendar: Calendar) -> list[Stop]:
    """The next moments at which everybody's reminder of a wave is due, the next last day, and tomorrow."""
    here = now.astimezone(PARIS)
    stops = [Stop("Tomorrow", datetime.combine(here.date() + timedelta(days=1), MORNING, PARIS))]
    seen: set[str] = set()
    for wave in waves_between(calendar, now - timedelta(days=1), now + AHEAD):
        if wave.spread_until > now and wave.name not in seen:
            seen.add(wave.name)
            label = REMINDERS.get(wave.name, f"Reminder: {wave.name}")
            stops.append(Stop(label, wave.spread_until.astimezone(PARIS)))
    last_day = next_last_day(here, calendar)
    return sorted([*stops, Stop("Last day to update", last_day)], key=lambda stop: stop.at)


def next_last_day(here: datetime, calendar: Calendar) -> datetime:
    """The morning of the next last day of an update."""
    closes = update_state(calendar, here.date()).window.closes
    if datetime.combine(closes, MORNING, PARIS) <= here:
        closes = update_state(calendar, closes + timedelta(days=1)).window.closes
    return datetime.combine(closes, MORNING, PARIS)
