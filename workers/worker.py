"""The workers of the Procfile: one process for each queue, watched by this one.

python -m workers.worker             all queues
python -m workers.worker bulk        one of them
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType, TracebackType
from typing import Any, cast

import click
import structlog
from rq import Queue, Worker
from rq.exceptions import AbandonedJobError
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from helpline.collecting import without_collecting
from helpline.reminders import jobs
from helpline.reminders.queues import QUEUES, QueueName, connect_patiently, queue
from helpline.server.ends_with_parent import end_with
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.wiring import redis_url
from workers.process import FAREWELL_SECONDS, begin, end_within, load

PAUSE_SECONDS = 1.0
LOOK_SECONDS = 0.5
# From `shared/rq.md`: a job whose worker was killed runs again after a minute and a half, not after a quarter hour.
MAINTENANCE_SECONDS, WORKER_TTL, MONITORING_SECONDS = 30, 45, 5

log = structlog.get_logger(__name__)


class QueueWorker(Worker):
    """RQ's worker for one queue: each job in a child of its own, which shares what was loaded before."""

    max_connection_wait_time = 5.0

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        jobs.before_fork()
        super().fork_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """In the child: it ends with its worker, and gives up its work in order when it is asked to end."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        worker = self.pid or 0

        def asked_to_end(number: int, frame: FrameType | None) -> None:
            # Without its worker nobody waits for it: what does not end by itself is as well done again.
            if not jobs.stop() and os.getppid() != worker:
                os._exit(1)

        signal.signal(signal.SIGTERM, asked_to_end)
        if not end_with(worker):
            os._exit(1)
        jobs.after_fork()

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the child: what it has counted is kept before it ends, whatever came of its job."""
        try:
            return super().perform_job(job, queue, execution)
        finally:
            jobs.write_down()

    def handle_warm_shutdown_request(self) -> None:
        """Asked to end: the job that runs finishes what it has begun and leaves the rest to others."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def set_shutdown_requested_date(self) -> None:
        """Kept for nobody: asked to end while Redis is away, it would only wait for it."""

    def teardown(self) -> None:
        """Takes leave of Redis, if it is there."""
        if not self.is_horse:
            end_within(FAREWELL_SECONDS)
        super().teardown()  # type: ignore[no-untyped-call]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", metavar="[QUEUE]", required=False, type=click.Choice(QUEUES))
def main(name: QueueName | None) -> None:
    """Do the jobs that the clock enqueues: a worker for each queue (replies, bulk, calls, upkeep), or for QUEUE only.

    More workers may run, on other machines too: they share the work and the rates of
    SMS_PER_SECOND and CALLS_PER_SECOND.

    \b
    Example, three workers more for a busy day:
      python -m workers.worker bulk & python -m workers.worker bulk & python -m workers.worker bulk
    """
    begin()
    with told_plainly():
        run(load_settings(), [name] if name else QUEUES)


def run(settings: Settings, names: Iterable[QueueName] = QUEUES, now: Callable[[], datetime] | None = None) -> None:
    """Run a worker for each of these queues until SIGTERM or Ctrl-C.

    `now` is the helpline's date; unless given, the settings say what tells it.
    """
    keeper = Keeper(redis_url(settings), names)
    keeper.listen_to_signals()
    parts = load(settings, connect_patiently(redis_url(settings)), now, lambda: keeper.stopping)
    if parts:
        with without_collecting():
            parts.sender.preload()  # once for all jobs, which are forked from here
        keeper.run()


class Keeper:
    """Runs a worker for each queue, and starts those again that end."""

    def __init__(self, redis: str, names: Iterable[QueueName]) -> None:
        self._redis = redis
        # Forked, so that they share what was loaded; this process has no threads.
        self._context = multiprocessing.get_context("fork")
        self._running: dict[QueueName, BaseProcess | None] = dict.fromkeys(names)
        self._not_before = dict.fromkeys(self._running, 0.0)
        self.stopping = False

    def listen_to_signals(self) -> None:
        """From now on SIGTERM and Ctrl-C stop it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def run(self) -> None:
        """Until it is stopped, and the jobs that run then have ended."""
        log.info("workers started", queues=list(self._running))
        while not self.stopping:
            for name in self._running:
                self._start(name)
            wait([process.sentinel for process in self._running.values() if process], LOOK_SECONDS)
        for process in self._running.values():
            if process:
                process.join()

    def _start(self, name: QueueName) -> None:
        process = self._running[name]
        if process and not process.is_alive():
            log.warning("a worker ended by itself and is started again", queue=name, exit_code=process.exitcode)
            self._running[name] = process = None
            self._not_before[name] = time.monotonic() + PAUSE_SECONDS
        if process is None and time.monotonic() >= self._not_before[name] and not self.stopping:
            process = self._context.Process(target=work, args=(self._redis, name, os.getpid()), name=name)
            process.start()
            self._running[name] = process

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
        for process in self._running.values():
            if process and process.pid:
                os.kill(process.pid, signal.SIGTERM)


def work(redis: str, name: QueueName, parent: int) -> None:
    """One worker, in a process of its own: until it is asked to end, or its parent is gone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    if not end_with(parent):
        return
    connection = connect_patiently(redis)
    worker = QueueWorker(
        [queue(connection, name)],
        connection=connection,
        serializer=cast(Any, JSONSerializer),
        maintenance_interval=MAINTENANCE_SECONDS,
        worker_ttl=WORKER_TTL,
        job_monitoring_interval=MONITORING_SECONDS,
        log_job_description=False,
        exception_handlers=[told],
    )
    worker.log_result_lifespan = False
    worker.work(logging_level="WARNING")


def told(job: Job, kind: type[BaseException], error: BaseException, trace: TracebackType) -> bool:
    """A job that failed, in the log: where, and by what kind of error. Its words may hold what is in a database."""
    if kind is AbandonedJobError:
        log.warning("a job was left by a worker that was killed: the next ones do its work", job=job.id)
        return True
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-4:]]
    log.error("a job failed", job=job.id, error=kind.__name__, at=places)
    return True


if __name__ == "__main__":
    main()
