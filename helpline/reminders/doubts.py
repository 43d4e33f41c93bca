"""Doubts settled: of a message that was handed over without an answer, only the carrier's list tells what became of it.

What the list does not have after the carrier must have settled goes again: a missed reminder costs an income, so in
true doubt we send. A report of the carrier's that comes later still moves a message that waits to go again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, and_, or_, select

from helpline.carrier.client import AT_ONCE, LONGEST_EXCHANGE
from helpline.carrier.results import CarrierAway
from helpline.consent.daily_budget import give_back
from helpline.menus.dates import today_in_paris
from helpline.menus.shapes import Channel
from helpline.records.engine import reading
from helpline.records.messages import IS_IN_DOUBT, move
from helpline.records.sealing import UnknownKey
from helpline.records.tables import callers, messages
from helpline.reminders.consequences import Consequence, Consequences
from helpline.reminders.last_message import went
from helpline.reminders.posting import CLAIM_HOLDS
from helpline.reminders.recognising import Doubt, Found, known_elsewhere, marks_of_others, this_one
from helpline.reminders.sender import Accepted, Sender
from helpline.reminders.statuses import Report, follow
from helpline.reminders.wanted import SHORTEST

SETTLE_SECONDS = 120
BUDGET = 40.0  # seconds of one job
_PAGE = 100
_CLOCKS_APART = timedelta(seconds=120)  # ours and the carrier's
_WORTH_A_LOOK = timedelta(days=1)  # too late since then: nobody gains by it
_MOST_AWAY = 5  # look-ups that fail, after which the carrier is left in peace

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of doubts. `left` could not be looked up."""

    found: int = 0
    again: int = 0
    expired: int = 0
    failed: int = 0
    left: int = 0


def settle(
    sender: Sender, settle_seconds: int = SETTLE_SECONDS, budget: float = BUDGET, at_once: int = AT_ONCE
) -> Settled:
    """Look up what has been in doubt for so long that the carrier must have settled. Safe to run twice, and at once."""
    end = time.monotonic() + budget
    total: dict[str, int] = dict.fromkeys(Settled.__slots__, 0)
    after: tuple[datetime, int] | None = None
    with ThreadPoolExecutor(at_once, "settling") as threads:
        while time.monotonic() < end and not sender.clock_wrong_by():
            doubts = _page(sender, settle_seconds, after)
            if not doubts:
                break
            after = (doubts[-1].claimed_at, doubts[-1].id)
            doubts = _old_enough(sender, settle_seconds, doubts)
            looked_up = list(threads.map(lambda doubt: _look_up(sender, doubt, settle_seconds, end), doubts))
            for what, count in _write(sender, looked_up).items():
                total[what] += count
            if [listed for _, listed in looked_up].count(None) >= _MOST_AWAY:
                break
    settled = Settled(**total)
    if any(total.values()):
        log.info("doubts settled", **total)
    return settled


def _page(sender: Sender, settle_seconds: int, after: tuple[datetime, int] | None) -> list[Doubt]:
    """The next messages whose doubt is old enough, the oldest claim first."""
    now = sender.clock()
    settled, unanswered = _waits(settle_seconds)
    old_enough = or_(
        and_(messages.c.state == "sending", messages.c.claimed_at < now - unanswered),
        # The carrier may take a text after we gave up waiting: it has its time from then on.
        and_(messages.c.state == "unknown", messages.c.changed_at < now - settled),
        messages.c.claimed_at > now,  # the date was set back: how old these are in real time is looked at below
    )
    of_message = (
        *("id", "caller_id", "tries", "state", "kind", "wave", "occurrence"),
        *("not_after", "claimed_at", "changed_at", "body_mark", "channel"),
    )
    found = (
        select(*(messages.c[n] for n in of_message), callers.c.language, callers.c.number)
        .join_from(messages, callers, callers.c.id == messages.c.caller_id)
        .where(IS_IN_DOUBT, old_enough)
        .order_by(messages.c.claimed_at, messages.c.id)
        .limit(_PAGE)
    )
    if after:
        later = and_(messages.c.claimed_at == after[0], messages.c.id > after[1])
        found = found.where(or_(messages.c.claimed_at > after[0], later))
    with reading(sender.engine).connect() as connection:
        return [_doubt(row) for row in connection.execute(found)]


def _waits(settle_seconds: int) -> tuple[timedelta, timedelta]:
    """How long the carrier may need: from when we gave up waiting for it, and from the claim."""
    settled = timedelta(seconds=settle_seconds)
    return settled, CLAIM_HOLDS + timedelta(seconds=LONGEST_EXCHANGE) + settled


def _old_enough(sender: Sender, settle_seconds: int, doubts: Sequence[Doubt]) -> list[Doubt]:
    """Those that are so old in real time, too: the date may have been moved while they were posted."""
    settled, unanswered = _waits(settle_seconds)
    course = sender.course()
    return [
        doubt
        for doubt in doubts
        if (doubt.state == "sending" and course.age(doubt.claimed_at) > unanswered)
        or (doubt.state == "unknown" and course.age(doubt.changed_at) > settled)
    ]


def _doubt(row: Any) -> Doubt:
    return Doubt(
        id=row.id,
        caller=row.caller_id,
        tries=row.tries,
        state=row.state,
        kind=row.kind,
        wave=row.wave,
        occurrence=row.occurrence,
        language=row.language,
        sealed=row.number,
        not_after=row.not_after,
        claimed_at=row.claimed_at,
        changed_at=row.changed_at,
        mark=row.body_mark,
        channel=row.channel,
    )


def _look_up(sender: Sender, doubt: Doubt, settle_seconds: int, end: float) -> tuple[Doubt, Sequence[Found] | None]:
    """What the carrier has for this number around that time; None if that is not to be had now."""
    if doubt.sealed is None:
        return replace(doubt, fault="no_number"), []
    if sender.clock() > doubt.not_after + _WORTH_A_LOOK:
        return doubt, []
    if time.monotonic() > end:
        return doubt, None
    try:
        number = sender.seals.open(doubt.sealed)
    except UnknownKey:
        log.error("a doubt about a number that cannot be opened", message=doubt.id)
        return replace(doubt, fault="number_key"), []
    until = _CLOCKS_APART + timedelta(seconds=settle_seconds)
    first, last = sender.course().dates_around(doubt.claimed_at, _CLOCKS_APART, until)
    try:
        listed = _ours_to(sender, doubt.channel, number, first)
    except CarrierAway as error:
        log.warning("doubt not settled", message=doubt.id, error=str(error)[:80])
        return doubt, None
    return doubt, [message for message in listed if message.created <= last]


def _ours_to(sender: Sender, channel: Channel, number: str, first: datetime) -> Sequence[Found]:
    """Our texts, or our calls, to a number since then."""
    if channel == "voice":
        return sender.carrier.calls_to(number, first)
    listed = sender.carrier.sent_to(number, first)
    return [message for message in listed if message.direction == "outbound-api" and sender.is_ours(message)]


def _write(sender: Sender, looked_up: Sequence[tuple[Doubt, Sequence[Found] | None]]) -> dict[str, int]:
    counts = dict.fromkeys(Settled.__slots__, 0)
    consequences: list[Consequence] = []
    accepted: list[Accepted] = []
    now = sender.clock()
    known = [(doubt, listed) for doubt, listed in looked_up if listed is not None]
    counts["left"] = len(looked_up) - len(known)
    with sender.engine.begin() as connection:
        taken = known_elsewhere(connection, [message.sid for _, listed in known for message in listed])
        others = marks_of_others(connection, [doubt for doubt, _ in known])
        for doubt, listed in known:
            free = [message for message in listed if message.sid not in taken]
            message = this_one(sender, doubt, free, others.get(doubt.caller, {}))
            if message is None:
                counts[_not_there(connection, doubt, now)] += 1
                continue
            taken.add(message.sid)
            counts["found"] += 1
            consequence = _there(connection, sender, doubt, message, now)
            consequences += [consequence] if consequence else []
            last = went(connection, doubt.id) if doubt.channel == "sms" else None
            accepted += [last] if last else []
    sender.remember_safely(accepted)
    _bear(sender, consequences, now)
    return counts


def _there(connection: Connection, sender: Sender, doubt: Doubt, message: Found, now: datetime) -> Consequence | None:
    """It is the carrier's: accepted, and whatever became of it since."""
    calendar = sender.prompts().menus.calendar
    follow(connection, calendar, Report(doubt.id, doubt.tries, message.sid, "accepted"), now)
    # Whether anything was said in a call is for `silence.py` to find out.
    what = Report(doubt.id, doubt.tries, message.sid, message.status, message.code, said=None)
    return follow(connection, calendar, what, now)


def _not_there(connection: Connection, doubt: Doubt, now: datetime) -> str:
    """It never got there: again, unless it is too late, or the number is gone. The name of the count."""
    unchanged = (
        messages.c.id == doubt.id,
        messages.c.state == doubt.state,
        messages.c.tries == doubt.tries,
        messages.c.claimed_at == doubt.claimed_at,
    )
    if doubt.fault:
        move(connection, "failed", now, *unchanged, reason=doubt.fault)
        return "failed"
    is_late = now + SHORTEST > doubt.not_after
    if move(connection, "expired" if is_late else "planned", now, *unchanged, reason="not found"):
        give_back(connection, today_in_paris(doubt.claimed_at), (doubt.kind,), now)  # it was of that day's budget
    return "expired" if is_late else "again"


def _bear(sender: Sender, consequences: Sequence[Consequence], now: datetime) -> None:
    for consequence in dict.fromkeys(consequences):
        Consequences(sender.engine, sender.rate, sender.alert, sender.call_rate).bear(consequence, now)
