"""Who speaks: what pages say between { } about the operator and the numbers."""

from __future__ import annotations

import phonenumbers

from helpline.menus.forms import Identity
from helpline.settings import Settings

FRANCE = 33


def identity_of(settings: Settings) -> Identity:
    """Who speaks, from the settings. A messaging service has no number that a caller could text."""
    return Identity(
        service=settings.service_name,
        operator=settings.operator_name,
        operator_phone=settings.operator_phone,
        sms="" if settings.sms_sender.startswith("MG") else as_written(settings.sms_sender),
        voice_number=as_written(settings.voice_number),
        has_adviser=bool(settings.adviser_number),
    )


def as_written(number: str) -> str:
    """A number as people write it: +33199001234 is 01 99 00 12 34; a short code stays as it is."""
    if not number.startswith("+"):
        return number
    parsed = phonenumbers.parse(number)
    french = parsed.country_code == FRANCE
    form = phonenumbers.PhoneNumberFormat.NATIONAL if french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
