"""Whether a number can get a text from us."""

from __future__ import annotations

from typing import Literal

import phonenumbers

from helpline.landlines import is_landline
from helpline.menus.shapes import Channel

Refusal = Literal["", "no_number", "no_text"]


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
    return "no_text" if channel == "voice" and is_landline(parsed) else ""
