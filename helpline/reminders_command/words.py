"""Dates, reasons and bars as operators read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from helpline.menus.dates import whole_date
from helpline.menus.waves import Wave
from helpline.menus.windows import PARIS

LOCALE = "en-GB"
BAR = 40

_REASONS = {
    "": "no reason is noted",
    "done": "answered that it is done",
    "last_only": "chose the last reminder only",
    "scope": "chose the last reminder only",
    "stop": "said stop",
    "not_me": "said that it is not them",
    "erase": "erased themselves",
    "operator": "stopped by an operator",
    "one": "ended this one",
    "signed_up": "signed up again",
    "subscribed": "has the reminders already",
    "idle": "not heard of for 12 months",
    "ended": "the number cannot be reached any more",
    "objection": "do not want to be written to",
    "not_subscribed": "not subscribed any more",
    "blocked": "the carrier lets nothing through to them",
    "no_number": "their number is forgotten",
    "no_wave": "the calendar was changed since",
    "newer": "signed up after it began",
    "expired": "too late",
    "words": "there are no words for it: helpline prompts check",
    "number_key": "sealed with a key that NUMBER_KEYS lacks",
    "not found": "not found at the carrier, and too late to go again",
    "undelivered": "not delivered",
    "failed": "refused by the carrier",
    "21610": "told the carrier STOP",
    "21211": "not a phone number",
    "21614": "not a mobile number",
    "30003": "phone off or out of reach",
    "30004": "the carrier lets nothing through to them",
    "30005": "the number does not exist",
    "30006": "a landline, or a phone without texts",
    "30007": "taken for spam",
    "busy": "the line was busy",
    "no-answer": "nobody picked up",
    "canceled": "the carrier called it off",
    "30008": "the network did not say why",
}


def day_in_words(day: date) -> str:
    """A date: 'Saturday 12 December 2026'."""
    return f"{whole_date(day, LOCALE)} {day.year}"


def month_in_words(occurrence: str) -> str:
    """The month that is declared: 'November 2026'."""
    return f"{date.fromisoformat(f'{occurrence}-01'):%B %Y}"


def clock_time(moment: datetime) -> str:
    """The time in France."""
    return f"{moment.astimezone(PARIS):%H:%M}"


def moment_in_words(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}"


def ago(time: timedelta) -> str:
    """A length of time, roughly: '4 seconds', '3 hours'."""
    seconds = max(0, int(time.total_seconds()))
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def title(wave: Wave) -> str:
    """A wave by its name and its day."""
    day = day_in_words(wave.begins.astimezone(PARIS).date())
    return f"Reminder '{wave.name}' for {month_in_words(wave.occurrence)}, {day}"


def reason_in_words(reason: str) -> str:
    """Why a message did not go, or did not arrive. A code of the carrier's keeps its number."""
    known = _REASONS.get(reason)
    if reason.isdecimal():
        return f"{known} ({reason})" if known else f"error {reason}"
    return known or reason


def bar(parts: Sequence[tuple[int, str]], width: int = BAR) -> list[tuple[str, int]]:
    """How wide each part of a bar is, by its mark: together `width`, and none that is there is too small to be seen."""
    total = sum(count for count, _ in parts)
    if not total:
        return []
    shown = [(count, mark) for count, mark in parts if count]
    widths = [max(1, round(count * width / total)) for count, _ in shown]
    widths[max(range(len(widths)), key=widths.__getitem__)] += width - sum(widths)
    return [(mark, size) for (_, mark), size in zip(shown, widths, strict=True)]


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons in words, the most frequent first; those with the same words together."""
    found: dict[str, int] = {}
    for reason, count in counts.items():
        words = reason_in_words(reason)
        found[words] = found.get(words, 0) + count
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
