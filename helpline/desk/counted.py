"""What takes long to count where there is much: counted beside the pages, so that none waits for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

KEPT_FOR = timedelta(minutes=1)
PATIENCE_SECONDS = 0.03  # a page shows what is counted by then, or else what was counted before

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Counted(Generic[T]):
    """The result of `count`, at most a minute old where it could be had quickly; else the one before, or None.

    Threads share it; one of them counts at a time. However often it is asked, it is counted once a minute.
    """

    def __init__(self, count: Callable[[datetime], T], keep_for: timedelta = KEPT_FOR) -> None:
        self._count, self._keep_for = count, keep_for
        self._lock = Lock()
        self._last: tuple[datetime, T] | None = None
        self._running: Thread | None = None
        self._changes = 0

    def at(self, now: datetime) -> T | None:
        """What is known now. Where it is older than a minute, it is being counted again."""
        with self._lock:
            if self._is_fresh(now) and self._last:
                return self._last[1]
            if self._running is None:
                self._running = Thread(target=self._counting, args=(now, self._changes), daemon=True)
                self._running.start()
            running = self._running
        running.join(PATIENCE_SECONDS)
        with self._lock:
            return self._last[1] if self._last else None

    @property
    def is_under_way(self) -> bool:
        """Whether it is being counted."""
        with self._lock:
            return self._running is not None

    def forget(self) -> None:
        """Something was changed: what was counted before, or is being counted, holds no more."""
        with self._lock:
            self._last, self._running = None, None
            self._changes += 1

    def _is_fresh(self, now: datetime) -> bool:
        return self._last is not None and timedelta(0) <= now - self._last[0] < self._keep_for

    def _counting(self, now: datetime, changes: int) -> None:
        found: tuple[datetime, T] | None = None
        try:
            found = (now, self._count(now))
        except SQLAlchemyError as error:  # only its name: its text holds what was asked for
            log.error("not counted", error=type(error).__name__)
        finally:
            with self._lock:
                if changes == self._changes:
                    self._last, self._running = found or self._last, None
