"""One process of the Procfile: it outlives neither the helpline nor its own first process; some are started again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

from honcho.process import Popen, Process

# Longer than the web server gives its last requests; then there is no more asking.
GRACE = 8.0
# Between an end and the next start. It doubles as long as the process does not live.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 32.0
LIVES_SECONDS = 10.0
LOOK_EVERY = 0.1


class KeptProcess(Process):  # type: ignore[misc]
    """Runs one command in a process of honcho's. `comes_back`: when it ends by itself, it is started again."""

    comes_back = False
    # Its `value` is set by the helpline when it ends: then nothing is started any more.
    stopping: Any = None

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Start it, pass on what it writes, and tell when it has ended for good."""
        # A terminal sends these to all of its processes at once; only the helpline itself decides.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._events = events
        threading.Thread(target=self._end_with_parent, daemon=True).start()
        pause = 0.0
        while True:
            began = time.monotonic()
            code = self._run_once()
            if not self.comes_back or self.stopping.value:
                break
            lived = time.monotonic() - began > LIVES_SECONDS
            pause = FIRST_PAUSE if lived else min(max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE)
            self._send_message(f"ended by itself (exit code {code}). Starting it again in {pause:g} s.\n".encode())
            if self._stops_within(pause):
                break
        self._send_message({"returncode": code}, type="stop")

    def _stops_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.stopping.value:
            time.sleep(LOOK_EVERY)
        return bool(self.stopping.value)

    def _run_once(self) -> int:
        self._child = Popen(self.cmd, stdin=subprocess.DEVNULL, env=self.env, cwd=self.cwd)
        self._send_message({"pid": self._child.pid}, type="start")
        if self.stopping.value:  # the helpline began to end while this was starting, and does not know it
            _signal_group(self._child, signal.SIGTERM)
        threading.Thread(target=_end_with_first, args=(self._child,), daemon=True).start()
        for line in iter(self._child.stdout.readline, b""):
            self._send_message(line)
        self._child.stdout.close()
        return int(self._child.wait())

    def _end_with_parent(self) -> None:
        parent = multiprocessing.parent_process()
        if parent is None:
            return
        # The sentinel alone would not do: processes that were forked later hold it open too.
        while os.getppid() == parent.pid and not wait([parent.sentinel], LOOK_EVERY):
            pass
        if self._child is not None:
            _signal_group(self._child, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(GRACE)
            _signal_group(self._child, signal.SIGKILL)
        os._exit(1)


def _end_with_first(child: Any) -> None:
    # Whoever is left of its group would keep the output open, and honcho would wait for it for ever.
    child.wait()
    _signal_group(child, signal.SIGKILL)


def _signal_group(child: Any, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)
