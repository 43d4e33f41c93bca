"""What a text says of a day and of a time, before it is reckoned which day and which time that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

Part = Literal["", "morning", "afternoon", "evening", "night"]
Half = Literal["", "am", "pm"]


@dataclass(frozen=True, slots=True)
class SaidDay:
    """A day as it was named; what was not named is 0 or None."""

    day: int = 0
    month: int = 0
    year: int = 0
    weekday: int | None = None
    ahead: int | None = None  # days from today on
    or_ahead: int | None = None  # "dans 8 jours" is a week to most people, 8 days to some
    months_ahead: int = 0
    coming: bool = False  # "prochain", "next"
    this: bool = False
    weeks: int = 0  # "mardi en huit": one more week
    at: datetime | None = None  # "dans 2 heures"
    also: SaidDay | None = None  # what it may mean as well

    @property
    def is_weekday_only(self) -> bool:
        """Whether nothing but a weekday was named."""
        return self.weekday is not None and not self.day


@dataclass(frozen=True, slots=True)
class SaidClock:
    """A time as it was named. `exact`: nobody can take it for another half of the day."""

    hour: int
    minute: int = 0
    half: Half = ""
    exact: bool = False

    @property
    def exists(self) -> bool:
        """Whether a clock ever shows it."""
        return 0 <= self.hour <= 23 and 0 <= self.minute <= 59


def times_of(said: SaidClock, part: Part) -> tuple[time, ...]:
    """The times that `said` may mean in a `part` of the day, the likeliest first; none if there is no such time.

    Hours from 1 to 5 are ambiguous however they are written: nobody is asked to come at 2 in the morning, and many
    write so what is 14:00. So are 6 and 7 without a zero before them; 7 is rather the morning. From 8 on, an hour is
    meant as it is written.
    """
    if not said.exists:
        return ()
    hour, half = said.hour, said.half or _half_of(said.hour, part)
    if half == "am":
        if hour > 12:
            return ()
        return (time(0 if hour == 12 and said.half else hour, said.minute),)
    if half == "pm":
        return (time(hour + 12 if 1 <= hour < 12 else hour, said.minute),)
    as_written = time(hour, said.minute)
    if not 1 <= hour <= 7 or (hour >= 6 and said.exact):
        return (as_written,)
    later = time(hour + 12, said.minute)
    return (as_written, later) if hour == 7 else (later, as_written)


def _half_of(hour: int, part: Part) -> Half:
    if part == "morning":
        return "am"
    if part == "night":
        return "pm" if 6 <= hour <= 11 else "am" if hour < 6 else ""
    return "pm" if part and hour else ""
