"""Whether a number can get a text from us, or a call, by the numbering plan alone.

Who calls is whoever the network says has called, and that can be forged, as can who texts: so no number that costs us
much, or earns somebody something, is ever called, or written to but by the answer to its own text. A kind of number
that the library does not know is reached only in France and overseas, where the first digit tells people from services.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from helpline.landlines import FRENCH, is_landline
from helpline.menus.shapes import Channel

Refusal = Literal["", "no_number", "no_text"]

_CALLED = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
_OF_PEOPLE = "1234567"  # 08 are services, and 09 the library knows
_DIGITS_IN_FRANCE = 9


def refusal(number: str, channel: Channel, countries: Collection[str]) -> Refusal:
    """Why we do not write to a number; nothing if we do.

    It is one that we would call as well. Who calls from a line that takes no texts is told so; who texts us can be
    texted.
    """
    if not number:
        return "no_number"
    reached = may_call(number, countries) and (channel == "sms" or takes_texts(number))
    return "" if reached else "no_text"


def takes_texts(number: str) -> bool:
    """Whether a text to somebody who calls from this number can arrive."""
    parsed = parsed_number(number)
    return parsed is not None and not is_landline(parsed)


def call_refusal(number: str, countries: Collection[str]) -> Literal["", "no_number", "not_allowed"]:
    """Why we do not call a number; nothing if we do: people's phones only, in these countries only."""
    if not number:
        return "no_number"
    return "" if may_call(number, countries) else "not_allowed"


def may_call(number: str, countries: Collection[str]) -> bool:
    """Whether we call a number, or send it anything: the last look before each message goes by this, too."""
    parsed = parsed_number(number)
    return parsed is not None and is_in(parsed, countries) and _is_of_people(parsed)


def parsed_number(number: str) -> PhoneNumber | None:
    """What the numbering plan knows of a number; None if it is no whole number of any country."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def is_in(number: PhoneNumber, countries: Collection[str]) -> bool:
    """Whether it is of one of these countries.

    By its own country; a block that the library does not know by all that share its code, in France by any.
    """
    region = phonenumbers.region_code_for_number(number)
    if region:
        return region in countries
    sharing = [code in countries for code in phonenumbers.region_codes_for_country_code(number.country_code or 0)]
    return any(sharing) if number.country_code in FRENCH else bool(sharing) and all(sharing)


def _is_of_people(number: PhoneNumber) -> bool:
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN and number.country_code in FRENCH:
        digits = str(number.national_number)  # without the 0 that some write in front
        return len(digits) == _DIGITS_IN_FRANCE and digits[0] in _OF_PEOPLE
    return kind in _CALLED
