"""Phone numbers under seal: only who has a key of NUMBER_KEYS reads them. The first key seals, all of them open."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnknownKey(Exception):
    """A number was sealed with a key that is not among NUMBER_KEYS."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed number and the mark of the key that sealed it."""

    number: str
    key: str


class Seals:
    """Seals numbers and opens them. Each key is a Fernet key: 32 bytes, in URL-safe base64."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self.mark = key_mark(keys[0])

    def seal(self, number: str) -> Sealed:
        return Sealed(self._fernet.encrypt(number.encode()).decode(), self.mark)

    def open(self, sealed: str) -> str:
        """The number. UnknownKey if none of the keys opens it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise UnknownKey("a number was sealed with a key that NUMBER_KEYS no longer has: add it again") from error


def key_mark(key: str) -> str:
    """A short mark that tells keys apart and says nothing of them."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
