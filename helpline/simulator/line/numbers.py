"""Who is on the line, as the carrier tells it: a mobile, a landline, or somebody who withholds the number."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber

from helpline import landlines

# The carrier tells a withheld number as a word, or as that word typed on a keypad.
WITHHELD = frozenset(
    {
        *("anonymous", "restricted", "unavailable", "unknown"),
        *("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"),
    }
)
_NOWHERE = frozenset({"ZZ", "001"})  # how the library calls no country, and all of them


def is_withheld(number: str) -> bool:
    return number.lower() in WITHHELD


def is_landline(number: str) -> bool:
    """Whether it takes no texts, by the plan of its country."""
    parsed = _parsed(number)
    return parsed is not None and landlines.is_landline(parsed)


def why_no_texts(number: str) -> str:
    """Why nobody can text from or to this number, in words; nothing where they can."""
    if is_withheld(number):
        return "Who withholds the number can call, but sends and gets no texts."
    if is_landline(number):
        return f"{number} is a landline: it can call, but sends and gets no texts."
    return ""


def country(number: str) -> str:
    """The country that the carrier tells; nothing for a withheld number, whose country it does not know."""
    parsed = _parsed(number)
    if parsed is None:
        return ""
    found = phonenumbers.region_code_for_number(parsed)
    found = found or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return "" if found in _NOWHERE else found


def _parsed(number: str) -> PhoneNumber | None:
    """The number as its country writes it; None where it is withheld, or none."""
    if is_withheld(number):
        return None
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
