"""Structured logs, one JSON object a line: ids and names of places, never numbers, words or tokens."""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from json import JSONEncoder
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict

MOST_WAITING = 10_000  # lines


class LogFile:
    """Where log lines go: each at once; or, once a thread of this process calls `write_out`, whenever it does.

    It takes what it can: a disk that is full must not keep an answer from a caller.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self._collects_in = 0  # the process whose thread writes what waits
        self._ended = False

    def write(self, text: str) -> None:
        """Take a line."""
        if self._collects_in == os.getpid() and len(self._waiting) < MOST_WAITING:
            self._waiting.append(text)
        else:
            self._write(text)

    def flush(self) -> None:
        """Nothing is held back but what `write_out` writes."""

    def write_out(self) -> None:
        """Write what waits. From now on lines wait, in this process, for the next time."""
        if self._collects_in != os.getpid():
            self._waiting.clear()  # of the process that this one was forked from, which writes them itself
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if lines:
            self._write("".join(lines))
        self._collects_in = 0 if self._ended else os.getpid()

    def end(self) -> None:
        """Write what waits, and whatever comes now at once."""
        self._ended = True
        self.write_out()

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # ValueError: it was closed
            self._file.write(text)
            self._file.flush()


def set_up_logs() -> LogFile:
    """Log to standard error as JSON lines. Called once a process."""
    file = LogFile(sys.stderr)
    structlog.configure(
        processors=[_as_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, file)),
        cache_logger_on_first_use=True,
    )
    return file


def _as_line(logger: object, level: str, event: EventDict) -> str:
    """An event as JSON with its level and the time, in half of the time that structlog's own four steps take."""
    event["level"] = _LEVELS.get(level, level)
    event["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    if event.get("exc_info"):
        event = structlog.processors.format_exc_info(logger, level, event)
    return _ENCODER.encode(event)


_ENCODER = JSONEncoder(default=repr)
_LEVELS = {"warn": "warning", "exception": "error"}
