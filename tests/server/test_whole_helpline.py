"""`helpline server` in a demo: every process runs, what dies comes back, and a text 'goes out'."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpline.carrier.callers import fingerprint
from helpline.consent.caller_rows import keep_caller
from helpline.consent.extra_messages import plan_reply
from helpline.records.engine import open_records
from helpline.records.sealing import Seals
from helpline.records.tables import messages
from helpline.settings import load_settings
from helpline.simulator.carrier.journal import read_journal
from tests.server.running import Running, all_end, free_port, is_alive, running, wait_until

OF_THE_MACHINE = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
ANNA = "+33639980001"


@dataclass
class Helpline:
    """A demo that runs."""

    var: Path
    port: int
    program: Running
    env: dict[str, str]

    def pids(self, name: str) -> list[int]:
        """The processes of that name that were started, in order."""
        told = [line for line in self.program.output.splitlines() if f"{name} started (pid=" in line]
        return [int(line.split("pid=")[1].rstrip(")")) for line in told]

    def ready(self) -> dict[str, Any]:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=30) as answer:
            return dict(json.load(answer)["parts"])
        return {}

    def owe_a_text(self) -> None:
        """A text that may go at any hour is due."""
        settings, now = load_settings(self.env), datetime.now(UTC)
        engine = open_records(settings.database_url)
        with engine.begin() as connection:
            sealed = Seals(settings.number_keys).seal(ANNA)
            caller = keep_caller(connection, fingerprint(ANNA, settings.fingerprint_key), sealed, "fr", now, "sms")
            plan_reply(connection, caller, "stopped", now)
        engine.dispose()

    def states(self) -> list[str]:
        engine = open_records(load_settings(self.env).database_url)
        with engine.connect() as connection:
            found = [row.state for row in connection.execute(messages.select())]
        engine.dispose()
        return found


@pytest.fixture
def helpline(tmp_path: Path) -> Iterator[Helpline]:
    port = free_port()
    env = {**OF_THE_MACHINE, "PORT": str(port), "VAR_DIR": str(tmp_path / "var"), "WEB_CONCURRENCY": "1"}
    command = [str(Path(sys.executable).parent / "helpline"), "server"]
    with running(command, tmp_path / "output", env) as program:
        made = Helpline(tmp_path / "var", port, program, env)
        program.wait_for("is ready")
        wait_until(lambda: "last_tick_seconds" in made.ready().get("reminders", {}), lambda: program.output)
        yield made


@pytest.mark.timeout(180)
def test_a_text_that_is_due_goes_out_and_is_reported_though_worker_clock_and_carrier_were_killed(
    helpline: Helpline,
) -> None:
    for name in ("worker", "clock", "carrier"):
        (first,) = helpline.pids(name)
        family = [pid for pid in helpline.program.family() if is_alive(pid)]
        assert first in family
        os.kill(first, signal.SIGKILL)
    for name in ("worker", "clock", "carrier"):
        wait_until(lambda name=name: len(helpline.pids(name)) == 2, lambda: helpline.program.output)  # type: ignore[misc]
    assert len(helpline.pids("web")) == 1
    helpline.owe_a_text()
    wait_until(lambda: helpline.states() == ["delivered"], lambda: f"{helpline.states()}\n{helpline.program.output}")
    (sent,) = read_journal(helpline.var / "carrier.jsonl")
    assert sent.to == ANNA
    family = helpline.program.family()
    assert helpline.program.end() == 0
    all_end(family)
    assert "Traceback" not in helpline.program.output
    assert ANNA not in helpline.program.output


@pytest.mark.timeout(180)
def test_nothing_is_left_when_it_is_killed(helpline: Helpline) -> None:
    family = helpline.program.family()
    assert len(family) >= 10
    helpline.program.end(signal.SIGKILL)
    all_end(family)


@pytest.mark.timeout(180)
def test_ctrl_c_ends_everything(helpline: Helpline) -> None:
    family = helpline.program.family()
    os.killpg(helpline.program.pid, signal.SIGINT)
    assert helpline.program.ended() == 0
    all_end(family)
    assert "Traceback" not in helpline.program.output
