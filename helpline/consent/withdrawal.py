"""A withdrawal as a value: who wants nothing more, since when, and how we learned of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# stop, not_me, erase: the caller said so. operator: somebody did it for the caller. idle: twelve months without a
# word. blocked, ended: the carrier says that nothing may, or can, be sent.
Reason = Literal["stop", "not_me", "erase", "operator", "idle", "blocked", "ended"]
REASONS: tuple[Reason, ...] = Reason.__args__  # type: ignore[attr-defined]

CLOCKS_DIFFER = timedelta(seconds=3)  # between machines; less than anybody needs to agree again after a STOP
LONGEST_HEARD, LONGEST_SID, LONGEST_KEY = 20, 34, 100  # what the database has room for


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """It ends what was agreed to at `at` or before. `erases`: everything of the caller goes with it.

    `heard` is the word or key that it came by, `sid` the carrier's id of the text or call, `key` that of the effect.
    `tell`: a text confirms it, since the caller did not write one.
    """

    fingerprint: str
    reason: Reason
    at: datetime
    channel: str
    language: str = ""
    heard: str = ""
    sid: str = ""
    key: str = ""
    erases: bool = False
    tell: bool = False

    def outcome(self, about_something: bool) -> str:
        """The name of how it went, once it is written down."""
        if self.reason == "not_me" and not about_something:
            return "nothing"
        return "erased" if self.erases else "stopped"
