"""The simulated carrier as tests use it: a process of its own, which can be killed and started again."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from helpline.simulator.carrier.calls_journal import KeptCall, calls_beside, read_calls
from helpline.simulator.carrier.journal import OUTBOUND, Message, read_journal
from tests.forked import forked
from tests.server.running import Running, free_port

PROGRAM = "helpline.simulator.carrier.__main__"


class CarrierProcess:
    """A carrier that a test tells how to behave. Its messages are read from its journal, not asked of it."""

    def __init__(self, folder: Path, options: tuple[str, ...], env: Mapping[str, str] | None) -> None:
        self._folder, self._options, self._env = folder, options, env
        self._processes = ExitStack()
        self._starts = 0
        self.port = free_port()
        self.journal = folder / "carrier.jsonl"
        self.process: Running

    @property
    def url(self) -> str:
        """What belongs in TWILIO_API_URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._starts += 1
        given = ["--port", str(self.port), "--journal", str(self.journal), *self._options]
        output = self._folder / f"carrier-output-{self._starts}"
        self.process = self._processes.enter_context(forked(PROGRAM, given, output, self._env))
        self.process.wait_for("listens on")

    def kill(self) -> None:
        self.process.end(signal.SIGKILL)

    def stop(self) -> None:
        self._processes.close()

    def behave(self, **behaviour: object) -> None:
        """Change its behaviour by the names of its options: `behave(drop=0.5, fail="429:0.1")`."""
        self.ask("/control", behaviour)

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.ask("/control")["counts"])

    def receive(self, sender: str, body: str, to: str = "38123", **more: object) -> None:
        """A caller texts us; only the carrier knows."""
        self.ask("/received", {"from": sender, "to": to, "body": body, **more})

    def messages(self) -> list[Message]:
        """The messages that it accepted from us, in order."""
        return [message for message in read_journal(self.journal) if message.direction == OUTBOUND]

    def calls(self) -> list[KeptCall]:
        """The calls that it led, each as it stands, in the order in which they were made."""
        return read_calls(calls_beside(self.journal))

    def ask(self, path: str, told: Mapping[str, object] | None = None) -> dict[str, Any]:
        data = None if told is None else json.dumps(told).encode()
        with urllib.request.urlopen(f"{self.url}{path}", data=data, timeout=30) as answer:
            return dict(json.load(answer))


@contextmanager
def carrier_process(folder: Path, *options: str, env: Mapping[str, str] | None = None) -> Iterator[CarrierProcess]:
    """A carrier with such options, for the length of a test; `env` is all of its environment."""
    carrier = CarrierProcess(folder, options, env)
    try:
        carrier.start()
        yield carrier
    finally:
        carrier.stop()
