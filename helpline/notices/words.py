"""What a notice may say, and until when. Pure: the words, the end and the moment come in."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal

from helpline.menus import gsm7
from helpline.menus.windows import PARIS

LONGEST = 120
LATEST = timedelta(days=14)
# Each has words in the desk's languages (`desk/words/notice.yaml`).
Refusal = Literal["empty", "too_long", "address", "unknown", "choice"]
WrongEnd = Literal["no_end", "past", "too_far"]

_ADDRESS = re.compile(r"://|\bwww\.|@|[^\W\d_]{2,}\.[^\W\d_]{2,}|\w\.[^\W\d_]{2,}/", re.IGNORECASE)
_CHOICE = re.compile(r"\d\s")  # a line that begins so is a choice
_BRACES = "{}"  # what stands between them is filled in elsewhere


def tidy(text: str) -> str:
    """The words as they are kept: on one line, one space between two."""
    return " ".join(text.split())


def why_refused(text: str) -> Refusal | None:
    """Why tidy words cannot go to callers; none if they can."""
    if not text:
        return "empty"
    if unknown_letters(text):
        return "unknown"
    if len(text) > LONGEST or gsm7.septets(gsm7.to_gsm7(text)) > gsm7.ONE_PART:
        return "too_long"
    if _ADDRESS.search(text):
        return "address"
    return "choice" if _CHOICE.match(text) else None


def unknown_letters(text: str) -> tuple[str, ...]:
    """The letters that no phone shows, and those that mean something else here."""
    return (*gsm7.unseen(text), *(brace for brace in _BRACES if brace in text))


def end_of(day: str, clock: str) -> datetime | None:
    """The end that was written as "2026-12-02" and "18:00", in French time; none where it cannot be read."""
    try:
        return datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)
    except ValueError:
        return None


def why_no_end(until: datetime | None, now: datetime) -> WrongEnd | None:
    """Why a notice cannot end then; none if it can."""
    if until is None:
        return "no_end"
    if until <= now:
        return "past"
    return "too_far" if until > now + LATEST else None
