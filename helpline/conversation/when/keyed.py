"""A day or a time keyed on a phone: DDMM, DDMMYY, DDMMYYYY, MMYYYY; HHMM."""

from __future__ import annotations

from datetime import datetime

from helpline.conversation.when.hearing import NOTHING, hear_when
from helpline.conversation.when.scan import day_of_digits
from helpline.conversation.when.values import Asked, When

_TIME_KEYS = (1, 2, 3, 4)
_DAY_KEYS = (4, 6, 8)


def hear_digits(digits: str, asked: Asked, now: datetime) -> When:
    """What keys answer; star and hash, which end what is keyed, count for nothing.

    A moment is keyed as a day, and a time after it: DDMMHHMM.
    """
    keyed = digits.strip().rstrip("*#")
    if not (keyed.isascii() and keyed.isdecimal()):
        return NOTHING
    if asked == "time":
        if len(keyed) not in _TIME_KEYS:
            return NOTHING
        hour, minute = (keyed[:-2], keyed[-2:]) if len(keyed) > 2 else (keyed, "00")
        return hear_when(f"{hour}:{minute}", "time", now, ())
    clock = ""
    if asked == "moment" and len(keyed) == 8:
        keyed, clock = keyed[:4], f" {keyed[4:6]}:{keyed[6:]}"
    said = day_of_digits(keyed)
    if not said:
        return When(problem="impossible") if len(keyed) in _DAY_KEYS else NOTHING
    if not said.day:
        return hear_when(f"{said.month:02}/{said.year}", asked, now, ())
    year = f"/{said.year}" if said.year else ""
    when = hear_when(f"{said.day:02}/{said.month:02}{year}{clock}", asked, now, ())
    return When(problem="impossible") if when.problem == "none" else when
