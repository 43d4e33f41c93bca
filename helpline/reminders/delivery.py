"""Delivery: due messages claimed, posted and written down, for the length of one job."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from helpline.carrier.client import AT_ONCE
from helpline.consent import daily_budget as budget
from helpline.menus.dates import today_in_paris
from helpline.records.engine import reading
from helpline.reminders.claiming import Claimed, claim, how_many_due
from helpline.reminders.pause import Pause, begin_probe, paused_for
from helpline.reminders.posting import Posting
from helpline.reminders.queues import REPLIES, channel_of
from helpline.reminders.rate import Slots
from helpline.reminders.recording import Recording
from helpline.reminders.sender import Sender

CLAIM = 100  # messages at once, at most
# How far ahead slots are taken: whoever says STOP meanwhile may still get what was claimed. Replies come first. A claim
# holds for much longer (`posting.py`), so that at the slowest rate what was claimed can still be begun.
AHEAD, AHEAD_OF_ALL = 3.0, 5.0
SECONDS = 20.0  # a job claims nothing after that; with the last answer it ends before 20 + 5 + 15
_NAP = 1.0
_CLAIMS = 5  # attempts to claim, while callers withdraw

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one job did, as counts of messages. `given_up`: not wanted any more, or too late, before they were sent."""

    accepted: int = 0
    unknown: int = 0
    failed: int = 0
    put_back: int = 0
    given_up: int = 0
    paused: bool = False


def deliver(
    sender: Sender,
    queue: str,
    seconds: float = SECONDS,
    most: int = CLAIM,
    at_once: int = AT_ONCE,
    asked_to_end: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Send what is due of a queue, until nothing is, or the time is over, or somebody asked to end.

    Safe to run twice, at once, and to be killed at any moment: nothing is posted that was not claimed in a committed
    transaction, and what was claimed and not written down is settled by `doubts.py`.
    """
    with Posting(sender.carrier, sender.seals, sender.clock, at_once, sender.countries) as posting:
        job = _Job(sender, queue, posting, time.monotonic() + seconds, most, asked_to_end)
        try:
            job.run()
        finally:
            posting.stop()
            while posting.left:
                job.recording.record(posting.take())
        job.recording.finish()
    counts = job.recording.counts
    delivered = Delivered(
        accepted=counts["accepted"],
        unknown=counts["unknown"],
        failed=counts["failed"],
        put_back=counts["planned"],
        given_up=job.given_up + counts["expired"] + counts["skipped"],
        paused=job.paused,
    )
    log.info("delivered", queue=queue, **{name: getattr(delivered, name) for name in Delivered.__slots__})
    return delivered


class _Job:
    def __init__(
        self,
        sender: Sender,
        queue: str,
        posting: Posting,
        end: float,
        most: int,
        asked_to_end: Callable[[], bool],
    ) -> None:
        self._sender, self._queue, self._posting, self._end, self._most = sender, queue, posting, end, most
        self._asked_to_end = asked_to_end
        self._channel = channel_of(queue)
        self._rate = sender.rate_of(self._channel)
        self.recording = Recording(sender, posting, self._channel)
        self._last_slot = 0.0
        self.given_up = 0
        self.paused = False

    def run(self) -> None:
        going_on = True
        while going_on or self._posting.left:
            if going_on and not self._posting.stopped and self._is_nearly_done():
                going_on = self._claim_more()
            if self._posting.left:
                self.recording.record(self._posting.take())
            if self._asked_to_end():
                self._posting.stop()
            going_on = going_on and not self._posting.stopped and time.monotonic() < self._end

    def _is_nearly_done(self) -> bool:
        """Whether to claim the next ones, while the last ones are still being posted: not one by one at a slow rate."""
        return self._posting.waiting <= self._most // 2 and self._last_slot - time.monotonic() < AHEAD / 2

    def _claim_more(self) -> bool:
        """Claim what is due and may go in the next seconds. Whether it is worth asking again."""
        if self._sender.clock_wrong_by():
            return False
        now = self._sender.clock()
        self._sender.apply_withdrawals(now)
        prompts = self._sender.prompts()
        with reading(self._sender.engine).connect() as connection:
            pause = paused_for(connection, self._channel)
            left = budget.left(connection, today_in_paris(now), self._sender.messages_a_day)
            due = how_many_due(connection, prompts, self._queue, now, self._most, left)
        self.paused = pause is not None
        if not due or (pause and not pause.may_probe(now)):
            return False
        reserved = time.monotonic()
        slots = self._rate.reserve(1 if pause else due, AHEAD_OF_ALL if self._queue == REPLIES else AHEAD)
        if not slots.count:
            return self._wait_for(slots)
        self._last_slot = reserved + slots.delay + (slots.count - 1) * slots.gap
        self.recording.troubled = slots.troubled
        for _ in range(_CLAIMS):
            before, tick, claimed_at = self.given_up, time.monotonic(), self._sender.clock()
            taken = self._claim(slots.count, pause, claimed_at)
            if taken is not None:
                self._posting.add(taken, slots, reserved, claimed_at, tick)
                # Nothing came of what is due: another worker has it.
                return pause is None and bool(taken or self.given_up > before)
            self._sender.apply_withdrawals(claimed_at)
        return pause is None

    def _claim(self, most: int, pause: Pause | None, now: datetime) -> list[Claimed] | None:
        """The next ones. None if somebody withdrew since the journal was applied: the wait for the database is long.

        Or if other workers have spent meanwhile what the day's budget had left.
        """
        day, most_a_day = today_in_paris(now), self._sender.messages_a_day
        with self._sender.engine.connect() as connection, connection.begin() as transaction:
            if pause and not begin_probe(connection, pause, now):
                return []
            left = budget.left(connection, day, most_a_day)
            taken, given_up = claim(
                connection, self._sender.prompts(), self._sender.fingerprint_key, self._queue, now, most, left
            )
            kinds = [message.kind for message in taken]
            paid = not kinds or budget.spend(connection, day, kinds, most_a_day, now)
            if not paid or not self._sender.journal_is_applied(connection):
                transaction.rollback()
                return None
        self.recording.probing = pause is not None
        self.given_up += given_up
        return taken

    def _wait_for(self, slots: Slots) -> bool:
        """All slots of the next seconds are taken: wait, unless others have more than this job's time to do."""
        if time.monotonic() + slots.delay > self._end:
            return False
        if not self._posting.left:
            time.sleep(min(slots.delay, _NAP))
        return True
