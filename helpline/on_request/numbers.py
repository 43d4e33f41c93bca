"""Which numbers a page may be texted to. Which ones we call is said in `consent/reach.py`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from helpline.consent.reach import is_in, parsed_number
from helpline.landlines import is_landline


def no_text_to(number: str, countries: Collection[str]) -> Literal["", "landline", "not_allowed"]:
    """Why no page is texted to a number; nothing if one is."""
    parsed = parsed_number(number)
    if parsed is None:
        return "not_allowed"
    if is_landline(parsed):
        return "landline"
    return "" if is_in(parsed, countries) else "not_allowed"
