"""Times of day as they are written: 14h30, 14:30, 2.30pm, 9 heures et quart, half past two, midi."""

from __future__ import annotations

from helpline.conversation.when.names import names_of
from helpline.conversation.when.said import Half, SaidClock
from helpline.conversation.when.tokens import Tokens
from helpline.conversation.when.words import AT, COUNTED, HOURS, listed

Clock = tuple[SaidClock, int]

_NOON = frozenset(("midi", "noon", "midday"))
_MIDNIGHT = frozenset(("minuit", "midnight"))
_LASTING = listed("dans sous pendant durant depuis for within during since dure duree")
_A_WEEK = listed("/ par per semaine semaines hebdo week weekly")
_FRACTIONS = {"half": 30, "quarter": 15}
_HALVES = frozenset(("demi", "demie"))
_LAST_HOUR = 23
_RANGE = listed("a - to au until till jusqu jusque")


def clock_at(tokens: Tokens, place: int) -> Clock | None:
    """The time that is plainly one and begins at `place`, and where it ends."""
    token = tokens.at(place)
    if token.text in _NOON:
        return _with_minutes(tokens, place + 1, SaidClock(12, exact=True), bare=False)
    if token.text in _MIDNIGHT:
        return _with_minutes(tokens, place + 1, SaidClock(0, exact=True), bare=False)
    if token.text in _FRACTIONS:
        return _fraction_at(tokens, place)
    if not token.is_number or token.digits > 2:
        return None
    return _by_hours(tokens, place) or _by_colon(tokens, place) or _by_half(tokens, place)


def bare_clock_at(tokens: Tokens, place: int, alone: bool = False) -> Clock | None:
    """A time without a mark, where one must stand: 14, 1430, 14.30, 14 30. `alone`: nothing else may be meant."""
    hour, second, third = tokens.at(place), tokens.at(place + 1), tokens.at(place + 2)
    if not hour.is_number:
        return None
    found: Clock | None = None
    if hour.digits in (3, 4):
        found = SaidClock(hour.number // 100, hour.number % 100, exact=hour.digits == 4), place + 1
    elif hour.digits > 4 or hour.ordinal:
        return None
    elif second.text in (".", ",") and third.digits == 2:
        found = _clock(hour.text, hour.number, third.number), place + 3
    elif second.is_number and (second.digits == 2 or (not second.digits and not hour.digits and second.number > 9)):
        found = _clock(hour.text, hour.number, second.number), place + 2
    else:
        found = _clock(hour.text, hour.number, 0), place + 1
    said, end = found
    after = tokens.at(end)
    if after.text in COUNTED or after.text == "/" or (after.is_number and not alone):
        return None
    return found if alone or said.exists else None


def is_marked(tokens: Tokens, place: int) -> bool:
    """Whether the number at `place` is the hour of a time."""
    return tokens.at(place).is_number and clock_at(tokens, place) is not None


def joins_two_times(tokens: Tokens, begins: int, ends: int) -> bool:
    """Whether the tokens between two times make a stretch of them: "14h - 16h"."""
    return begins < ends <= begins + 2 and all(tokens.text(place) in _RANGE for place in range(begins, ends))


def _clock(text: str, hour: int, minute: int, half: Half = "") -> SaidClock:
    return SaidClock(hour, minute, half, exact=len(text) == 2 and text.startswith("0"))


def _by_hours(tokens: Tokens, place: int) -> Clock | None:
    token = tokens.at(place)
    if tokens.are(place + 1, "o", "clock") or tokens.text(place + 1) == "oclock":
        end = place + (3 if tokens.text(place + 1) == "o" else 2)
        return _with_half(tokens, end, _clock(token.text, token.number, 0))
    if tokens.text(place + 1) == "." and tokens.at(place + 2).digits == 2 and tokens.text(place + 3) in HOURS:
        return _clock(token.text, token.number, tokens.at(place + 2).number), place + 4
    if tokens.text(place + 1) not in HOURS or tokens.text(place - 1) in _LASTING:
        return None
    if tokens.text(place + 1) == "hours" and token.number < 10 and tokens.text(place - 1) not in AT:
        return None  # "2 hours" is how long something takes
    found = _with_minutes(tokens, place + 2, _clock(token.text, token.number, 0))
    return None if _is_how_long(tokens, found[1]) else found


def _is_how_long(tokens: Tokens, end: int) -> bool:
    """Whether what ends there counts hours: "15h par semaine", "20 heures d'activité"."""
    after, next_one = tokens.text(end), tokens.text(end + 1)
    if after in _A_WEEK or (after in ("a", "la") and next_one in _A_WEEK):
        return True
    return after in ("de", "d", "of") and next_one not in ("l", "la", "apres", "the")


def _with_minutes(tokens: Tokens, place: int, said: SaidClock, bare: bool = True) -> Clock:
    token = tokens.at(place)
    if tokens.text(place) == "et" and (tokens.text(place + 1) in _HALVES or tokens.text(place + 1) == "quart"):
        minute = 15 if tokens.text(place + 1) == "quart" else 30
        return SaidClock(said.hour, minute, said.half, said.exact), place + 2
    if token.text == "moins":
        more = 2 if tokens.text(place + 1) == "le" else 1
        less = 15 if tokens.text(place + more) == "quart" else tokens.at(place + more).number
        if 0 < less < 60 and said.exists:
            hour = (said.hour - 1) % 24
            return SaidClock(hour, 60 - less, said.half, said.exact or said.hour == 8), place + more + 1
    two = token.digits == 2 or (token.is_number and not token.digits and not token.ordinal)
    if two and (token.number <= 59 or tokens.glued(place)) and _ends_minutes(tokens, place):
        end = place + 1
        if tokens.text(end) in ("min", "mn", "minutes", "m", "mins"):
            end += 1
        return _with_half(tokens, end, SaidClock(said.hour, token.number, said.half, said.exact))
    return _with_half(tokens, place, said) if bare else (said, place)


def _ends_minutes(tokens: Tokens, place: int) -> bool:
    """Whether the number at `place` is not the day of a date that follows the time."""
    if tokens.glued(place) and tokens.text(place - 1) in HOURS:
        return True
    after = tokens.text(place + 1)
    return after not in ("/", "-", ".") and after not in HOURS and not names_of(()).month(after)


def _by_colon(tokens: Tokens, place: int) -> Clock | None:
    token, minute = tokens.at(place), tokens.at(place + 2)
    if tokens.text(place + 1) != ":" or minute.digits != 2:
        return None
    end = place + 3
    if tokens.text(end) == ":" and tokens.at(end + 1).digits == 2:
        end += 2
    if tokens.text(end) in HOURS:
        end += 1
    return _with_half(tokens, end, _clock(token.text, token.number, minute.number))


def _by_half(tokens: Tokens, place: int) -> Clock | None:
    token = tokens.at(place)
    half, end = _half_at(tokens, place + 1)
    if half:
        return _clock(token.text, token.number, 0, half), end
    minute = tokens.at(place + 2 if tokens.text(place + 1) in (".", ",") else place + 1)
    if _is_day_before_time(tokens, place):
        return None
    if minute.is_number and (minute.digits == 2 or not minute.digits):
        at = place + 3 if tokens.text(place + 1) in (".", ",") else place + 2
        half, end = _half_at(tokens, at)
        if half:
            return _clock(token.text, token.number, minute.number, half), end
    return None


def _is_day_before_time(tokens: Tokens, place: int) -> bool:
    """Whether the number at `place` is a day, and what follows a time of its own: "dec 5 10am", "december 5, 10am"."""
    if tokens.glued(place + 1):
        return False
    return tokens.at(place).number > _LAST_HOUR or bool(names_of(()).month(tokens.text(place - 1)))


def _with_half(tokens: Tokens, place: int, said: SaidClock) -> Clock:
    half, end = _half_at(tokens, place)
    return (SaidClock(said.hour, said.minute, half, said.exact), end) if half else (said, place)


def _half_at(tokens: Tokens, place: int) -> tuple[Half, int]:
    text = tokens.text(place)
    if text in ("am", "pm"):
        return ("am" if text == "am" else "pm"), place + 1
    if text in ("a", "p") and tokens.text(place + 1) == "m":
        return ("am" if text == "a" else "pm"), place + 2
    return "", place


def _fraction_at(tokens: Tokens, place: int) -> Clock | None:
    minute, word = _FRACTIONS[tokens.text(place)], tokens.text(place + 1)
    hour = tokens.at(place + 2)
    number = 12 if hour.text in _NOON else hour.number
    if word not in ("past", "to", "after") or not 0 < number <= 12:
        return None
    if word == "to":
        minute, number = 60 - minute, (number - 1) or 12
    return _with_half(tokens, place + 3, SaidClock(number, minute, exact=hour.text in _NOON))
