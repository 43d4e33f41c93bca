"""Whether a number can get a text from us."""

from __future__ import annotations

from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

from helpline.menus.shapes import Channel

Refusal = Literal["", "no_number", "no_text"]

_NO_TEXTS = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.VOIP,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
# France and its overseas departments: 06 and 07 are mobiles, whether the library knows the block yet or not.
_FRENCH = frozenset({33, 262, 590, 594, 596})


def refusal(number: str, channel: Channel) -> Refusal:
    """Why we cannot write to a number; nothing if we can. Who texts us can be texted, unless by a short code."""
    if not number:
        return "no_number"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "no_text"
    if not phonenumbers.is_possible_number(parsed):
        return "no_text"
    return "no_text" if channel == "voice" and _is_landline(parsed) else ""


def _is_landline(number: phonenumbers.PhoneNumber) -> bool:
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN and number.country_code in _FRENCH:
        return str(number.national_number)[0] not in "67"
    return kind in _NO_TEXTS
