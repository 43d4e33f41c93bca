"""The processes of the Procfile: started together, shown together, ended together."""

import multiprocessing
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from helpline.server.errors import ServerError
from helpline.server.kept_process import GRACE, KeptProcess


class Processes(Manager):  # type: ignore[misc]
    """Runs every process of a Procfile until one ends or somebody asks to stop.

    Those that `come_back` names are started again when they end: without them the others still do their work.
    `beside` are further processes, by name: their commands.
    """

    def __init__(
        self,
        procfile: Path,
        env: Mapping[str, str],
        come_back: Collection[str] = (),
        beside: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(_PatientPrinter(sys.stdout))
        self._process_ctor = KeptProcess
        # Shared with the processes. Without a lock, which a signal or a killed process could leave locked.
        self._stopping = multiprocessing.RawValue("b", 0)
        self._asked_to_stop = False
        self._ended_first = ""
        self._failure = ""
        self._on_started: Callable[[], None] = lambda: None
        commands = {**parse_procfile(procfile.read_text(encoding="utf-8")).processes, **beside}
        for name, command in commands.items():
            process = self.add_process(name, command, env=dict(env), cwd=str(procfile.parent))
            process.comes_back, process.stopping = name in come_back, self._stopping

    def run(self, on_started: Callable[[], None]) -> None:
        """Start all and wait. Returns when asked to stop; ServerError when a process ended by itself."""
        self._on_started = on_started
        try:
            self.loop()
        finally:
            self._stopping.value = 1
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
            self._stopping.value = 1
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


class _PatientPrinter(Printer):  # type: ignore[misc]
    """Goes on without a terminal: when the window was closed there is still an orderly end to make."""

    def write(self, message: Any) -> None:
        # RuntimeError: a signal came in the middle of a line, and honcho has something to say about it.
        with suppress(OSError, RuntimeError):
            super().write(message)
