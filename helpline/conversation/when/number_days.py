"""Days in digits: 12/12, 12.12.26, 2026-12-12, 03/2027, 12 12 2026. The day always comes before the month."""

from __future__ import annotations

from helpline.conversation.when.clocks import is_marked
from helpline.conversation.when.names import names_of
from helpline.conversation.when.said import SaidDay
from helpline.conversation.when.tokens import Token, Tokens
from helpline.conversation.when.words import COUNTED, FILLERS, HOURS

Day = tuple[SaidDay, int]

_SEPARATORS = ("/", ".", "-")
_HIGHEST = 39  # of what may be a day or a month that there is not; beyond, it is no date
_ROUND_THE_CLOCK = ((24, 24), (24, 7), (7, 7))


def number_day_at(tokens: Tokens, place: int, this_year: int) -> Day | None:
    """The day in digits that begins at `place`, and where it ends."""
    first = tokens.at(place)
    if not first.digits or _continues(tokens, place):
        return None
    if first.digits == 4 and is_year(first):
        return _year_first(tokens, place)
    if first.digits > 2 or not 1 <= first.number <= _HIGHEST:
        return None
    sign = tokens.text(place + 1)
    found = _with_signs(tokens, place, sign, this_year) if sign in _SEPARATORS else _with_spaces(tokens, place)
    if not found or _is_counted(tokens, found[1]) or _continues(tokens, found[1]):
        return None
    return found


def is_year(token: Token) -> bool:
    """Whether a number of four digits, or one in words, may be a year."""
    return token.digits in (0, 4) and 1900 <= token.number <= 2100


def whole_year(number: int, this_year: int) -> int:
    """The year that two digits stand for: the coming ones, or those of a birth date."""
    return 2000 + number if 2000 + number <= this_year + 20 else 1900 + number


def year_after(tokens: Tokens, place: int, this_year: int) -> tuple[int, int]:
    """The year that follows a day and its month, and where it ends; 0 if none does."""
    at = place + 1 if tokens.text(place) in (",", "/", "-", ".", "de", "of") else place
    token, after = tokens.at(at), tokens.at(at + 1)
    if not token.is_number or is_marked(tokens, at):
        return 0, place
    if is_year(token):
        return token.number, at + 1
    if token.text == "twenty" and token.number == 20 and not after.digits and 20 <= after.number <= 59:
        return 2000 + after.number, at + 2  # "twenty twenty seven"
    coming = this_year % 100 <= token.number <= this_year % 100 + 10
    if token.digits == 2 and coming and token.number > 23 and tokens.text(at + 1) not in COUNTED | {"/", ".", ":"}:
        return 2000 + token.number, at + 1
    return 0, place


def _year_first(tokens: Tokens, place: int) -> Day | None:
    sign, month = tokens.text(place + 1), tokens.at(place + 2)
    if sign not in _SEPARATORS or not 1 <= month.digits <= 2:
        return None
    year = tokens.at(place).number
    day = tokens.at(place + 4)
    if tokens.text(place + 3) == sign and 1 <= day.digits <= 2:
        end = place + 5
        if tokens.text(end) == "t" and tokens.glued(end):
            end += 1
        return SaidDay(day=day.number, month=month.number, year=year), end
    return (SaidDay(month=month.number, year=year), place + 3) if month.number <= 12 else None


def _with_signs(tokens: Tokens, place: int, sign: str, this_year: int) -> Day | None:
    day, month = tokens.at(place), tokens.at(place + 2)
    if month.digits == 4 and is_year(month) and day.number <= 12:
        return SaidDay(month=day.number, year=month.number), place + 3
    if not 1 <= month.digits <= 2 or not 1 <= month.number <= _HIGHEST:
        return None
    third = tokens.at(place + 4)
    if tokens.text(place + 3) == sign and third.digits in (2, 4):
        year = third.number if third.digits == 4 else whole_year(third.number, this_year)
        return (SaidDay(day.number, month.number, year), place + 5) if third.digits == 2 or is_year(third) else None
    if tokens.text(place + 3) in _SEPARATORS and third.digits:
        return None
    if sign != "/" and (month.number > 12 or (sign == "." and month.digits < 2)):
        return None
    if _is_round_the_clock(tokens, place, day.number, month.number):
        return None
    year, end = year_after(tokens, place + 3, this_year) if tokens.at(place + 3).is_number else (0, place + 3)
    return SaidDay(day.number, month.number, year), end


def _with_spaces(tokens: Tokens, place: int) -> Day | None:
    """12 12, 12 12 2026, 03 2027: only where both numbers have all their digits."""
    day, month, third = tokens.at(place), tokens.at(place + 1), tokens.at(place + 2)
    if day.digits != 2 or tokens.at(place - 1).is_number or is_marked(tokens, place + 1):
        return None
    if month.digits == 4 and is_year(month) and day.number <= 12:
        return SaidDay(month=day.number, year=month.number), place + 2
    if month.digits != 2 or not 1 <= month.number <= 12 or day.number > 31:
        return None
    if third.is_number and not is_marked(tokens, place + 2):
        if is_year(third):
            return SaidDay(day.number, month.number, third.number), place + 3
        if third.digits == 2 and third.number > 23 and not tokens.at(place + 3).is_number:
            return SaidDay(day.number, month.number, 2000 + third.number), place + 3
    return SaidDay(day.number, month.number), place + 2


def _is_round_the_clock(tokens: Tokens, place: int, day: int, month: int) -> bool:
    """Whether it is "24/7", "7j/7" or "24/24" rather than a day."""
    if (day, month) not in _ROUND_THE_CLOCK:
        return False
    if day == 24:
        alone = place + 3 == len(tokens) or is_marked(tokens, place + 3)
        before = tokens.text(place - 1)
        return before not in FILLERS and names_of(()).weekday(before) < 0 if place else not alone
    return any(tokens.text(other) == "24" for other in range(max(place - 5, 0), place))


def _is_counted(tokens: Tokens, end: int) -> bool:
    word = tokens.text(end)
    return (word in COUNTED and word not in ("e", "a", "j")) or (word in HOURS and tokens.glued(end))


def _continues(tokens: Tokens, place: int) -> bool:
    """Whether `place` stands inside a longer row of numbers and signs: 1.2.3.4, 12/12/12/12."""
    if tokens.at(place).digits:
        before = tokens.text(place - 1)
        return before in ("/", ".", ",") and tokens.glued(place) and tokens.at(place - 2).is_number
    return tokens.text(place) in ("/", ".") and tokens.at(place + 1).is_number and tokens.glued(place)
