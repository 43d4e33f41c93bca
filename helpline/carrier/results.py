"""How it went to hand something to the carrier: a text, or a call.

It is a value: what must never happen twice is told apart by what is known of it, not by the kind of error.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The carrier took it."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier did not take it: `errors.act_on(code, http)` says what to do."""

    code: int
    http: int


@dataclass(frozen=True, slots=True)
class Busy:
    """The carrier did not take it now. `retry_after`: seconds that it asked for, or 0."""

    retry_after: float = 0.0
    code: int = 20429


@dataclass(frozen=True, slots=True)
class NotSent:
    """The carrier was not reached: nothing was sent, for sure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may or may not have been taken: only the carrier's list tells."""

    reason: str


Result = Sent | Refused | Busy | NotSent | Unsure


class CarrierAway(Exception):
    """The carrier's list cannot be had now. Says why, without a number."""
