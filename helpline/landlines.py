"""Which numbers take no texts, by the numbering plan of their country."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

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
FRENCH = frozenset({33, 262, 590, 594, 596})


def is_landline(number: PhoneNumber) -> bool:
    """Whether a text to it would reach nobody. A kind that the library does not know may be a mobile."""
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN and number.country_code in FRENCH:
        return str(number.national_number)[0] not in "67"
    return kind in _NO_TEXTS
