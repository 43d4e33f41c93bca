"""Operators in tests: somebody with a password and an app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyotp

from helpline.operators import accounts, links
from helpline.operators.keys import keys_of
from helpline.operators.operator import Role
from helpline.operators.signing_in import Attempt, Door, Refused, SignedIn, sign_in

KEYS = keys_of(b"0123456789abcdef" * 4)
PASSWORD = "quatre mots sans rapport"
ELSEWHERE = "198.51.100.7"


@dataclass
class Somebody:
    """An operator, and what they have at hand."""

    door: Door
    name: str
    secret: str
    session: str
    recovery_codes: tuple[str, ...]

    def code(self, now: datetime) -> str:
        """What their app shows."""
        return pyotp.TOTP(self.secret).at(now)

    def sign_in(
        self,
        now: datetime,
        password: str = PASSWORD,
        code: str = "",
        address: str = ELSEWHERE,
        browser: str = "",
        name: str = "",
    ) -> SignedIn | Refused:
        attempt = Attempt(name or self.name, password, code or self.code(now), address, browser)
        return sign_in(self.door, attempt, now)


def begun(door: Door, name: str, role: Role, now: datetime) -> Somebody:
    """Add an operator, and have them use their link."""
    with door.engine.begin() as connection:
        token = accounts.add(connection, door.keys, name, role, "a test", now).token
        found = links.invitation(connection, door.keys, token, now)
        assert found is not None
        kept = door.passwords.hash(PASSWORD)
        code = pyotp.TOTP(found.totp_secret).at(now)
        done = links.accept(connection, door.keys, token, kept, code, now)
    assert done is not None
    return Somebody(door, name, found.totp_secret, done.session, done.recovery_codes)
