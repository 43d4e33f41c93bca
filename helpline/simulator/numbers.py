"""Who is on the line, as the carrier tells it: a mobile, a landline, or somebody who withholds the number."""

from __future__ import annotations

import re

# The carrier tells a withheld number as a word, or as that word typed on a keypad.
WITHHELD = frozenset(
    {
        *("anonymous", "restricted", "unavailable", "unknown"),
        *("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"),
    }
)
# Geographic numbers and those of boxes; 06 and 07 are the mobiles.
_FRENCH_LANDLINE = re.compile(r"\+33[1-59][0-9]{8}")


def is_withheld(number: str) -> bool:
    return number.lower() in WITHHELD


def is_landline(number: str) -> bool:
    return _FRENCH_LANDLINE.fullmatch(number) is not None


def why_no_texts(number: str) -> str:
    """Why nobody can text from or to this number, in words; nothing where they can."""
    if is_withheld(number):
        return "Who withholds the number can call, but sends and gets no texts."
    if is_landline(number):
        return f"{number} is a landline: it can call, but sends and gets no texts."
    return ""


def country(number: str) -> str:
    """The country that the carrier tells; nothing for a withheld number, whose country it does not know."""
    return "" if is_withheld(number) else "FR"
