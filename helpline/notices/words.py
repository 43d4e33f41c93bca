"""What a notice may say, and until when. Pure: the words, the end and the moment come in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from helpline.menus import gsm7
from helpline.menus.windows import PARIS

LONGEST = 120
LATEST = timedelta(days=14)
# Each has words in the desk's languages (`desk/words/notice.yaml`).
Refusal = Literal["empty", "too_long", "address", "number", "unknown", "choice"]
WrongEnd = Literal["no_end", "past", "too_far"]

_ADDRESS = re.compile(
    r"://|\bwww\.|@|[^\W\d_]{2,}\.[^\W\d_]{2,}|\w\.[^\W\d_]+/|\s\.[^\W\d_]{2,}"
    r"|\b(point|dot)\s+(fr|com|net|org|info|eu|gouv)\b"
    r"|(?<![\d.])\d{1,3}(\.\d{1,3}){3}(?!\.?\d)",
    re.IGNORECASE,
)
_GAP = r"[ .\-/()]*"
_FRANCE = rf"(?:(?:\+|00){_GAP}33{_GAP}(?:0{_GAP})?|0{_GAP})"
# Those that cost no more than any other.
_PLAIN = re.compile(rf"(?<!\d){_FRANCE}(?:[1-79]{_GAP}\d|8{_GAP}0)(?:{_GAP}\d){{7}}(?!\d)")
_COSTLY = re.compile(
    rf"(?<!\d){_FRANCE}8(?:{_GAP}\d){{8}}"
    rf"|(?:\+|(?<!\d)00){_GAP}[1-9](?:{_GAP}\d){{5,14}}"
    r"|(?<!\d)(?:3\d{3,4}|3\d[ .\-]\d{2,3}|118[ .\-]?\d{3})(?!\d)"
)
_FREE = frozenset({"3949", "3919", "3114"})  # those of two and three digits are never taken for costly
_CHOICE = re.compile(r"\d\s")  # a line that begins so is a choice
_BRACES = "{}"  # what stands between them is filled in elsewhere


def tidy(text: str) -> str:
    """The words as they are kept: on one line, one space between two."""
    return " ".join(text.split())


def why_refused(text: str, ours: Iterable[str] = ()) -> Refusal | None:
    """Why tidy words cannot go to callers; none if they can. `ours`: numbers that may be named whatever they cost."""
    if not text:
        return "empty"
    if unknown_letters(text):
        return "unknown"
    if len(text) > LONGEST or gsm7.septets(gsm7.to_gsm7(text)) > gsm7.ONE_PART:
        return "too_long"
    if _ADDRESS.search(text):
        return "address"
    if names_costly_number(text, ours):
        return "number"
    return "choice" if _CHOICE.match(text) else None


def names_costly_number(text: str, ours: Iterable[str] = ()) -> bool:
    """Whether words name a number that may cost callers more than another: 081 to 089, short or foreign ones."""
    allowed = _FREE | {_national(number) for number in ours}
    left = _PLAIN.sub("|", text)
    return any(_national(found[0]) not in allowed for found in _COSTLY.finditer(left))


def _national(number: str) -> str:
    """The digits alone, as they are dialled in France."""
    digits = re.sub(r"[^\d+]", "", number)
    return re.sub(r"^(?:\+|00)330?", "0", digits)


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
