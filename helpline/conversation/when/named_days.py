"""Days in words: 12 déc., Dec 12th, fin mars, samedi 12, next tuesday, demain, dans 3 jours."""

from __future__ import annotations

from datetime import datetime, timedelta

from helpline.conversation.when.clocks import is_marked
from helpline.conversation.when.names import WEAK_MONTHS, Names
from helpline.conversation.when.number_days import Day, is_year, year_after
from helpline.conversation.when.said import Part, SaidDay
from helpline.conversation.when.tokens import Tokens
from helpline.conversation.when.words import (
    AFTER,
    AFTERNOON,
    COUNTED,
    EVENING,
    MORNING,
    NEXT,
    NIGHT,
    OF,
    ORDINAL_ENDS,
    THE,
    TODAY,
    TOMORROW,
    UNITS,
    YESTERDAY,
    listed,
)

IN = frozenset(("dans", "in"))
_IN_A_MONTH = listed("en in debut mi mid early late courant fin d")
_BEFORE_WEEKDAY = listed("next this coming ce")
_IN_EIGHT = {8: 7, 15: 14}  # "dans huit jours", "dans quinze jours"
_AFTER_DAY = listed("a at de du vers pour for of in ou or merci svp , @") | {""}
_PRESS = listed("tapez tape taper press faites appuyez touche repondez reply")
_EIGHT, _FIFTEEN = frozenset((8,)), frozenset((15,))
_FURTHEST = 3_700  # days from today
_HIGHEST = 39
# The words, beside the names of months and weekdays, with which a day in words begins.
_BEGINNINGS = frozenset().union(
    *(TODAY, TOMORROW, YESTERDAY, AFTER, IN, _IN_A_MONTH, _BEFORE_WEEKDAY),
    listed("aujourd aujour day avant tonight tonite ce cet cette this mois next end beginning middle"),
)


def part_at(tokens: Tokens, place: int) -> tuple[Part, int] | None:
    """The part of the day that is named at `place`."""
    word = tokens.text(place)
    if word in MORNING:
        return "morning", place + 1
    if word in AFTERNOON:
        return "afternoon", place + 1
    if word in EVENING:
        return "evening", place + 1
    if word in NIGHT:
        return "night", place + 1
    if word in AFTER and tokens.text(place + 1) == "midi":
        return "afternoon", place + 2
    return None


def named_day_at(tokens: Tokens, place: int, names: Names, now: datetime) -> Day | None:
    """The day in words that begins at `place`, and where it ends."""
    token = tokens.at(place)
    if token.is_number:
        return _day_of_month(tokens, place, names, now.year)
    if token.text not in _BEGINNINGS and not names.names_day(token.text):
        return None
    return (
        _near_today(tokens, place)
        or _after_a_while(tokens, place, now)
        or _month_first(tokens, place, names, now.year)
        or _weekday(tokens, place, names)
    )


def day_number_at(tokens: Tokens, place: int, names: Names) -> Day | None:
    """A day of which only the number is named, beside an article: "le 12", "on the 5th"."""
    number = tokens.at(place)
    article = tokens.text(place - 1)
    first_of_all = place == 0 and is_marked(tokens, 1)  # "12 14h30"
    if (article not in THE | {"au", "du"} and not first_of_all) or not _may_be_day(tokens, place):
        return None
    if tokens.text(place - 2) in _PRESS or (article == "au" and number.text.startswith("0")):
        return None
    end = _after_ordinal(tokens, place)
    after = tokens.at(end)
    if after.is_number and not is_marked(tokens, end):
        return None
    if (
        after.text in _AFTER_DAY
        or after.is_number
        or after.text in NEXT
        or part_at(tokens, end)
        or names.weekday(after.text) >= 0
    ):
        return SaidDay(day=number.number), end
    return None


def month_alone_at(tokens: Tokens, place: int, names: Names) -> Day | None:
    """A month and nothing else."""
    month = names.month(tokens.text(place))
    return (SaidDay(month=month), place + 1) if month else None


def _may_be_day(tokens: Tokens, place: int) -> bool:
    token = tokens.at(place)
    return 1 <= token.number <= _HIGHEST and token.digits <= 2 and not is_marked(tokens, place)


def _after_ordinal(tokens: Tokens, place: int) -> int:
    glued = tokens.text(place + 1) in ORDINAL_ENDS and (tokens.glued(place + 1) or tokens.text(place + 1) != "e")
    return place + 2 if glued and tokens.at(place).digits else place + 1


def _day_of_month(tokens: Tokens, place: int, names: Names, this_year: int) -> Day | None:
    number = tokens.at(place)
    if number.digits > 2 or not 1 <= number.number <= _HIGHEST:
        return None
    at = _after_ordinal(tokens, place)
    if tokens.text(at) in ("-", "/", ".", *OF):
        at += 1
    if tokens.are(at, "mois", "de") or tokens.are(at, "mois", "d"):
        at += 2
    month = names.month(tokens.text(at))
    if not month:
        return None
    year, end = year_after(tokens, at + 1, this_year)
    return SaidDay(number.number, month, year), end


def _month_first(tokens: Tokens, place: int, names: Names, this_year: int) -> Day | None:
    if tokens.text(place) == "mois" and tokens.text(place + 1) in NEXT:
        return SaidDay(months_ahead=1, month=-1), place + 2
    if tokens.are(place, "next", "month"):
        return SaidDay(months_ahead=1, month=-1), place + 2
    named = _month_with_preposition(tokens, place, names)
    begins = named or place
    month = names.month(tokens.text(begins))
    if not month:
        return None
    at = begins + 1
    if tokens.text(at) in (",", "-", "/", ".", *THE):
        at += 1
    number = tokens.at(at)
    if is_year(number) or (number.text == "twenty" and number.number == 20 and tokens.at(at + 1).number > 19):
        year, end = year_after(tokens, at, this_year)
        return SaidDay(month=month, year=year), end
    after = tokens.text(_after_ordinal(tokens, at))
    if not named and _may_be_day(tokens, at) and after not in ("/", *COUNTED) and not names.month(after):
        year, end = year_after(tokens, _after_ordinal(tokens, at), this_year)
        said = SaidDay(number.number, month, year)
        if not year and tokens.text(begins) == "mar":
            return SaidDay(number.number, weekday=1, also=said), end  # a Tuesday to the French
        # "mars 27" on a permit is a year; English puts the day there.
        may_be_year = not year and number.digits == 2 and this_year % 100 <= number.number <= this_year % 100 + 10
        if may_be_year and end == at + 1 and tokens.text(begins) in _FRENCH_MONTHS:
            said = SaidDay(month=month, year=2000 + number.number, also=said)
        return said, end
    if named and number.digits == 2 and not is_marked(tokens, at):
        year, end = year_after(tokens, at, this_year)
        return SaidDay(month=month, year=year), end if year else begins + 1
    return (SaidDay(month=month), begins + 1) if named or tokens.text(begins + 1) in NEXT else None


_FRENCH_MONTHS = listed(
    "janvier janv fevrier fev fevr mars avril avr mai juin juillet juil aout septembre octobre novembre decembre"
)


def _month_with_preposition(tokens: Tokens, place: int, names: Names) -> int:
    """Where the month stands in "fin mars", "en avril", "end of may"; 0 if it does not."""
    if tokens.are(place, "end", "of") or tokens.are(place, "beginning", "of") or tokens.are(place, "middle", "of"):
        return place + 2
    word, after = tokens.text(place), tokens.text(place + 1)
    if word not in _IN_A_MONTH:
        return 0
    if after in ("de", "-"):
        after = tokens.text(place + 2)
        return place + 2 if names.month(after) else 0
    if after in WEAK_MONTHS - {"mars", "mai", "juin", "may", "march"}:
        return 0
    return place + 1 if names.month(after) else 0


def _near_today(tokens: Tokens, place: int) -> Day | None:
    word, after = tokens.text(place), tokens.text(place + 1)
    if word in TODAY:
        return SaidDay(ahead=0), place + 1
    if word in ("aujourd", "aujour") and after in ("hui", "ui", "dhui"):
        return SaidDay(ahead=0), place + 2
    if word in TOMORROW:
        return SaidDay(ahead=1), place + 1
    if word in AFTER and after in TOMORROW:
        return SaidDay(ahead=2), place + 2
    if word == "day" and after == "after" and tokens.text(place + 2) in TOMORROW:
        return SaidDay(ahead=2), place + 3
    if word == "avant" and after == "hier":
        return SaidDay(ahead=-2), place + 2
    if word in YESTERDAY:
        return SaidDay(ahead=-1), place + 1
    if word in ("tonight", "tonite"):
        return SaidDay(ahead=0), place + 1
    if word in ("ce", "cet", "cette", "this") and part_at(tokens, place + 1):
        return SaidDay(ahead=0), place + 1
    return None


def _after_a_while(tokens: Tokens, place: int, now: datetime) -> Day | None:
    if tokens.text(place) not in IN:
        return None
    count = tokens.at(place + 1)
    number = 1 if count.text in ("a", "an") else count.number
    unit = UNITS.get(tokens.text(place + 2), "")
    if not unit or not 0 < number <= _FURTHEST:
        return None
    end = place + 3
    if unit in ("hour", "minute"):
        length = timedelta(hours=number) if unit == "hour" else timedelta(minutes=number)
        return SaidDay(at=(now + length).replace(second=0, microsecond=0)), end
    if unit == "month":
        return SaidDay(months_ahead=min(number, 240)), end
    days = min(number * (7 if unit == "week" else 1), _FURTHEST)
    idiom = _IN_EIGHT.get(days) if unit == "day" and tokens.text(place) == "dans" else None
    return SaidDay(ahead=days, or_ahead=idiom), end


def _weekday(tokens: Tokens, place: int, names: Names) -> Day | None:
    begins = place + 1 if tokens.text(place) in _BEFORE_WEEKDAY else place
    before = tokens.text(place) if begins > place else ""
    weekday, at = names.weekday(tokens.text(begins)), begins + 1
    if weekday < 0:
        weekday = names.short_weekday(tokens.text(begins))
        if weekday < 0 or not _is_number_near(tokens, at):
            return None
    coming = before == "next" or tokens.text(at) in NEXT
    if tokens.text(at) in NEXT:
        at += 1
    weeks = 0
    if tokens.text(at) == "en" and tokens.at(at + 1).number in _EIGHT | _FIFTEEN:
        weeks, at = (1 if tokens.at(at + 1).number in _EIGHT else 2), at + 2
    number = at + 1 if tokens.text(at) in THE or tokens.text(at) == "," else at
    day = 0
    if _may_be_day(tokens, number) and _stands_alone(tokens, number, names):
        day, at = tokens.at(number).number, _after_ordinal(tokens, number)
    return SaidDay(day, weekday=weekday, coming=coming, this=before in ("this", "ce"), weeks=weeks), at


def _is_number_near(tokens: Tokens, place: int) -> bool:
    return tokens.at(place + 1 if tokens.text(place) in (*THE, "a", "at", ".") else place).is_number


def _stands_alone(tokens: Tokens, place: int, names: Names) -> bool:
    """Whether the number at `place` begins no date or time of its own."""
    end = _after_ordinal(tokens, place)
    after = tokens.at(end)
    if after.text in ("/", ".", "-", *COUNTED) or names.month(after.text):
        return False
    if after.text in OF and names.month(tokens.text(end + 1)):
        return False
    return not (after.digits in (2, 4) and not is_marked(tokens, end))
