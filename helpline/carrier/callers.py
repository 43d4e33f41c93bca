"""Who texts or calls, as the carrier tells it: a number, or somebody who withholds it."""

from __future__ import annotations

import hashlib
import hmac
import re

WITHHELD = frozenset(
    {
        "+266696687",  # ANONYMOUS
        "+7378742833",  # RESTRICTED
        "+2562533",  # BLOCKED
        "+8656696",  # UNKNOWN
        "+86282452253",  # UNAVAILABLE
    }
)
_NUMBER = re.compile(r"\+?[0-9]{3,15}")


def caller_number(sender: str) -> str:
    """The number of a `From`, or nothing for a withheld, alphabetic or missing one: no person is keyed to those."""
    sender = sender.strip()
    return sender if sender not in WITHHELD and _NUMBER.fullmatch(sender) else ""


def fingerprint(number: str, key: bytes) -> str:
    """A number as Redis knows it: a keyed hash that nobody turns back without the key."""
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:32]
