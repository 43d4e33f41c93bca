"""The clock of the Procfile: looks every five seconds what there is to do, and enqueues it.

    python -m workers.clock

Two may run: one leads, the other one takes over when it falls silent.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from types import FrameType

import click
import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from helpline.date.course import Course
from helpline.date.real import utc_now
from helpline.reminders import jobs
from helpline.reminders.last_tick import mark_tick
from helpline.reminders.lease import Lease
from helpline.reminders.queues import connect_patiently, enqueue, queue
from helpline.reminders.ticks import TICK_SECONDS, tasks
from helpline.reminders.wall_clock import tell_of
from helpline.reminders.work import work_there_is
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.sms.store import TIMEOUT_SECONDS, connect
from helpline.tallies.left_over import write_left
from helpline.telemetry.alerts import healthy
from helpline.telemetry.heartbeat import Heartbeat
from helpline.wiring import Parts, redis_url
from workers.process import FAREWELL_SECONDS, begin, end_within, load

log = structlog.get_logger(__name__)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Enqueue what is to be done: planning, sending, settling doubts, watching, the nightly upkeep.

    Two may run for safety, on two machines: one leads, the other one takes over within 20 seconds.

    \b
    Example:
      REDIS_URL=redis://localhost:6379/0 python -m workers.clock
    """
    begin()
    with told_plainly():
        settings = load_settings()
        run(settings)


def run(settings: Settings, now: Callable[[], datetime] | None = None) -> None:
    """Tick until SIGTERM or Ctrl-C. `now` is the helpline's date; unless given, the settings say what tells it."""
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        end_within(FAREWELL_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    redis = connect_patiently(redis_url(settings))
    parts = load(settings, redis, now, stopped.is_set)
    if parts is None:
        return
    quick = connect(redis_url(settings), TIMEOUT_SECONDS)
    clock = Clock(parts, redis, parts.sender.clock, now or utc_now)
    log.info("clock started", pid=os.getpid())
    while not stopped.is_set():
        clock.tick_safely()
        parts.tallies.write_safely()
        write_left(parts.engine, quick)
        stopped.wait(TICK_SECONDS - time.time() % TICK_SECONDS)
    clock.release()


class Clock:
    """One of the clocks. Everything that it enqueues has an id of its own, so that a second leader does no harm.

    `now` is the helpline's date: what is due. `real` is when this clock ticks, if that is something else.
    """

    def __init__(
        self,
        parts: Parts,
        redis: Redis,
        now: Callable[[], datetime] = utc_now,
        real: Callable[[], datetime] | None = None,
    ) -> None:
        self._parts, self._redis, self._now, self._real = parts, redis, now, real or now
        self._lease = Lease(redis)
        self._heartbeat = Heartbeat(parts.settings.heartbeat_url)
        self._leads: bool | None = None

    def tick_safely(self) -> None:
        """A tick that failed is made up for by the next one."""
        try:
            self.tick()
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.error("a tick failed", error=type(error).__name__)
        except Exception:
            log.exception("a tick failed")

    def tick(self) -> tuple[str, ...]:
        """Enqueue what is due, if this clock leads. The ids of what was new."""
        if self._is_wrong():
            return ()
        leads = self._lease.hold()
        if leads != self._leads:
            log.info("leads" if leads else "stands by")
            self._leads = leads
        if not leads:
            return ()
        now = self._now()
        self._parts.sender.apply_withdrawals(now)
        prompts, doubts_after = self._parts.sender.prompts(), timedelta(seconds=self._parts.settings.settle_seconds)
        work = work_there_is(self._parts.engine, self._redis, prompts, doubts_after, now)
        jump = _last_jump(self._parts.sender.course())
        new = tuple(
            f"{task.id}{jump}"
            for task in tasks(now, work)
            if enqueue(
                queue(self._redis, task.queue),
                f"{jobs.__name__}.{task.function}",
                *task.arguments,
                job_id=f"{task.id}{jump}",
                kept=int(task.kept.total_seconds()),
                seconds=task.seconds,
            )
        )
        mark_tick(self._redis, self._real())
        if healthy(self._parts.engine, now):
            self._heartbeat.beat()
        return new

    def _is_wrong(self) -> bool:
        """Whether this machine has a wrong time. Then another clock leads, and an operator hears of it."""
        sender = self._parts.sender
        wrong_by = sender.clock_wrong_by()
        if wrong_by:
            if self._leads:
                self._lease.release()
            self._leads = None
            tell_of(self._parts.alerts, wrong_by, self._now())
        return bool(wrong_by)

    def release(self) -> None:
        """Let another clock lead at once."""
        try:
            self._lease.release()
        except RedisError as error:
            log.warning("the lease was not given back", error=type(error).__name__)


def _last_jump(course: Course) -> str:
    """So that jobs get ids of their own where the date is one that was before; nothing where it was never moved."""
    return f"-{course.stretches[-1].begins:%H%M%S}" if course.stretches else ""


if __name__ == "__main__":
    main()
