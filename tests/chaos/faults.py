"""The faults: what is done to a helpline for some seconds, and how it is undone."""

from __future__ import annotations

import json
import os
import resource
import signal
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.town import Town

SLOW_DATABASE = 2.0  # seconds before each answer
SLOW_CARRIER = 12_000  # milliseconds; longer than we wait for it
KILL_EVERY = 1.0
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fault:
    """`begin` and `end` are done once, `go_on` again and again in between."""

    name: str
    about: str
    begin: Callable[[Town], None]
    end: Callable[[Town], None]
    go_on: Callable[[Town], None] = lambda town: None
    of_one_clock: bool = False


def _kill_valkey(town: Town) -> None:
    os.kill(_valkey_pid(town), signal.SIGKILL)
    town.valkey.wait()


def _valkey_pid(town: Town) -> int:
    return int(town.valkey.pid_file.read_text())


def _signal_valkey(number: signal.Signals) -> Callable[[Town], None]:
    return lambda town: os.kill(_valkey_pid(town), number)


def _slow_down(town: Town) -> None:
    town.wire.delay = SLOW_DATABASE


def _behave(**changes: object) -> Callable[[Town], None]:
    def tell(town: Town) -> None:
        request = urllib.request.Request(f"{town.carrier_url}/control", json.dumps(changes).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 200

    return tell


def _end_carrier(town: Town) -> None:
    carrier = town.supervisor.carrier
    carrier.kill(carrier.family)
    assert carrier.process
    carrier.process.wait()


def _kill_web_worker(town: Town) -> None:
    """One of those that answer, the oldest first."""
    if time.monotonic() < town.next_kill:
        return
    town.next_kill = time.monotonic() + KILL_EVERY
    workers = [pid for pid in town.supervisor.programs["web"].family[1:] if _answers(pid)]
    if workers:
        with suppress(ProcessLookupError):
            os.kill(min(workers), signal.SIGKILL)
        town.kills += 1


def _answers(pid: int) -> bool:
    with suppress(OSError):
        return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _fill_disk(town: Town) -> None:
    """No process of the web may write a file beyond where its journal ends: the kernel refuses, as on a full disk.

    That takes in the log, which is a file here. What is started later inherits it.
    """
    journal = town.settings.journal_file
    most = journal.stat().st_size if journal.exists() else 0
    for pid in town.supervisor.programs["web"].family:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def _clear_disk(town: Town) -> None:
    for pid in town.supervisor.programs["web"].family:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _both(*acts: Callable[[Town], None]) -> Callable[[Town], None]:
    def act(town: Town) -> None:
        for each in acts:
            each(town)

    return act


def _be_wrong(by: timedelta) -> Callable[[Town], None]:
    return lambda town: town.set_wrong(by)


def _stop_postgresql(town: Town) -> None:
    town.postgresql.stop()


def _start_postgresql(town: Town) -> None:
    town.postgresql.start()


ALL: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "valkey-killed", "Valkey is killed, and started again at the end", _kill_valkey, lambda t: t.valkey.start()
        ),
        Fault(
            "valkey-hangs",
            "Valkey accepts and never answers",
            _signal_valkey(signal.SIGSTOP),
            _signal_valkey(signal.SIGCONT),
        ),
        Fault("database-stopped", "PostgreSQL is ended, and started again", _stop_postgresql, _start_postgresql),
        Fault(
            "database-hangs",
            "PostgreSQL accepts and never answers",
            lambda town: town.wire.hang(),
            lambda town: town.wire.forward(),
        ),
        Fault("database-slow", "each answer of PostgreSQL takes 2 s", _slow_down, lambda town: town.wire.forward()),
        Fault(
            "carrier-down", "nobody listens at the carrier's API", _end_carrier, lambda t: t.supervisor.carrier.start()
        ),
        Fault("carrier-slow", "the carrier's API takes 12 s", _behave(delay=SLOW_CARRIER), _behave(delay=20)),
        Fault(
            "carrier-garbage", "the carrier's API answers what nobody can read", _behave(garbage=1), _behave(garbage=0)
        ),
        Fault(
            "web-killed",
            "one of two web workers is killed every second",
            lambda t: None,
            lambda t: None,
            _kill_web_worker,
        ),
        Fault("disk-full", "the journal's disk is full, and the log's", _fill_disk, _clear_disk),
        Fault(
            "disk-and-database",
            "the disk is full and PostgreSQL is ended",
            _both(_fill_disk, _stop_postgresql),
            _both(_clear_disk, _start_postgresql),
        ),
        Fault(
            "clock-ahead",
            "one worker's clock is an hour ahead",
            _be_wrong(AN_HOUR),
            _be_wrong(timedelta()),
            of_one_clock=True,
        ),
        Fault(
            "clock-behind",
            "one worker's clock is an hour behind",
            _be_wrong(-AN_HOUR),
            _be_wrong(timedelta()),
            of_one_clock=True,
        ),
    )
}
