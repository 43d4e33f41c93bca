"""Claimed messages handed to the carrier by some threads at once, each at its slot, and none too long after the claim.

A text is handed over with its words. For a call the carrier gets an address that answers with what is to be said: all
that this needs stands in the address, so that whoever picks up hears it, whatever is down then.

Whoever was frozen meanwhile must not send: others may have looked at the carrier, found nothing, and sent it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Self

import structlog

from helpline.carrier.client import AT_ONCE
from helpline.carrier.results import Result, Unsure
from helpline.carrier.sending import LONGEST_VALIDITY, Carrier
from helpline.consent.reach import may_call
from helpline.conversation import session
from helpline.conversation.session import Session
from helpline.records.sealing import Seals, UnknownKey
from helpline.reminders.claiming import Claimed
from helpline.reminders.rate import Slots
from helpline.reminders.wanted import SHORTEST

# A claim that is older is nobody's any more: `doubts.py` counts on it.
CLAIM_HOLDS = timedelta(seconds=30)
NOT_ALLOWED = "not_allowed"
OURS_PATH = "/twilio/voice/ours"
_TICK = 0.1
_MOST_RESULTS = 25

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NotPosted:
    """It was not handed over, for sure: `stopped`, `late`, `closed` (no time left for it), `words`, `number_key`.

    `not_allowed`: the number is dear, or of a country that is not served. Settings change, and so do numbers' prices.
    """

    why: str


Outcome = Result | NotPosted
Posted = tuple[Claimed, Outcome]


@dataclass(frozen=True, slots=True)
class _Job:
    message: Claimed
    at: float  # by the monotonic clock: its slot
    claimed: datetime
    claimed_tick: float


class Posting:
    """Threads that post, for the length of one job."""

    def __init__(
        self,
        carrier: Carrier,
        seals: Seals,
        clock: Callable[[], datetime],
        at_once: int = AT_ONCE,
        countries: Collection[str] | None = None,
    ) -> None:
        self._carrier, self._seals, self._clock, self.at_once = carrier, seals, clock, at_once
        self._countries = countries
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._results: SimpleQueue[Posted] = SimpleQueue()
        self._stopped = Event()
        self._threads = [Thread(target=self._work, name=f"posting {n}", daemon=True) for n in range(at_once)]
        self.left = 0  # messages whose outcome was not taken yet

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing new is posted; what is on its way gets its answer."""
        if error:
            self.stop()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    @property
    def waiting(self) -> int:
        """Messages that no thread has taken up yet."""
        return self._jobs.qsize()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """Post nothing more: what is left comes back as `NotPosted("stopped")`."""
        self._stopped.set()

    def add(self, messages: Sequence[Claimed], slots: Slots, reserved: float, claimed: datetime, tick: float) -> None:
        """Post these from now on. `reserved` and `tick` are the monotonic clock when slots and messages were taken."""
        self.left += len(messages)
        for place, message in enumerate(messages):
            self._jobs.put(_Job(message, reserved + slots.delay + place * slots.gap, claimed, tick))

    def take(self) -> list[Posted]:
        """What came out of some of them: as soon as there are enough for one transaction, or after a short while."""
        found: list[Posted] = []
        end = time.monotonic() + _TICK
        while len(found) < min(_MOST_RESULTS, self.left) and (wait := end - time.monotonic()) > 0:
            try:
                found.append(self._results.get(timeout=wait))
            except Empty:
                break
        self.left -= len(found)
        return found

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                outcome = self._post(job)
            except Exception as error:  # a thread that ended would leave its messages without an outcome
                log.exception("posting failed", message=job.message.id)
                outcome = Unsure(type(error).__name__)
            self._results.put((job.message, outcome))

    def _post(self, job: _Job) -> Outcome:
        message = job.message
        if message.fault:
            return NotPosted(message.fault)
        try:
            number = self._seals.open(message.sealed)
        except UnknownKey:
            return NotPosted("number_key")
        if self._countries is not None and not may_call(number, self._countries):
            return NotPosted(NOT_ALLOWED)
        if self._stopped.wait(max(0.0, job.at - time.monotonic())):
            return NotPosted("stopped")
        now = self._clock()
        if not self._is_fresh(job, now):
            return NotPosted("late")
        left = message.until - now
        if left < SHORTEST:
            return NotPosted("closed")
        if message.channel == "voice":
            return self._carrier.call(number, self._address(message), message.report)
        valid = min(int(left.total_seconds()), LONGEST_VALIDITY)
        return self._carrier.send(number, message.text, valid, message.report)

    def _address(self, message: Claimed) -> str:
        """Where the carrier asks what is to be said, once somebody has picked up."""
        begins = Session(language=message.language, place=message.place, form=message.form)
        return f"{self._carrier.public_url}{OURS_PATH}/{session.encode(begins)}?message={message.report}"

    def _is_fresh(self, job: _Job, now: datetime) -> bool:
        """By both clocks: one stands still while the machine sleeps, the other one may be set."""
        passed = now - job.claimed
        ticked = timedelta(seconds=time.monotonic() - job.claimed_tick)
        return abs(passed) < CLAIM_HOLDS and ticked < CLAIM_HOLDS
