"""The second step: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp

from helpline.operators.keys import Keys

ISSUER_LONGEST = 30
_STEPS = (-1, 0, 1)  # clocks of phones are half a minute off
RECOVERY_CODES = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that looks like something else
_GROUPS, _GROUP = 3, 4


def new_totp_secret() -> str:
    """A secret to share with an app, in the letters that apps take."""
    return pyotp.random_base32()


def address_for_app(secret: str, name: str, service: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=service[:ISSUER_LONGEST])


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which half minute a code is of; None where it is wrong. Each counts once: who keeps the last step sees to it."""
    typed = "".join(code.split())
    if not secret or not (typed.isascii() and typed.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    step = totp.timecode(now)
    found = [step + ahead for ahead in _STEPS if secrets.compare_digest(totp.generate_otp(step + ahead), typed)]
    return found[0] if found else None


def new_recovery_codes() -> list[str]:
    """Codes that each count once, in groups as people copy them."""
    return [_recovery_code() for _ in range(RECOVERY_CODES)]


def recovery_mark(keys: Keys, operator: int, code: str) -> str:
    """What is kept of a recovery code, however it is typed."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return keys.mark("recovery", f"{operator} {plain}")


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
