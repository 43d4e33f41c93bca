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
from helpline.menus.shapes import Channel
from helpline.records.tables import carrier_blocks
from helpline.reminders.pause import pause
from helpline.reminders.rate import LONGEST_WAIT, SHORTEST_WAIT, Rate

NOTHING_GOES_OUT = "No text goes out any more"  # how an alert of it begins
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
    channel: Channel = "sms"


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
    """Bears those for all. `alert` reaches an operator, once in a while for the same words, and never raises.

    What is found out by a call holds back calls only: if texts cannot go either, they find out themselves.
    """

    engine: Engine
    rate: Rate | None
    alert: Callable[[str], None]
    call_rate: Rate | None = None

    def bear(self, found: Consequence, now: datetime) -> None:
        """What follows for all others and for the operator, after the commit."""
        match found.act:
            case "back_off":
                self.slow_down(channel=found.channel)
            case "operator" if found.channel == "sms":
                self.pause(str(found.code), now)
            case "operator" | "no_calls":
                self.hold_calls(str(found.code))
            case "drop":
                self.warn(str(found.code), found.channel)
            case "retry_later" | "block" | "end" | "suppress":
                pass

    def slow_down(self, at_least: float = 0.0, channel: Channel = "sms") -> float:
        """Everybody sends nothing by this channel for a while. Seconds until it is over."""
        rate = self.call_rate if channel == "voice" else self.rate
        if rate is None:
            return SHORTEST_WAIT
        try:
            return rate.slow_down(at_least)
        except RedisError as error:
            log.warning("others are not told to slow down", error=type(error).__name__)
            return max(at_least, SHORTEST_WAIT)

    def pause(self, reason: str, now: datetime) -> None:
        """Hold everything back, and tell the operator once."""
        with self.engine.begin() as connection:
            new = pause(connection, "carrier", reason, now)
        if new:
            self.alert(
                f"{NOTHING_GOES_OUT}: {_what(reason)}. When it is put right, sending goes on by itself "
                "within ten minutes, or at once by: helpline reminders resume"
            )

    def hold_calls(self, reason: str) -> None:
        """No call can be made: some are tried again every few minutes. Texts are not held back by it."""
        log.error("no call can be made", reason=reason)
        self.slow_down(LONGEST_WAIT, "voice")
        self.alert(
            f"No call can be made: {_what(reason)}. Texts are not held back by it. "
            "When it is put right, calls go on by themselves within ten minutes"
        )

    def warn(self, reason: str, channel: Channel = "sms") -> None:
        """A message was given up for a reason that the operator should know."""
        log.warning("message given up", reason=reason, channel=channel)
        what = "A call could not be made" if channel == "voice" else "A text could not be sent"
        self.alert(f"{what}: {_what(reason)}. More of the kind may follow.")


def _what(reason: str) -> str:
    match reason:
        case "words":
            return "a reminder has no words; look at: helpline prompts check"
        case "not_allowed":
            return "the number is of no country in ALLOWED_COUNTRIES, or dear; who has it gets no reminders"
        case "number_key":
            return "callers' numbers cannot be opened; NUMBER_KEYS lacks the key that sealed them"
        case _:
            return f"the carrier answers with error {reason}, see {_ABOUT}/{reason}"
