"""What came of posted messages, written down in small batches: whoever is killed leaves few of them in doubt."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from helpline.consent.daily_budget import give_back
from helpline.menus.dates import today_in_paris
from helpline.menus.shapes import Channel
from helpline.records.messages import move
from helpline.records.tables import messages
from helpline.reminders.claiming import Claimed
from helpline.reminders.consequences import Consequence, Consequences, bear_for_caller
from helpline.reminders.last_message import still_known
from helpline.reminders.outcomes import (
    FAULTS_OF_ROWS,
    Now,
    Step,
    asked_to_wait,
    ends_sending,
    is_trouble,
    put_back,
    step,
)
from helpline.reminders.pause import end_after_probe
from helpline.reminders.posting import NOT_ALLOWED, Posted, Posting
from helpline.reminders.sender import Accepted, Sender
from helpline.reminders.statuses import Report, accept, take_carefully
from helpline.reminders.wanted import SHORTEST

# Refusals that may be nobody's fault in particular: where most are refused so, the fault is ours, and all wait.
_FEW, _MANY = 5, 10
_FULL = 100  # faults of rows, and nothing else: it is no use to look at more
_HELD_FOR = timedelta(hours=1)  # what was held goes behind all others
_WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)  # seconds, while the database is away

log = structlog.get_logger(__name__)


class Recording:
    """Writes down what comes out of one job's posting, and stops it when there is no sense in going on."""

    def __init__(self, sender: Sender, posting: Posting, channel: Channel = "sms") -> None:
        self._sender, self._posting, self._channel = sender, posting, channel
        self._consequences = Consequences(sender.engine, sender.rate, sender.alert, sender.rate_of("voice"))
        self._held: list[Step] = []
        self._busy_until: datetime | None = None
        self.probing = False
        self.troubled = False  # the carrier was, when slots were taken
        self.counts: Counter[str] = Counter()

    def record(self, posted: Sequence[Posted]) -> None:
        """Write down some outcomes. Raises when the database stays away; what is not written then is in doubt."""
        now = self._sender.clock()
        self._look_for_trouble(posted, now)
        steps = [step(message, outcome, self._now(now)) for message, outcome in posted]
        known = self._write([found for found in steps if found.to != "held"], now)
        self._hold([found for found in steps if found.to == "held"])
        # Once each: what is about all messages is the same for a hundred of them.
        if any(found.reason == NOT_ALLOWED for found in steps):
            self._consequences.warn(NOT_ALLOWED, self._channel)
        for consequence in dict.fromkeys(_about(found.consequence) for found in steps if found.consequence):
            self._bear(consequence, now)
        self._after_accepting([found.message for found in steps if found.to == "accepted"], known, now)

    def finish(self) -> None:
        """Decide about what was held: given up, or put back if the fault is ours."""
        faults, refused = _apart(self._held)
        self._held = []
        others = sum(self.counts.values())
        # Any other row whose number opened, or that had words, shows that the fault is not ours.
        self._decide(faults, self.probing or (len(faults) >= _FEW and not others and not refused))
        self._decide(refused, self.probing or (len(refused) >= _FEW and len(refused) > self.counts["accepted"]))

    def _decide(self, held: Sequence[Step], ours: bool) -> None:
        if not held:
            return
        now = self._sender.clock()
        reasons = Counter(found.reason for found in held)
        if ours:
            self._hold_back(reasons.most_common(1)[0][0], now)
            self._write([_behind_all(found, now) for found in held], now)
            return
        self._write([Step(found.message, "failed", found.reason) for found in held], now)
        for reason in reasons:
            self._consequences.warn(reason, self._channel)

    def _hold_back(self, reason: str, now: datetime) -> None:
        if self._channel == "voice":
            self._consequences.hold_calls(reason)
        else:
            self._consequences.pause(reason, now)

    def _now(self, now: datetime) -> Now:
        return Now(now, self._busy_until, self.probing, random.random())  # noqa: S311

    def _look_for_trouble(self, posted: Sequence[Posted], now: datetime) -> None:
        """Slow everybody down where the carrier takes nothing now, before anything is planned again."""
        trouble = [outcome for _, outcome in posted if is_trouble(outcome)]
        if trouble:
            self._posting.stop()
            wait = self._consequences.slow_down(asked_to_wait(posted).total_seconds(), self._channel)
            self._busy_until = now + timedelta(seconds=wait)
            log.warning("the carrier takes nothing now", seconds=round(wait), count=len(trouble), why=str(trouble[0]))
        if any(ends_sending(outcome) for _, outcome in posted):
            self._posting.stop()

    def _write(self, steps: Sequence[Step], now: datetime) -> frozenset[str]:
        """In one transaction. Patient: these are known, and would be in doubt otherwise.

        Who of those that were written to is still known, by fingerprint.
        """
        known: frozenset[str] = frozenset()
        for wait in (*_WAITS, None):
            try:
                known = self._write_once(steps, now)
                break
            except DBAPIError as error:
                self._posting.stop()
                if wait is None:
                    raise
                log.warning("outcomes not written down yet", count=len(steps), error=type(error.orig).__name__)
                time.sleep(wait)
        self.counts.update(found.to for found in steps)
        return known

    def _write_once(self, steps: Sequence[Step], now: datetime) -> frozenset[str]:
        accepted = [(found.message.id, found.message.tries, found.sid) for found in steps if found.to == "accepted"]
        written_to = {found.message.fingerprint for found in steps if found.to == "accepted"}
        others = [found for found in steps if found.to != "accepted"]
        try:
            with self._sender.engine.begin() as connection:
                accept(connection, accepted, now)
                _give_back(connection, [found for found in others if _write_step(connection, found, now)], now)
                return still_known(connection, written_to)
        except IntegrityError:  # another message has one of the sids, by mistake
            with self._sender.engine.begin() as connection:
                for message, tries, sid in accepted:
                    take_carefully(connection, Report(message, tries, sid, "accepted"), now)
                _give_back(connection, [found for found in others if _write_step(connection, found, now)], now)
                return still_known(connection, written_to)

    def _hold(self, held: Sequence[Step]) -> None:
        self._held += held
        faults, refused = _apart(self._held)
        if len(refused) >= _MANY and not self.counts["accepted"]:
            self._posting.stop()
        if len(faults) >= _FULL and not refused and not sum(self.counts.values()):
            self._posting.stop()

    def _after_accepting(self, accepted: Sequence[Claimed], known: frozenset[str], now: datetime) -> None:
        self._sender.remember_safely(
            [
                Accepted(m.fingerprint, m.language, m.place, now, m.form)
                for m in accepted
                if m.fingerprint in known and m.channel == "sms"
            ]
        )
        if accepted and self.probing:
            self.probing = False
            with self._sender.engine.begin() as connection:
                end_after_probe(connection)
        if accepted and self.troubled:
            self.troubled = False
            with suppress(RedisError):
                self._sender.rate_of(self._channel).all_well()

    def _bear(self, consequence: Consequence, now: datetime) -> None:
        try:
            self._consequences.bear(consequence, now)
        except SQLAlchemyError as error:  # the message's state is written, and the next wave says the same again
            log.error("consequence not borne", code=consequence.code, error=type(error).__name__)


def _apart(held: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Those that cannot be posted, and those that the carrier refused."""
    faults = [found for found in held if found.reason in FAULTS_OF_ROWS]
    return faults, [found for found in held if found.reason not in FAULTS_OF_ROWS]


def _behind_all(found: Step, now: datetime) -> Step:
    """It waits for longer than others do: the next probe is not spent on it again. Less long if it has less time."""
    later = now + _HELD_FOR
    due = later if later + SHORTEST <= found.message.not_after else None
    return put_back(found.message, Now(now, probing=True), due, found.reason)


def _write_step(connection: Connection, found: Step, now: datetime) -> bool:
    """Whether the message moved: not if this was written before, by a COMMIT whose answer never came."""
    message, moved = found.message, 0
    this_try = (messages.c.id == message.id, messages.c.tries == message.tries)
    if found.to == "planned":
        values: dict[str, Any] = {"due_at": found.due} if found.due else {}
        if not message.went_before:  # else it would have the number of a try that the carrier may still speak of
            values["tries"] = messages.c.tries - 1  # nothing was sent: it does not count
        moved = move(connection, "planned", now, *this_try, reason=found.reason, **values)
    elif found.to != "held":
        moved = move(connection, found.to, now, *this_try, reason=found.reason)
    if found.consequence:
        bear_for_caller(connection, found.consequence, now)
    return moved > 0


def _give_back(connection: Connection, others: Sequence[Step], now: datetime) -> None:
    """What the carrier surely did not take costs nothing: it is not of the day's budget."""
    kinds = [found.message.kind for found in others if found.to not in ("unknown", "held")]
    if kinds:
        give_back(connection, today_in_paris(now), kinds, now)


def _about(found: Consequence) -> Consequence:
    """Without the caller."""
    return replace(found, fingerprint="")
