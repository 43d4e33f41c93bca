"""Passwords: which are refused, and what is kept of the others (Argon2id)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200
Refusal = Literal["too_short", "too_long", "name", "worst"]

# 46 MiB and two passes, above the least that OWASP asks for; a small server bears two at a time.
MEMORY_KIB, PASSES, AT_ONCE = 47_104, 2, 2
# Of a password that nobody knows: to check it takes what it takes to check somebody's.
NOBODYS = "$argon2id$v=19$m=47104,t=2,p=1$lrzQee3vBUt072GCC8mN9Q$kRMZTlRnUGDMBiPFKtLiT+xoW3PvlXT0L1A8ZB+GFAQ"
_FEWEST_CHARACTERS = 5

# What is tried first, of those that are long enough. Digits at the end are taken away before.
_WORST = frozenset(
    {
        *("password", "passwordpassword", "motdepasse", "motdepassemotdepasse", "monmotdepasse", "changeme"),
        *("azertyuiop", "azertyuiopqs", "azertyuiopqsdfghjklm", "azerty", "azertyazerty", "qwertyuiop", "qwertyuiopas"),
        *("qwerty", "qwertyqwerty", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmnopqrstuvwxyz", "aqwzsxedcrfv"),
        *("iloveyou", "iloveyouiloveyou", "jetaime", "jetaimejetaime", "bonjour", "bonjourbonjour", "letmein"),
        *("welcome", "welcomewelcome", "administrator", "administrateur", "admin", "adminadminadmin", "soleil"),
        *("doudou", "loulou", "chouchou", "marseille", "football", "superman", "princesse", "francetravail"),
        *("poleemploi", "helpline", "helplinehelpline", "correcthorsebatterystaple", "1q2w3e4r5t6y", "1a2z3e4r5t6y"),
    }
)
_ROWS = ("0123456789" * 3, "9876543210" * 3)


def why_refused(password: str, *names: str) -> Refusal | None:
    """Why this is no password for an operator; None where it is one. `names`: the operator's and the helpline's."""
    password = _normal(password)
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    plain = _plain(password)
    core = plain.rstrip("0123456789")
    if any(_repeats(core, _plain(name)) for name in names):
        return "name"
    return "worst" if _is_guessed_first(password, plain, core) else None


class Passwords:
    """Hashes passwords and checks them, two at a time: each takes memory."""

    def __init__(self, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=1)
        self._places = BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._places:
            return self._hasher.hash(_normal(password))

    def is_right(self, kept: str, password: str) -> bool:
        """Whether it is the password. Where none is kept it takes the same time, and is not."""
        with self._places:
            try:
                self._hasher.verify(kept or NOBODYS, _normal(password)[: LONGEST + 1])
                return bool(kept)
            except (VerificationError, InvalidHashError):
                return False


def _is_guessed_first(password: str, plain: str, core: str) -> bool:
    is_row = bool(plain) and any(plain in row for row in _ROWS)
    return is_row or core in _WORST or plain in _WORST or len(set(password)) < _FEWEST_CHARACTERS


def _normal(password: str) -> str:
    """The same characters, whichever keyboard they were typed on."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    """Letters and digits only, without accents or capitals."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter.isalnum())


def _repeats(text: str, name: str) -> bool:
    return bool(name) and text in _repetitions(name, len(text))


def _repetitions(name: str, length: int) -> Iterable[str]:
    return (name * times for times in range(1, length // len(name) + 1))
