"""What to write down of each message that was posted, or was not: decided as values, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from helpline.carrier.errors import act_on
from helpline.carrier.results import Busy, NotSent, Refused, Sent, Unsure
from helpline.reminders.claiming import Claimed
from helpline.reminders.consequences import Consequence
from helpline.reminders.pause import PROBE_EVERY
from helpline.reminders.posting import NOT_ALLOWED, NotPosted, Outcome, Posted
from helpline.reminders.statuses import ONCE_MORE_AFTER
from helpline.reminders.wanted import SHORTEST

# held: refused for a reason that may be the message's or ours; decided at the end of the job.
Fate = Literal["accepted", "unknown", "planned", "failed", "skipped", "expired", "held"]
# Faults of a row, unless every row has them: then the fault is ours.
FAULTS_OF_ROWS = frozenset({"words", "number_key"})


@dataclass(frozen=True, slots=True)
class Step:
    """Where one message goes, and why. `due` is a new moment for one that waits again; `sid` is the carrier's id."""

    message: Claimed
    to: Fate
    reason: str = ""
    due: datetime | None = None
    sid: str = ""
    consequence: Consequence | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """What a decision depends on. `busy_until`: the carrier takes nothing before. `chance` is for the jitter."""

    at: datetime
    busy_until: datetime | None = None
    probing: bool = False
    chance: float = 0.0


def step(message: Claimed, outcome: Outcome, now: Now) -> Step:
    """Where a message goes after it was posted, or was not."""
    match outcome:
        case Sent(sid):
            return Step(message, "accepted", sid=sid)
        case Unsure(reason):
            return Step(message, "unknown", reason)
        case NotPosted(why) if why in FAULTS_OF_ROWS:
            return Step(message, "held", why)
        case NotPosted(why) if why == NOT_ALLOWED:
            return Step(message, "skipped", why)
        case NotPosted(why) | NotSent(why):
            return put_back(message, now, now.busy_until, why)
        case Busy(code=code):
            return put_back(message, now, now.busy_until, str(code))
        case Refused(code, http):
            return _refused(message, code or http, http, now)


def _refused(message: Claimed, code: int, http: int, now: Now) -> Step:
    act, reason = act_on(code, http), str(code)
    consequence = Consequence(act, code, message.fingerprint, channel=message.channel)
    match act:
        case "drop":
            return Step(message, "held", reason)
        case "operator" if message.channel == "sms":
            return put_back(message, now, None, reason, consequence)
        case "operator" | "no_calls":
            return put_back(message, now, now.at + PROBE_EVERY, reason, consequence)
        case "retry_later" | "back_off":
            return put_back(message, now, now.at + ONCE_MORE_AFTER, reason)
        case "block" if message.kind == "stopped":  # they told the carrier too: what they wanted is done
            return Step(message, "skipped", reason, consequence=consequence)
        case _:
            return Step(message, "failed", reason, consequence=consequence)


def put_back(
    message: Claimed, now: Now, due: datetime | None, reason: str, consequence: Consequence | None = None
) -> Step:
    """It waits again, in its old place or until `due`; or is too late for that.

    What a pause is probed with makes room for another one: it may be refused for a reason of its own.
    """
    if due is None and now.probing:
        due = now.at + PROBE_EVERY
    elif due is not None:
        due += (due - now.at) * now.chance / 2  # not all come back at once
    too_late = (due or now.at) + SHORTEST > message.not_after
    return Step(message, "expired" if too_late else "planned", reason, None if too_late else due, "", consequence)


def is_trouble(outcome: Outcome) -> bool:
    """Whether the carrier takes nothing from anybody now: too much at once, or not reached."""
    return isinstance(outcome, Busy | NotSent)


def asked_to_wait(posted: Sequence[Posted]) -> timedelta:
    """The longest that the carrier asked for."""
    asked = [outcome.retry_after for _, outcome in posted if isinstance(outcome, Busy)]
    return timedelta(seconds=max(asked, default=0.0))


def ends_sending(outcome: Outcome) -> bool:
    """Whether nothing more of the kind can go out until an operator has acted."""
    acts = ("operator", "no_calls")
    return isinstance(outcome, Refused) and act_on(outcome.code or outcome.http, outcome.http) in acts
