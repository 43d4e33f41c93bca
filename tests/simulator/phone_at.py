"""A phone of the simulated carrier as its owner uses it, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.server.running import PATIENCE
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.simulator.servers import Server

Event = dict[str, Any]


@dataclass
class PhoneAt:
    """One number. `seen` grows with every look."""

    carrier: CarrierProcess
    number: str
    seen: list[Event] = field(default_factory=list)
    call: Event | None = None
    is_blocked: bool = False
    epoch: str = ""

    def post(self, path: str, told: Any = None) -> requests.Response:
        url = f"{self.carrier.url}/phones/{self.number}{path}"
        return requests.post(url, json={} if told is None else told, timeout=60)

    def text(self, body: str) -> str:
        """Text the helpline: the id of the text."""
        answer = self.post("/texts", {"body": body})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["sid"])

    def dial(self) -> str:
        """Call the helpline: the id of the call."""
        answer = self.post("/calls")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["call"])

    def act(self, call: str, act: str, **told: str) -> requests.Response:
        return self.post(f"/calls/{call}/{act}", told)

    def ask(self, **query: Any) -> dict[str, Any]:
        answer = requests.get(f"{self.carrier.url}/phones/{self.number}", query, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def look(self, wait: float = 0) -> list[Event]:
        """What is new."""
        after = self.seen[-1]["seq"] if self.seen else 0
        told = self.ask(after=after, wait=wait, **({"epoch": self.epoch} if self.epoch else {}))
        self.call, self.is_blocked, self.epoch = told["call"], told["is_blocked"], told["epoch"]
        self.seen += told["events"]
        return list(told["events"])

    def wait_for(self, kind: str, wanted: Callable[[Event], bool] = lambda event: True) -> Event:
        """The first event of that kind, as soon as there is one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.look()
            for event in self.of(kind):
                if wanted(event):
                    return event
            self.look(wait=1)
        raise AssertionError(f"no {kind}, but {self.seen}")

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.seen if event["kind"] == kind]

    def bodies(self, direction: str = "received") -> list[str]:
        return [event["body"] for event in self.of("text") if event["direction"] == direction]


@contextmanager
def carrier_beside(server: Server, folder: Path, *options: str) -> Iterator[CarrierProcess]:
    """A carrier that knows that helpline. Reports come quickly."""
    env = {name: value for name, value in server.env.items() if value is not None}
    known = ["--callbacks", "--callbacks-at", f"http://127.0.0.1:{server.port}", "--report-after", "0.05"]
    with carrier_process(folder, *known, *options, env=env) as carrier:
        yield carrier
