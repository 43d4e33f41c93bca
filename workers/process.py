"""What worker and clock begin with, and how they and their children end."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import structlog
from redis import Redis
from redis.exceptions import RedisError

from helpline.menus.faults import PromptsError
from helpline.menus.windows import today_in_paris
from helpline.records.belonging import refuse_that_of_another
from helpline.records.errors import RecordsError
from helpline.records.migrate import is_current
from helpline.reminders import jobs
from helpline.reminders.reconcile import Ours
from helpline.server.whose_redis import RedisOfAnother, take_redis
from helpline.settings import Settings
from helpline.sms.store import TIMEOUT_SECONDS, connect
from helpline.tallies.left_over import write_or_leave
from helpline.tallies.nightly import tidy
from helpline.telemetry.logs import set_up_logs
from helpline.wiring import Parts, redis_url, wire

AGAIN_SECONDS, LOOK_SECONDS = 3.0, 0.2
NICENESS = 5
FAREWELL_SECONDS = 3

T = TypeVar("T")

log = structlog.get_logger(__name__)


class _OneLine(logging.Handler):
    """The library's warnings in our form: their first line, as later ones may hold what is in a database."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(log, level)(record.getMessage().split("\n", 1)[0])


def begin() -> None:
    """Time is UTC everywhere in this process, whatever the machine's; logs are JSON, and the library's are few.

    Who calls or texts comes first: this process gives way to the web server.
    """
    os.nice(NICENESS)
    os.environ["TZ"] = "UTC"
    time.tzset()
    set_up_logs()
    library = logging.getLogger("rq")
    library.addHandler(_OneLine())
    library.setLevel(logging.WARNING)
    library.propagate = False


def end_within(seconds: int) -> None:
    """End this process after that time at the latest, whatever it waits for: Redis may be away."""
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
    signal.alarm(seconds)


def load(
    settings: Settings, redis: Redis, now: Callable[[], datetime] | None, stopped: Callable[[], bool]
) -> Parts | None:
    """Wire everything, and hand it to the jobs of this process. What is loaded here is shared by those forked later.

    Waits until prompts, database and Redis can be used; None if this process is stopped meanwhile.
    """
    parts = _patiently(lambda: wire(settings, now, redis=redis), stopped)
    if parts is None or not _patiently(lambda: _is_ready(settings, redis), stopped):
        return None
    quick = connect(redis_url(settings), TIMEOUT_SECONDS)
    jobs.use(
        jobs.Tools(
            engine=parts.engine,
            redis=redis,
            journal=parts.consent.journal,
            sender=parts.sender,
            ours=Ours(settings.sms_sender, settings.service_name),
            alerts=parts.alerts,
            settle_seconds=settings.settle_seconds,
            seen=parts.store.drain_seen,
            refresh=parts.folder.refresh,
            tidy=lambda now: tidy(parts.engine, today_in_paris(now)),
            counted=lambda: write_or_leave(parts.tallies, quick),
        )
    )
    return parts


def _is_ready(settings: Settings, redis: Redis) -> bool:
    take_redis(redis, settings.belongs_to)
    if is_current(settings.database_url):
        refuse_that_of_another(settings.database_url, settings.belongs_to, unmarked=True)
        return True
    raise RecordsError("The tables are those of another version of the helpline, or none: helpline migrate")


def _patiently(act: Callable[[], T], stopped: Callable[[], bool]) -> T | None:
    """What comes of it once it can be done. What is in the way is told in one line: the web server tells all of it."""
    told = ""
    while not stopped():
        try:
            return act()
        except (PromptsError, RecordsError, RedisOfAnother, RedisError) as error:
            first, *more = str(error).split("\n")
            if first != told:
                log.error("cannot begin yet", reason=first, more_lines=len(more))
                told = first
        again = time.monotonic() + AGAIN_SECONDS
        while not stopped() and time.monotonic() < again:
            time.sleep(LOOK_SECONDS)
    return None
