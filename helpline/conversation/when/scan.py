"""All days and times that a text names, in the order of its words, and which words these are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpline.conversation.when.clocks import bare_clock_at, clock_at, joins_two_times
from helpline.conversation.when.named_days import day_number_at, month_alone_at, named_day_at, part_at
from helpline.conversation.when.names import Names
from helpline.conversation.when.number_days import is_year, number_day_at
from helpline.conversation.when.said import Part, SaidClock, SaidDay
from helpline.conversation.when.tokens import Tokens
from helpline.conversation.when.values import Asked
from helpline.conversation.when.words import AT, COUNTED, FILLERS, NEXT, STREETS, listed

MOST_NAMED = 4  # days or times; who names more speaks of something else
_STREET_WORDS = listed("du de la des l d le the")
_SINCE = frozenset(("depuis", "since"))
_PLAIN_DAYS = (4, 6, 8)  # digits of a day without signs


@dataclass(slots=True)
class Named:
    """What was found. `spans` are the places of the tokens that say it."""

    days: list[SaidDay] = field(default_factory=list)
    clocks: list[SaidClock] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    next_week: bool = False
    no_such_time: bool = False  # 25h
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def part(self) -> Part:
        """The part of the day, if one was named and no other."""
        return self.parts[0] if len(set(self.parts)) == 1 else ""


def named_in(tokens: Tokens, names: Names, now: datetime, bare_times: bool) -> Named:
    """What `tokens` name. `bare_times`: a number right after a day may be a time ("demain 14")."""
    named = Named()
    place = 0
    last_clock = -1  # where the last time ended
    after_day = -1  # where the last day ended
    while place < len(tokens):
        begins = place
        clock = clock_at(tokens, place)
        if not clock and bare_times:
            clock = _bare_time(tokens, place, after_day, bool(named.days), names)
        named.no_such_time |= clock is not None and not clock[0].exists
        if clock and clock[0].exists:
            said, place = clock
            if not joins_two_times(tokens, last_clock, begins):
                named.clocks.append(said)
            last_clock = place
        else:
            day = _day_at(tokens, place, names, now)
            part = part_at(tokens, place)
            if day:
                place = after_day = day[1]
                if not _is_no_day_to_come(tokens, begins):
                    named.days.append(day[0])
                    if tokens.text(begins) in ("tonight", "tonite"):
                        named.parts.append("evening")
            elif part:
                named.parts.append(part[0])
                place = part[1]
                after_day = place if after_day == begins else after_day
            elif _is_next_week(tokens, place):
                named.next_week, place = True, place + 2
            else:
                place += 1
                continue
        named.spans.append((_with_small_words(tokens, begins), place))
    return named


def alone_in(tokens: Tokens, names: Names, asked: Asked) -> Named:
    """What a text says that names its day or time by nothing but a number or a month, and has no other words."""
    named = Named()
    places = [place for place in range(len(tokens)) if tokens.at(place).is_number or not _is_filler(tokens, place)]
    if not places or places[-1] - places[0] >= 5:
        return named
    first, count = places[0], places[-1] - places[0] + 1
    if asked == "time":
        clock = bare_clock_at(tokens, first, alone=True)
        if clock and clock[1] == first + count and clock[0].exists:
            named.clocks.append(clock[0])
        return named
    day = _plain_number_day(tokens, first) if count <= 2 else None
    month = month_alone_at(tokens, first, names) if count == 1 else None
    if day and (count == 1 or tokens.text(first + 1) in ("er", "st", "nd", "rd", "th", "e", "eme", "ere")):
        named.days.append(day)
    elif month:
        named.days.append(month[0])
    elif count == 1 and names.short_weekday(tokens.text(first)) >= 0:
        named.days.append(SaidDay(weekday=names.short_weekday(tokens.text(first))))
    return named


def in_plain_digits(tokens: Tokens) -> Named:
    """The day without signs that a text ends with, and the time after it: "rdv 1212 1430", "titre 310327"."""
    named = Named()
    for place in range(len(tokens)):
        number = tokens.at(place)
        day = _plain_number_day(tokens, place) if number.digits in _PLAIN_DAYS else None
        if not day or tokens.at(place - 1).is_number or tokens.text(place + 1) in COUNTED:
            continue
        at = place + 2 if tokens.text(place + 1) in AT else place + 1
        clock = clock_at(tokens, at) or bare_clock_at(tokens, at, alone=True)
        end = clock[1] if clock and clock[0].exists else place + 1
        if is_year(number) and end == place + 1:
            continue
        if any(tokens.at(after).is_number or not _is_filler(tokens, after) for after in range(end, len(tokens))):
            continue
        named.days.append(day)
        if clock and end > place + 1:
            named.clocks.append(clock[0])
        named.spans.append((_with_small_words(tokens, place), end))
        break
    return named


def day_of_digits(digits: str) -> SaidDay | None:
    """A day without signs: DDMM, DDMMYY, DDMMYYYY, or MMYYYY."""
    if len(digits) not in _PLAIN_DAYS:
        return None
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:] or 0)
    if len(digits) == 6:
        if month > 12 and 1 <= day <= 12 and digits[2:4] == "20":
            return SaidDay(month=day, year=int(digits[2:]))
        year += 2000
    return SaidDay(day, month, year) if day >= 1 and month >= 1 else None


def _plain_number_day(tokens: Tokens, place: int) -> SaidDay | None:
    token = tokens.at(place)
    if not token.is_number:
        return None
    if token.digits > 2:
        said = day_of_digits(token.text)
        return said if said and said.day <= 31 and said.month <= 12 else None
    return SaidDay(day=token.number) if 1 <= token.number <= 31 else None


def _day_at(tokens: Tokens, place: int, names: Names, now: datetime) -> tuple[SaidDay, int] | None:
    found = number_day_at(tokens, place, now.year) or named_day_at(tokens, place, names, now)
    return found or day_number_at(tokens, place, names)


def _bare_time(tokens: Tokens, place: int, after_day: int, has_day: bool, names: Names) -> tuple[SaidClock, int] | None:
    """A number that is a time because of where it stands: right after a day, or after "à" in a text with a day."""
    at = tokens.text(place - 1) in AT and has_day
    if place != after_day and not at:
        return None
    found = bare_clock_at(tokens, place)
    if not found or number_day_at(tokens, place, 0) or named_day_at(tokens, place, names, _ANY_DAY):
        return None
    end = found[1]
    if tokens.at(place).digits > 2 and not 700 <= tokens.at(place).number <= 2359:
        return None
    plainly = at and place - 1 == after_day
    return found if plainly or end == len(tokens) or _is_filler(tokens, end) or part_at(tokens, end) else None


_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - only whether a day is named matters


def _is_filler(tokens: Tokens, place: int) -> bool:
    word = tokens.text(place)
    return word in FILLERS or word in ("/", ".", "-", ",", ":")


def _is_next_week(tokens: Tokens, place: int) -> bool:
    word, after = tokens.text(place), tokens.text(place + 1)
    return (word in ("semaine", "sem") and after in NEXT) or (word == "next" and after == "week")


def _is_no_day_to_come(tokens: Tokens, place: int) -> bool:
    """Whether a day is the name of a street ("rue du 8 mai 1945"), or one from which on something was."""
    before = place - 1
    if tokens.text(before) in _SINCE or (tokens.text(before) in _STREET_WORDS and tokens.text(before - 1) in _SINCE):
        return True
    if tokens.text(before) in _STREET_WORDS:
        before -= 1
    return tokens.text(before) in STREETS


_SMALL = listed("le the on a at au du the l pour vers of la de @")


def _with_small_words(tokens: Tokens, begins: int) -> int:
    """Where a day or time begins with the small words before it: "le 12 mars", "on the 5th", "à 14h"."""
    while begins > 0 and tokens.text(begins - 1) in _SMALL:
        begins -= 1
    return begins


def with_weekday(days: Sequence[SaidDay], next_week: bool) -> list[SaidDay]:
    """`days`, each once; a weekday beside another day is only said of that day, not a day of its own."""
    once = list(dict.fromkeys(days))[:MOST_NAMED]
    weekdays = [day for day in once if day.is_weekday_only]
    others = [day for day in once if not day.is_weekday_only]
    if not others:
        return [replace(day, weeks=-1) if next_week else day for day in weekdays]
    if len(others) == 1 and len(weekdays) == 1 and others[0].day and others[0].weekday is None:
        return [replace(others[0], weekday=weekdays[0].weekday)]
    return others
