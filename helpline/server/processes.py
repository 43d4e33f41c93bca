"""The processes of the Procfile: started together, shown together, ended together."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

from helpline.server.errors import ServerError

# Longer than the web server gives its last requests; then there is no more asking.
GRACE = 8.0


class Processes(Manager):  # type: ignore[misc]
    """Runs every process of a Procfile until one ends or somebody asks to stop."""

    def __init__(self, procfile: Path, env: Mapping[str, str]) -> None:
        super().__init__(_PatientPrinter(sys.stdout))
        self._process_ctor = _KeptProcess
        self._asked_to_stop = False
        self._ended_first = ""
        self._failure = ""
        self._on_started: Callable[[], None] = lambda: None
        for name, command in parse_procfile(procfile.read_text(encoding="utf-8")).processes.items():
            self.add_process(name, command, env=dict(env), cwd=str(procfile.parent))

    def run(self, on_started: Callable[[], None]) -> None:
        """Start all and wait. Returns when asked to stop; ServerError when a process ended by itself."""
        self._on_started = on_started
        try:
            self.loop()
        finally:
            self.kill()
        if self._failure:
            raise ServerError(self._failure)
        if not self._asked_to_stop:
            raise ServerError(f"The helpline stopped because a part of it did: {self._ended_first}. See above.")

    def fail(self, reason: str) -> None:
        """End everything because of something outside the Procfile."""
        if not self._terminating:
            self._failure = reason
            self.terminate()

    def terminate(self) -> None:
        """Ask every process to end, and make them if they do not."""
        # honcho comes here for a signal, and when a process has ended. A signal may come before the start.
        self._ended_first = self._ended_first or self._ended()
        self._asked_to_stop = self._asked_to_stop or not self._ended_first
        if super()._all_started() and not self._terminating:
            timer = threading.Timer(GRACE, self.kill)
            timer.daemon = True
            timer.start()
            super().terminate()

    def _start(self) -> None:
        super()._start()
        # Only now, as a process with threads should not be forked.
        self._on_started()

    def _all_started(self) -> bool:
        started = bool(super()._all_started())
        if started and self._asked_to_stop:
            self.terminate()
        return started

    def _ended(self) -> str:
        codes = {name: p["returncode"] for name, p in self._processes.items() if "returncode" in p}
        return ", ".join(f"{name} (exit code {code})" for name, code in codes.items())


class _KeptProcess(Process):  # type: ignore[misc]
    """A process that outlives neither the helpline, even one killed with -9, nor its own first process."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        # A terminal sends these to all of its processes at once; only the helpline itself decides.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._child_ctor = _started_and_watched
        super().run(events, ignore_signals)


def _started_and_watched(command: str, **options: Any) -> Any:
    child = Popen(command, stdin=subprocess.DEVNULL, **options)
    threading.Thread(target=_end_with_parent, args=(child,), daemon=True).start()
    threading.Thread(target=_end_with_first, args=(child,), daemon=True).start()
    return child


def _end_with_parent(child: Any) -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    _signal_group(child.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        child.wait(GRACE)
    _signal_group(child.pid, signal.SIGKILL)
    os._exit(1)


def _end_with_first(child: Any) -> None:
    # Whoever is left of its group would keep the output open, and honcho would wait for it for ever.
    child.wait()
    _signal_group(child.pid, signal.SIGKILL)


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class _PatientPrinter(Printer):  # type: ignore[misc]
    """Goes on without a terminal: when the window was closed there is still an orderly end to make."""

    def write(self, message: Any) -> None:
        # RuntimeError: a signal came in the middle of a line, and honcho has something to say about it.
        with suppress(OSError, RuntimeError):
            super().write(message)
