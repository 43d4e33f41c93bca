"""A day or a time that was heard, and its form as an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

Asked = Literal["day", "time", "moment"]
Problem = Literal["", "none", "past", "ambiguous", "impossible", "far"]

MOST_OTHERS = 3
_ANSWER = re.compile(r"(?:(\d{4})-(\d\d)(?:-(\d\d))?)?(?:(?:(?<=\d)T|^)(\d\d):(\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """What was heard of a day and a time. A part that nobody named is None.

    `problem`: "none" if nothing was heard that answers; "past" and "far" of a day that is whole but cannot be meant;
    "ambiguous" if `others` are as possible as the reading given, which is the likeliest; "impossible" of a day or time
    that there is not. `others` holds readings to offer, each as an answer, also of what is past (the same day next
    year) and of what is impossible (12/25: 25 December).
    """

    day: date | None = None  # the first of the month where month_only
    clock: time | None = None
    month_only: bool = False
    problem: Problem = ""
    others: tuple[str, ...] = ()


def answer_of(when: When, asked: Asked) -> str:
    """`when` as an answer: "2026-12-12", "2027-03", "14:30", "2026-12-12T14:30"; empty if it is not whole.

    Of what is past, ambiguous or far it is the answer that was read: whoever asks looks at `problem` first.
    """
    day = "" if when.day is None else when.day.isoformat()
    clock = "" if when.clock is None else when.clock.strftime("%H:%M")
    if asked == "time":
        return clock
    if asked == "day":
        return day[:7] if when.month_only else day
    return f"{day}T{clock}" if day and clock and not when.month_only else ""


def read_answer(answer: str) -> When:
    """The way back from an answer; problem "none" if `answer` is none."""
    found = _ANSWER.fullmatch(answer)
    if not answer or not found:
        return When(problem="none")
    year, month, day, hour, minute = found.groups()
    try:
        on = date(int(year), int(month), int(day or 1)) if year else None
        clock = time(int(hour), int(minute)) if hour else None
    except ValueError:
        return When(problem="none")
    month_only = on is not None and day is None
    return When(problem="none") if month_only and clock else When(on, clock, month_only)
