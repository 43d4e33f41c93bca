"""Real processes for tests: started, watched, and ended without touching anybody else's."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

# Only a test that fails waits so long.
PATIENCE = 45.0
_WORKERS, _PORTS = 8, 1_500


def wait_until(condition: Callable[[], object], failure: Callable[[], str]) -> None:
    """Returns as soon as `condition` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(failure())
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on, out of the range that connections take theirs from.

    Each process of a test run has ports of its own: what is stopped there for a moment finds its port again.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    first = 20_000 + worker * _PORTS
    while True:
        port = first + secrets.randbelow(_PORTS)  # not `random`: some tests set that back to where it began
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")


def descendants(pid: int) -> list[int]:
    """Every process that `pid` started, directly or not."""
    shown = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
    children: dict[int, list[int]] = {}
    for line in shown.stdout.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    queue = [pid]
    while queue:
        queue = [child for parent in queue for child in children.get(parent, [])]
        found += queue
    return found


class Process(Protocol):
    """What is asked of a process."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: signal.Signals) -> None: ...


class Running:
    """One program that was started, with everything it wrote."""

    def __init__(self, process: Process, output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str) -> None:
        """Until the program has written `text`."""
        wait_until(
            lambda: text in self.output or self.process.poll() is not None,
            lambda: f"{text!r} was never written, but:\n{self.output}",
        )
        assert text in self.output, f"ended with {self.process.returncode}, without {text!r}:\n{self.output}"

    def family(self) -> list[int]:
        """The processes that it runs."""
        return descendants(self.pid)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to this one process and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(PATIENCE)


@contextmanager
def running(command: list[str], output: Path, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A program for the length of a test; `env` is all of its environment."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    with watched(process, output) as program:
        yield program


@contextmanager
def watched(process: Process, output: Path) -> Iterator[Running]:
    """A program that was started; at the end nothing is left of it."""
    try:
        yield Running(process, output)
    finally:
        left = [process.pid, *descendants(process.pid)] if process.poll() is None else []
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def all_end(pids: list[int]) -> None:
    """Waits until none of these processes is left."""
    assert pids
    wait_until(lambda: not any(map(is_alive, pids)), lambda: f"still there: {[pid for pid in pids if is_alive(pid)]}")
