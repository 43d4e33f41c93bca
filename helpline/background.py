"""What a web process does beside its answers, every few seconds, in one thread of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.util import Finalize
from threading import Event, Lock, Thread

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done every so many seconds. What it raises is logged, and it is done again."""

    name: str
    every: float
    act: Callable[[], object]


class Background:
    """Does its tasks in turn from the first `begin` in a process on: a thread does not outlive a fork.

    `at_end` is done when a process of the web server ends in order.
    """

    def __init__(self, *tasks: Task, at_end: Callable[[], object] | None = None) -> None:
        self._tasks, self._process, self._lock, self._at_end = tasks, 0, Lock(), at_end
        self._stopped = Event()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Start, unless it runs in this process."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                if self._at_end and parent_process():  # a child of the web server's, which ends without `atexit`
                    Finalize(None, self._at_end, exitpriority=1)
                self._thread = Thread(target=self._run, name="background", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Do nothing more, once what is being done is done. For who makes many of these in one process."""
        self._stopped.set()
        if self._thread and self._process == os.getpid():
            self._thread.join()

    def _run(self) -> None:
        due = dict.fromkeys(self._tasks, time.monotonic())
        failing: set[str] = set()
        while not self._stopped.is_set():
            for task in self._tasks:
                if time.monotonic() < due[task]:
                    continue
                due[task] = time.monotonic() + task.every
                try:
                    task.act()
                    failing.discard(task.name)
                except Exception as error:  # told once: a database that is away is away for many turns
                    if task.name not in failing:
                        log.warning("not done in the background", task=task.name, error=type(error).__name__)
                    failing.add(task.name)
            self._stopped.wait(max(0.0, min(due.values()) - time.monotonic()))
