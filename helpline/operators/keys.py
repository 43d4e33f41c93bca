"""What the desk signs and seals with: keys made of FINGERPRINT_KEY, so that there is no further secret to keep."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True, slots=True)
class Keys:
    """One key for each use. FINGERPRINT_KEY never changes, and is never beside a backup."""

    cookies: bytes = field(repr=False)
    marks: bytes = field(repr=False)
    seals: bytes = field(repr=False)

    def mark(self, kind: str, text: str) -> str:
        """What stands for a text in the database: the same text has the same mark, and no mark tells its text."""
        return hmac.digest(self.marks, f"{kind}\0{text}".encode(), "sha256").hex()

    def seal(self, text: str) -> str:
        """The text, as only `open` reads it."""
        return Fernet(self.seals).encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text; nothing where it was sealed with another FINGERPRINT_KEY."""
        try:
            return Fernet(self.seals).decrypt(sealed).decode()
        except InvalidToken:
            return ""


def keys_of(fingerprint_key: bytes) -> Keys:
    """The keys of the desk."""
    cookies, marks, seals = (_derived(fingerprint_key, use) for use in ("cookies", "marks", "seals"))
    return Keys(cookies, marks, base64.urlsafe_b64encode(seals))


def new_token() -> str:
    """A secret that nobody guesses, for a link or a session."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _derived(key: bytes, use: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"helpline desk {use}".encode()).derive(key)
