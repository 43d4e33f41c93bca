"""Numbers as a page shows them: enough for two people who talk about one, too little to call it."""

from __future__ import annotations

import re

from phonenumbers import PhoneNumberFormat, format_number

from helpline.consent.reach import parsed_number
from helpline.landlines import FRENCH

HIDDEN = "·"
_BEGINNING, _END = 2, 2  # digits


def masked(number: str) -> str:
    """+33639980001 as "06 ·· ·· ·· 01", another country's as "+44 ···· ····56"."""
    parsed = parsed_number(number)
    if parsed is None:
        return HIDDEN * len(number)
    is_french = parsed.country_code in FRENCH
    written = format_number(parsed, PhoneNumberFormat.NATIONAL if is_french else PhoneNumberFormat.INTERNATIONAL)
    begins = _BEGINNING if is_french else len(str(parsed.country_code))
    places = [found.start() for found in re.finditer(r"\d", written)]
    hidden = set(places[begins:-_END])
    return "".join(HIDDEN if place in hidden else sign for place, sign in enumerate(written))
