"""The time that all processes of a crash test go by: the real one, moved to a day and an hour of our choice.

Reminders go out on certain days and in certain hours only. The programs are given this clock as they are given the
real one otherwise: nothing of theirs is replaced.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "CRASH_TEST_CLOCK"  # the variable that names the file


class ShiftedClock:
    """Now, plus as many seconds as the file says."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def of_environment(cls) -> ShiftedClock:
        return cls(Path(os.environ[FILE]))

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text(encoding="ascii")))

    def timestamp(self) -> float:
        return self().timestamp()

    def set(self, moment: datetime) -> None:
        """From this moment on it is `moment`, for everybody."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(str((moment - datetime.now(UTC)).total_seconds()), encoding="ascii")
        draft.replace(self._file)
