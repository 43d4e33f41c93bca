"""Programs of ours that start at once: forked from a process that has loaded what they import.

A new process takes a second of a processor for that, and tests start some hundreds. That each program starts by itself,
too, is tested where `helpline server` starts them, and in `tests/workers/test_started.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from tests.server.running import Running, watched

_READY = get_context("forkserver")
_READY.set_forkserver_preload(
    [
        "helpline.cli",
        "helpline.simulator.carrier.__main__",
        "tests.reminders.delivering",
        "workers.clock",
        "workers.worker",
    ]
)


class Forked:
    """A process of `multiprocessing`, with what `Running` asks of one of `subprocess`."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@contextmanager
def forked(
    module: str, arguments: Sequence[str], output: Path, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """`python -m MODULE ARGUMENTS` for the length of a test, as `running` runs any: `main` of that module."""
    given = (module, list(arguments), str(output), dict(os.environ if env is None else env), str(Path.cwd()))
    output.write_bytes(b"")
    process = _READY.Process(target=_run, args=given, name=module)
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):  # it would load the program that runs the tests
        process.start()
    with watched(Forked(process), output) as program:
        yield program


def _run(module: str, arguments: list[str], output: str, env: Mapping[str, str], folder: str) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    sys.argv = [f"python -m {module}", *arguments]
    import_module(module).main()
