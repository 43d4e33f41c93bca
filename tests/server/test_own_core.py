"""Each web worker has a core of its own, for as long as it lives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from helpline.server.own_core import keep_to_one_core

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
WORKER = """
import os, sys, threading
from helpline.server.own_core import keep_to_one_core
leave = threading.Event()
core = keep_to_one_core(sys.argv[1])
threading.Thread(target=leave.wait).start()
threads = {frozenset(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")}
print(core, sorted(map(sorted, threads)), flush=True)
sys.stdin.read()
leave.set()
"""

pytestmark = pytest.mark.skipif(CORES < 2, reason="one core, or a system that does not say which")


class Workers:
    """Processes that keep to one core, those of this test alone."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._name = stack, f"helpline-test-{uuid4()}"

    def start(self) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-c", WORKER, self._name]
        worker = self._stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        self._stack.callback(worker.kill)
        assert worker.stdout
        return worker, worker.stdout.readline().strip()


@pytest.fixture
def workers() -> Iterator[Workers]:
    with ExitStack() as stack:
        yield Workers(stack)


def test_each_worker_runs_on_a_core_of_its_own_with_all_its_threads(workers: Workers) -> None:
    said = [workers.start()[1] for _ in range(CORES)]

    assert sorted(said) == sorted(f"{core} [[{core}]]" for core in os.sched_getaffinity(0))


def test_a_worker_more_than_there_are_cores_runs_where_it_likes(workers: Workers) -> None:
    for _ in range(CORES):
        workers.start()

    assert workers.start()[1] == f"None [{sorted(os.sched_getaffinity(0))}]"


def test_the_core_of_a_worker_that_was_killed_is_free_for_the_next(workers: Workers) -> None:
    started = [workers.start() for _ in range(CORES)]
    killed, said = started[0]

    killed.kill()
    killed.wait()

    assert workers.start()[1] == said


def test_where_there_is_one_core_nothing_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})

    assert keep_to_one_core() is None


def test_a_system_that_cannot_keep_a_process_to_a_core_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity")

    assert keep_to_one_core() is None
