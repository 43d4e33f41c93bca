"""Numbers that stand beside a STOP: the one that it is sent to, or the sender's own. A date is none of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

SHORT_CODES = (5, 6)  # digits of a short number that texts come from
SHORTEST = 3  # digits behind "au" or "to" that are no day of a month
_FRENCH = re.compile(r"0[1-9]\d{8}|(00)?33(0?)[1-9]\d{8}")
_SHORT_CODE = re.compile(r"3\d{4}")  # what French operators give to services
_COMPACT_DATE = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(20)?\d\d")
_GLUED = re.compile(r"([^\W\d_]+)(\d{3,})")


@dataclass(frozen=True, slots=True)
class SentNumber:
    """Digits in the groups that they were written in, and the words that lead to them: "au", "to"."""

    groups: tuple[str, ...]
    leading: tuple[str, ...] = ()

    @property
    def digits(self) -> str:
        """All digits, without what stood between."""
        return "".join(self.groups)

    @property
    def is_phone(self) -> bool:
        """Whether it is a whole French telephone number."""
        return bool(_FRENCH.fullmatch(self.digits))

    @property
    def is_date(self) -> bool:
        """Whether it is written as a day and a month, with or without a year."""
        lengths = tuple(map(len, self.groups))
        if len(lengths) not in (2, 3) or max(lengths[:2]) > 2 or lengths[2:] not in ((), (2,), (4,)):
            return False
        return int(self.groups[0]) <= 31 and int(self.groups[1]) <= 12

    def is_borne(self, plainly: bool, articles: Collection[str]) -> bool:
        """Whether STOP beside this number is a STOP: said `plainly`, or with a word that has other meanings too."""
        if plainly:
            return not self.leading or (len(self.digits) >= SHORTEST and not self.is_date)
        if self.is_phone:
            return True
        if self.is_date or _COMPACT_DATE.fullmatch(self.digits) or len(self.digits) not in SHORT_CODES:
            return False
        sent_to = any(word not in articles for word in self.leading)
        return sent_to or (not self.leading and bool(_SHORT_CODE.fullmatch(self.groups[0])))


def take_numbers(
    words: tuple[str, ...], leading: Collection[str], stopping: Collection[str]
) -> tuple[tuple[str, ...], tuple[SentNumber, ...]]:
    """`words` without the numbers among them, and the numbers.

    With a number go the words of `leading` right before it. They or `stopping` may be stuck to it: "stop38123".
    """
    parted = [part for word in words for part in _parted(word, leading, stopping)]
    rest: list[str] = []
    numbers: list[SentNumber] = []
    at = 0
    while at < len(parted):
        end = at
        while end < len(parted) and parted[end].isdecimal():
            end += 1
        if end == at:
            rest.append(parted[at])
            at += 1
            continue
        led = len(rest)
        while led > 0 and rest[led - 1] in leading:
            led -= 1
        numbers.append(SentNumber(tuple(parted[at:end]), tuple(rest[led:])))
        del rest[led:]
        at = end
    return tuple(rest), tuple(numbers)


def _parted(word: str, *stuck: Collection[str]) -> tuple[str, ...]:
    found = _GLUED.fullmatch(word)
    return (found[1], found[2]) if found and any(found[1] in words for words in stuck) else (word,)
