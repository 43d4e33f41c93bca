"""What an error of the carrier's means beyond its message: for the caller, for all others, for the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine

from helpline.carrier.errors import Act
from helpline.consent.once import insert_new
from helpline.consent.withdrawing import block, end
from helpline.records.tables import carrier_blocks
from helpline.reminders.pause import pause
from helpline.reminders.rate import SHORTEST_WAIT, Rate

_ABOUT = "https://www.twilio.com/docs/errors"

# What is about one caller.
ABOUT_CALLER: frozenset[Act] = frozenset({"block", "end", "suppress"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something to be done beyond the message. `sent_at`: what it is about was sent then; None where that is now."""

    act: Act
    code: int
    fingerprint: str
    sent_at: datetime | None = None


def bear_for_caller(connection: Connection, found: Consequence, now: datetime) -> None:
    """What follows for the caller, with the message's own state: neither is ever kept without the other."""
    match found.act:
        case "block":
            block(connection, found.fingerprint, now, found.sent_at)
        case "end":
            end(connection, found.fingerprint, str(found.code), now, found.sent_at)
        case "suppress":
            insert_new(connection, carrier_blocks, fingerprint=found.fingerprint, since=now)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Consequences:
    """Bears those for all. `alert` reaches an operator, once in a while for the same words, and never raises."""

    engine: Engine
    rate: Rate | None
    alert: Callable[[str], None]

    def bear(self, found: Consequence, now: datetime) -> None:
        """What follows for all others and for the operator, after the commit."""
        match found.act:
            case "back_off":
                self.slow_down()
            case "operator":
                self.pause(str(found.code), now)
            case "drop":
                self.warn(str(found.code))
            case "retry_later" | "block" | "end" | "suppress":
                pass

    def slow_down(self, at_least: float = 0.0) -> float:
        """Everybody sends nothing for a while. Seconds until it is over."""
        if self.rate is None:
            return SHORTEST_WAIT
        try:
            return self.rate.slow_down(at_least)
        except RedisError as error:
            log.warning("others are not told to slow down", error=type(error).__name__)
            return max(at_least, SHORTEST_WAIT)

    def pause(self, reason: str, now: datetime) -> None:
        """Hold everything back, and tell the operator once."""
        with self.engine.begin() as connection:
            new = pause(connection, "carrier", reason, now)
        if new:
            self.alert(
                f"No text goes out any more: {_what(reason)}. When it is put right, sending goes on by itself "
                "within ten minutes, or at once by: helpline reminders resume"
            )

    def warn(self, reason: str) -> None:
        """A message was given up for a reason that the operator should know."""
        log.warning("message given up", reason=reason)
        self.alert(f"A text could not be sent: {_what(reason)}. More of the kind may follow.")


def _what(reason: str) -> str:
    match reason:
        case "words":
            return "a reminder has no words; look at: helpline prompts check"
        case "number_key":
            return "callers' numbers cannot be opened; NUMBER_KEYS lacks the key that sealed them"
        case _:
            return f"the carrier answers with error {reason}, see {_ABOUT}/{reason}"
