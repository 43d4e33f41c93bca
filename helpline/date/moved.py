"""The demo's date: the real one, moved forward as web, worker, clock and carrier read it from one file."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from helpline.date.course import Course, Stretch
from helpline.date.real import utc_now

NAME = "demo-date.json"  # in VAR_DIR
FARTHEST = timedelta(days=3 * 366)
_JUMPS_KEPT = 100

_Mark = tuple[int, int, int]  # which file it is: inode, time of change, size

log = structlog.get_logger(__name__)


class DemoDate:
    """What day it is for the helpline in demo mode. Every process has its own of one folder; they agree at any moment.

    Only the date moves: leases, time-outs and how long the carrier needs stay on real time (`course`).
    """

    def __init__(self, var_dir: Path, real: Callable[[], datetime] = utc_now) -> None:
        self._path, self._real = var_dir / NAME, real
        # Replaced as one value, since other threads read it meanwhile.
        self._known: tuple[_Mark | None, tuple[Stretch, ...]] = (None, ())

    def now(self) -> datetime:
        """The helpline's date."""
        return self._real() + self.offset()

    def offset(self) -> timedelta:
        """How far it is ahead of the real date."""
        jumps = self._jumps()
        return jumps[-1].ahead if jumps else timedelta(0)

    def course(self) -> Course:
        """How the date went until now."""
        jumps = self._jumps()
        return Course(self._real(), jumps)

    def travel_to(self, moment: datetime) -> None:
        """Go to that moment, from where time goes on. ValueError if it is before the real date, or too far ahead.

        Any moment of the current minute is now: people write dates without seconds.
        """
        real = self._real()
        if real.replace(second=0, microsecond=0) <= moment <= real:
            self.come_back()
            return
        if moment < real:
            raise ValueError("The date can only be moved forward from today's.")
        if moment - real > FARTHEST:
            raise ValueError("The date can be moved by three years at most.")
        self._write(Stretch(real, moment - real))

    def come_back(self) -> None:
        """Back to the real date."""
        if self.offset():
            self._write(Stretch(self._real(), timedelta(0)))

    def _jumps(self) -> tuple[Stretch, ...]:
        mark = self._mark()
        if mark != self._known[0]:
            self._known = (mark, self._read() if mark else ())
        return self._known[1]

    def _mark(self) -> _Mark | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> tuple[Stretch, ...]:
        try:
            return tuple(_in_order(json.loads(self._path.read_bytes())))
        except (OSError, ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError) as error:
            log.warning("the demo's date cannot be read: it is today", file=str(self._path), error=type(error).__name__)
            return ()

    def _write(self, jump: Stretch) -> None:
        """All of it at once: whoever reads meanwhile finds the old file or the new one."""
        before = self._jumps()
        if before and jump.begins < before[-1].begins:  # the machine's clock was set back
            jump = replace(jump, begins=before[-1].begins)
        jumps = [*before, jump][-_JUMPS_KEPT:]
        told = {
            "offset": jump.ahead.total_seconds(),
            "jumps": [[jump.begins.timestamp(), jump.ahead.total_seconds()] for jump in jumps],
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with draft.open("w", encoding="ascii") as file:
                json.dump(told, file)
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)
        self._known = (None, ())  # a file that was written within the same tick of its disk's clock looks like this one


def _in_order(told: Any) -> Iterable[Stretch]:
    """The jumps of a file, the last one of which holds. ValueError where no helpline wrote it."""
    last = datetime.fromtimestamp(0, UTC)
    ahead = timedelta(seconds=told["offset"])
    for begins, seconds in told.get("jumps") or [(0, told["offset"])]:
        jump = Stretch(datetime.fromtimestamp(begins, UTC), timedelta(seconds=seconds))
        if jump.begins < last or not timedelta(0) <= jump.ahead <= FARTHEST:
            raise ValueError("not a jump")
        last = jump.begins
        yield jump
    if jump.ahead != ahead:
        raise ValueError("another offset than that of the last jump")
