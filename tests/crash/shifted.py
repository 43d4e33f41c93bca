"""The time that all processes of a crash test go by: the real one, moved to a day and an hour of our choice.

Reminders go out on certain days and in certain hours only. The programs are given this clock as they are given the
real one otherwise: nothing of theirs is replaced.

A process can be given a wrong clock besides: its machine's, by which it takes it to be another time than it is.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

from helpline.date import real
from helpline.date.real import utc_now

FILE = "CRASH_TEST_CLOCK"  # the variable that names the file
WRONG_BY = "CRASH_TEST_WRONG_BY"  # that names another one, of a process whose machine has a wrong clock


class ShiftedClock:
    """Now, plus as many seconds as the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def of_environment(cls) -> ShiftedClock:
        return cls(Path(os.environ[FILE]))

    def __call__(self) -> datetime:
        return utc_now() + _seconds_of(self._file)

    def timestamp(self) -> float:
        return self().timestamp()

    def set(self, moment: datetime) -> None:
        """From this moment on it is `moment`, for everybody."""
        write_seconds(self._file, moment - utc_now())


def have_wrong_clock() -> None:
    """From now on this process is mistaken about the real time by what the file says, if the environment names one."""
    if WRONG_BY not in os.environ:
        return
    file, right = Path(os.environ[WRONG_BY]), time.time

    class Mistaken(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(time.time(), tz)

    time.time = lambda: right() + _seconds_of(file).total_seconds()
    real.datetime = Mistaken  # type: ignore[misc]


def write_seconds(file: Path, by: timedelta) -> None:
    """Whoever reads meanwhile finds the old file or the new one."""
    draft = file.with_suffix(".draft")
    draft.write_text(str(by.total_seconds()), encoding="ascii")
    draft.replace(file)


def _seconds_of(file: Path) -> timedelta:
    return timedelta(seconds=float(file.read_text(encoding="ascii")))
