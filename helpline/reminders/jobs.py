"""What the workers run: thin entry points. Each is safe to be killed, and to be run twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

import structlog
from redis import Redis
from redis.exceptions import LockError
from rq import Queue
from rq.exceptions import AbandonedJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text
from sqlalchemy import Engine

from helpline.call_requests import waiting
from helpline.consent.journal import Journal
from helpline.consent.retention import retention as forget
from helpline.menus.shapes import Calendar
from helpline.records.engine import reading
from helpline.reminders import delivery, doubts, held, planning
from helpline.reminders.queues import QUEUES, failures_kept, queue
from helpline.reminders.reconcile import NotReconciled, Ours
from helpline.reminders.reconcile import reconcile as bring_in
from helpline.reminders.sender import Sender
from helpline.reminders.silence import ask_about_silent
from helpline.reminders.spending import problems, spending, warn_once
from helpline.reminders.ticks import FORGETTING_SECONDS
from helpline.reminders.wall_clock import tell_of
from helpline.reminders.watch import watch as problems_now
from helpline.reminders.work import may_forget, note_forgotten
from helpline.telemetry.alerts import Alerts

FAILED_LATELY, MOST_FAILURES = timedelta(hours=1), 100
# Who forgets is alone for as long as its job can last: it is given up after so many seconds, and killed a minute later.
FORGETTING, ALONE_SECONDS = "forgetting", FORGETTING_SECONDS + 90
LEFT_SECONDS = 5.0  # a worker that does nothing must not take jobs faster than others who would do them

P = ParamSpec("P")

log = structlog.get_logger(__name__)


def _left_as_it_is(now: datetime) -> None:
    """Nothing more is done in the night."""


def _let_go() -> None:
    """Nothing is counted."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the jobs of this process work with. `seen` tells who was in contact; `refresh` takes up edited prompts.

    `tidy` is done in the night, `counted` writes down what a process has counted.
    """

    engine: Engine
    redis: Redis
    journal: Journal
    sender: Sender
    ours: Ours
    alerts: Alerts
    settle_seconds: int
    seen: Callable[[], Iterable[str]]
    refresh: Callable[[], None]
    tidy: Callable[[datetime], None] = _left_as_it_is
    counted: Callable[[], None] = _let_go

    @property
    def calendar(self) -> Calendar:
        return self.sender.prompts().menus.calendar


_tools: Tools | None = None
_stopped = threading.Event()
_delivers = False


def use(tools: Tools) -> None:
    """What the jobs of this process, and of those forked from it, work with."""
    global _tools
    _tools = tools


def before_fork() -> None:
    """Have edited prompts in use before a job is forked off, which gets them as they are then."""
    _in_use().refresh()


def after_fork() -> None:
    """In a process of its own: the connections of before are the parent's."""
    _in_use().engine.dispose(close=False)


def write_down() -> None:
    """Keep what this process has counted: it ends now."""
    _in_use().counted()


def stop() -> bool:
    """The process is asked to end. Whether the job that runs ends by itself, soon and in order."""
    _stopped.set()
    return _delivers


def _by_a_right_clock(job: Callable[P, None]) -> Callable[P, None]:
    """A job that does nothing where this machine's clock is wrong, but for telling so: it is left to others."""

    @wraps(job)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        tools = _in_use()
        wrong_by = tools.sender.clock_wrong_by()
        if not wrong_by:
            job(*args, **kwargs)
            return
        log.error("left to others: this clock is wrong", job=job.__name__, seconds=int(wrong_by.total_seconds()))
        tell_of(tools.alerts, wrong_by, tools.sender.clock())
        _stopped.wait(LEFT_SECONDS)

    return guarded


@_by_a_right_clock
def deliver(name: str) -> None:
    """Send what is due of a queue."""
    global _delivers
    _delivers = True
    delivery.deliver(_in_use().sender, name, asked_to_end=_stopped.is_set)


@_by_a_right_clock
def plan() -> None:
    """Plan the messages of the waves that are near, and put aside those that are held back."""
    tools = _in_use()
    try:
        planning.plan(tools.engine, tools.calendar, tools.sender.clock())
    finally:
        held.set_apart(tools.engine, tools.sender.clock())


@_by_a_right_clock
def settle() -> None:
    """Ask the carrier what became of the messages of which nobody knows."""
    tools = _in_use()
    doubts.settle(tools.sender, tools.settle_seconds)


@_by_a_right_clock
def ask() -> None:
    """Ask the carrier about messages of which it said no last word."""
    ask_about_silent(_in_use().sender)


@_by_a_right_clock
def watch() -> None:
    """Tell an operator of everything that is wrong."""
    tools = _in_use()
    now = tools.sender.clock()
    with reading(tools.engine).connect() as connection:
        nobody_calls = waiting.problem(connection, now)
        spent = spending(connection, tools.calendar, now, tools.sender.messages_a_day)
    found = problems_now(tools.engine, tools.calendar, now, failed_lately(tools.redis))
    tools.alerts.report([*found, *([nobody_calls] if nobody_calls else ()), *problems(spent)])
    warn_once(tools.engine, tools.alerts.say, spent, now)


@_by_a_right_clock
def retention() -> None:
    """Forget a piece of what is not needed any more, unless another worker is at it."""
    tools = _in_use()
    alone = tools.redis.lock(FORGETTING, timeout=ALONE_SECONDS)
    if not alone.acquire(blocking=False):
        return
    try:
        _forget(tools)
    finally:
        with suppress(LockError):  # it took too long, and has lost it
            alone.release()


def _forget(tools: Tools) -> None:
    now = tools.sender.clock()
    with reading(tools.engine).connect() as connection:
        if not may_forget(connection, tools.calendar, now):  # it waited for its turn, and something has changed
            return
    tools.tidy(now)
    done = forget(tools.engine, tools.sender.seals, tools.seen(), now, tools.calendar, tools.journal)
    if done.round_began:
        with tools.engine.begin() as connection:
            note_forgotten(connection, done.round_began)


@_by_a_right_clock
def reconcile() -> None:
    """After a backup was restored: bring in what happened since, and let texts go out again."""
    tools = _in_use()
    # Why it cannot be had is in the log, and in the pause.
    with suppress(NotReconciled):
        bring_in(tools.sender, tools.ours, timedelta(seconds=tools.settle_seconds))


def failed_lately(redis: Redis) -> int:
    """How many jobs failed in the last hour. Older ones are kept for whoever mends them, and are nothing new.

    A job whose worker was ended with it has not failed: others do its work.
    """
    return sum(_failed_by_itself(job) for name in QUEUES for job in _failures(queue(redis, name)))


def _failures(of: Queue) -> Iterator[Job]:
    since = time.time() + failures_kept(of.name) - FAILED_LATELY.total_seconds()  # kept by when they will be forgotten
    ids: Any = of.connection.zrangebyscore(of.failed_job_registry.key, since, "+inf", start=0, num=MOST_FAILURES)
    found = Job.fetch_many([as_text(each) for each in ids], of.connection, serializer=JSONSerializer)
    return (job for job in found if job)


def _failed_by_itself(job: Job) -> bool:
    result = job.latest_result()
    return not (result and result.exc_string and AbandonedJobError.__name__ in result.exc_string)


def _in_use() -> Tools:
    if _tools is None:
        raise RuntimeError("jobs run in the helpline's own workers: python -m workers.worker")
    return _tools
