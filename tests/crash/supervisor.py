"""The processes of a helpline under attack: started, killed with SIGKILL at random moments, and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from helpline.server import ends_with_parent
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.server.running import PATIENCE, descendants, wait_until

LONGEST_PAUSE = 1.0  # between a kill and the next start
# What programs write when they have begun their work.
STARTED = {"carrier": "listens on", "worker": "workers started", "clock": "clock started"}


@dataclass
class Program:
    """One program, in a session of its own. It ends with us."""

    name: str
    arguments: tuple[str, ...]
    env: Mapping[str, str]
    output: Path
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0

    def start(self) -> None:
        program = [sys.executable, "-m", "tests.crash.programs", *self.arguments]
        with_us = [sys.executable, "-I", "-S", ends_with_parent.__file__, str(os.getpid())]
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                [*with_us, *program],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=dict(self.env),
                start_new_session=True,
            )

    @property
    def family(self) -> list[int]:
        """The program and all that it started."""
        if self.process is None or self.process.poll() is not None:
            return []
        return [self.process.pid, *descendants(self.process.pid)]

    def kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @property
    def written(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        """Ask it to end, as an operator does."""
        if self.process and self.process.poll() is None:
            family = self.family
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
            self.kill(family)
            self.process.wait()


@dataclass
class Supervisor:
    """Everything that a helpline consists of, and the carrier, which is spared."""

    valkey: EmbeddedValkey
    carrier: Program
    programs: dict[str, Program]
    chances: random.Random
    kills: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        self.carrier.start()
        for program in self.programs.values():
            program.start()

    def wait_until_started(self) -> None:
        """Until everything that says so has begun its work."""
        for program in (self.carrier, *self.programs.values()):
            said = STARTED.get(program.arguments[0], "")
            wait_until(lambda p=program, text=said: text in p.written, lambda p=program: f"{p.name}: {p.written}")  # type: ignore[misc]

    def kill_one(self) -> None:
        """Kill something that lives: a program with all that it started, one process of it, or Valkey."""
        name = self.chances.choice([*self.programs, *[n for n in self.programs if n.startswith("worker")], "valkey"])
        if name == "valkey":
            self._kill_valkey()
        else:
            self._kill_program(self.programs[name])

    def keep_running(self) -> None:
        """Start again what was killed, after its pause."""
        for program in self.programs.values():
            if program.process and program.process.poll() is not None and time.monotonic() >= program.start_at:
                program.start()

    def end(self) -> None:
        for program in [*self.programs.values(), self.carrier]:
            if program.process and program.process.poll() is None:
                program.kill(program.family)
                program.process.wait()

    def _kill_program(self, program: Program) -> None:
        family = program.family
        if not family:
            return
        # Of a web server that was killed alone, workers could hold the port: the machine's end is what is played.
        whole = program.name == "web" or len(family) == 1 or self.chances.random() < 0.5
        victims = family if whole else [self.chances.choice(family)]
        program.kill(victims)
        self.kills[program.name if family[0] in victims else f"{program.name}, one of its processes"] += 1
        program.start_at = time.monotonic() + self.chances.uniform(0, LONGEST_PAUSE)

    def _kill_valkey(self) -> None:
        pid = int(self.valkey.pid_file.read_text())
        os.kill(pid, signal.SIGKILL)
        self.valkey.wait()
        self.kills["valkey"] += 1
        time.sleep(self.chances.uniform(0, LONGEST_PAUSE))
        self.valkey.start()
