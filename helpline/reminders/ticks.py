"""What a tick of the clock enqueues: a pure function of the time and of the work that there is.

Every job has an id that two clocks would give it alike, so that it is enqueued once. Each is safe to run twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpline.reminders.queues import JOB_SECONDS, UPKEEP, QueueName

TICK_SECONDS = 5
MESSAGES_A_JOB = 100
JOBS_A_WORKER, JOBS_AT_MOST = 3, 30  # that wait at once, in one queue
PLAN_EVERY, WATCH_EVERY, ASK_EVERY = timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)
SETTLE_EVERY, RECONCILE_EVERY = timedelta(seconds=10), timedelta(minutes=1)
FORGET_EVERY, FORGETTING_SECONDS = timedelta(minutes=1), 300  # a piece takes less than a minute in most cases
RETENTION_HOUR = 3
# What goes over everybody may take its time: it ends with its worker, so that it never runs beside its own repetition.
LONG_JOB_SECONDS = 3600
PARIS = ZoneInfo("Europe/Paris")
# An id stays taken for longer than another clock may take to come to the same tick.
_KEPT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Task:
    """A job to be enqueued: a function of `jobs.py`, by name, given up after `seconds`.

    Its id stays taken for `kept` after it has ended well.
    """

    id: str
    queue: QueueName
    function: str
    arguments: tuple[str, ...] = ()
    kept: timedelta = _KEPT
    seconds: int = JOB_SECONDS


@dataclass(frozen=True, slots=True)
class Load:
    """One queue of messages: how many are due, how many jobs wait to send them, how many workers there are."""

    due: int = 0
    queued: int = 0
    workers: int = 0

    @property
    def wanted(self) -> int:
        """Jobs to add: as many as there is due work for, and never so many that they pile up."""
        most = min(JOBS_A_WORKER * max(1, self.workers), JOBS_AT_MOST)
        return max(0, min(-(-self.due // MESSAGES_A_JOB), most) - self.queued)


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do. `upkeep_queued`: jobs of the upkeep that wait; `restored`: a backup was restored.

    `may_forget`: the work of the night is not done yet, and nothing is to be sent meanwhile or it has waited for days.
    """

    loads: Mapping[QueueName, Load] = field(default_factory=dict)
    in_doubt: bool = False
    restored: bool = False
    upkeep_queued: int = 0
    may_forget: bool = True


def tasks(now: datetime, work: Work) -> tuple[Task, ...]:
    """The jobs of this moment, the most urgent first. Those of an earlier tick of the same ids are there already."""
    return (*_upkeep(now, work), *_deliveries(now, work))


def _upkeep(now: datetime, work: Work) -> Iterator[Task]:
    # Where nobody takes them up they must not pile up: what is missed is made up for by the next.
    if work.upkeep_queued:
        return
    yield Task(f"watch-{_slot(now, WATCH_EVERY)}", UPKEEP, "watch", kept=2 * WATCH_EVERY)
    if work.restored:
        yield Task(f"reconcile-{_slot(now, RECONCILE_EVERY)}", UPKEEP, "reconcile", seconds=LONG_JOB_SECONDS)
        return
    if work.in_doubt:
        yield Task(f"settle-{_slot(now, SETTLE_EVERY)}", UPKEEP, "settle")
    yield Task(f"plan-{_slot(now, PLAN_EVERY)}", UPKEEP, "plan", seconds=LONG_JOB_SECONDS)
    yield Task(f"ask-{_slot(now, ASK_EVERY)}", UPKEEP, "ask", kept=2 * ASK_EVERY)
    # A piece of it, and behind the others: whatever became due during the piece before has its turn first.
    if work.may_forget:
        yield Task(f"retention-{_slot(now, FORGET_EVERY)}", UPKEEP, "retention", seconds=FORGETTING_SECONDS)


def _deliveries(now: datetime, work: Work) -> Iterator[Task]:
    for queue, load in work.loads.items():
        for number in range(load.wanted):
            yield Task(
                f"deliver-{queue}-{_slot(now, timedelta(seconds=TICK_SECONDS))}-{number}", queue, "deliver", (queue,)
            )


def _slot(now: datetime, every: timedelta) -> str:
    """The beginning of the stretch of time that `now` is in, as ids have it: 20261210T090005Z."""
    seconds = int(every.total_seconds())
    begins = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    return begins.strftime("%Y%m%dT%H%M%SZ" if seconds % 60 else "%Y%m%dT%H%MZ")


def night_began(now: datetime) -> datetime:
    """When the work of the night became due: the last time that it was 3 o'clock in France."""
    night = (now.astimezone(PARIS) - timedelta(hours=RETENTION_HOUR)).date()
    return datetime.combine(night, time(RETENTION_HOUR), PARIS).astimezone(UTC)
