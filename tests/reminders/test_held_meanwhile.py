"""Held waves while others claim, and when somebody is killed halfway: nothing is lost, and nothing doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine, insert, select

from helpline.records.tables import callers, subscriptions
from helpline.reminders import held as module
from helpline.reminders.claiming import claim
from helpline.reminders.held import HELD, Done, set_apart
from helpline.reminders.watch import watch
from tests.databases import address
from tests.reminders.bench import KEY, LAST_WAVE, shipped_prompts
from tests.reminders.people import messages_of, paris, wave
from tests.reminders.plans import counted, plan_of, statements_of
from tests.reminders.test_held import MORNING, gone_on, held_back, queues, shipped

DIES = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import event
from helpline.records.engine import open_records
from helpline.reminders import held
held.PIECE = 10
engine = open_records(sys.argv[1])
pieces = [0]
def asked(connection, cursor, statement, *_):
    pieces[0] += statement.startswith("UPDATE messages")
    if pieces[0] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(engine, "after_cursor_execute", asked)
held.set_apart(engine, datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.parametrize("which", ["held", "let go"])
def test_who_is_killed_halfway_loses_nothing_and_doubles_nothing(engine: Engine, which: str) -> None:
    messages_of(engine, wave("middle"), planned=50)
    held_back(engine, wave("middle"))
    if which == "let go":
        set_apart(engine, MORNING)
        gone_on(engine, wave("middle"))
    program = [sys.executable, "-c", DIES, address(engine), MORNING.isoformat()]
    assert subprocess.run(program, capture_output=True, text=True, check=False).returncode == -signal.SIGKILL
    there = {HELD: 20, "bulk": 30} if which == "held" else {HELD: 30, "bulk": 20}
    assert queues(engine) == there  # two pieces are moved, the third is as it was
    done = set_apart(engine, MORNING)
    assert done == (Done(aside=30) if which == "held" else Done(back=30))
    assert queues(engine) == ({HELD: 50} if which == "held" else {"bulk": 50})


def test_it_is_let_go_while_others_claim_and_each_is_taken_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 20)
    messages_of(engine, shipped(), planned=300)
    with engine.begin() as connection:
        everybody = connection.scalars(select(callers.c.id)).all()
        asked = {"kind": "update", "scope": "all", "since": paris(2026, 11, 1)}
        connection.execute(insert(subscriptions), [asked | {"caller_id": one} for one in everybody])
    held_back(engine, shipped())
    set_apart(engine, LAST_WAVE)
    gone_on(engine, shipped())

    def takes() -> list[int]:
        taken: list[int] = []
        while len(taken) < 300 and queues(engine):
            with engine.begin() as connection:
                taken += [one.id for one in claim(connection, shipped_prompts(), KEY, "bulk", LAST_WAVE, 25)[0]]
        return taken

    with ThreadPoolExecutor(4) as threads:
        takers = [threads.submit(takes) for _ in range(2)]
        movers = [threads.submit(set_apart, engine, LAST_WAVE) for _ in range(2)]
        assert sum(mover.result().back for mover in movers) <= 300
        set_apart(engine, LAST_WAVE)
        taken = [one for taker in takers for one in taker.result()]
    assert len(taken) == len(set(taken)) == 300
    assert queues(engine, "sending") == {"bulk": 300}


def test_it_is_held_while_others_claim_and_what_is_not_taken_waits(engine: Engine) -> None:
    messages_of(engine, shipped(), planned=300)
    with engine.begin() as connection:
        everybody = connection.scalars(select(callers.c.id)).all()
        asked = {"kind": "update", "scope": "all", "since": paris(2026, 11, 1)}
        connection.execute(insert(subscriptions), [asked | {"caller_id": one} for one in everybody])
    begun = Event()

    def takes() -> int:
        count = 0
        while queues(engine).get("bulk"):
            with engine.begin() as connection:
                count += len(claim(connection, shipped_prompts(), KEY, "bulk", LAST_WAVE, 5)[0])
            begun.set()
        return count

    with ThreadPoolExecutor(2) as threads:
        taker = threads.submit(takes)
        assert begun.wait(60)
        held_back(engine, shipped())
        set_apart(engine, LAST_WAVE)
        taken = taker.result()
    assert queues(engine, "sending") == {"bulk": taken}
    assert queues(engine) == ({HELD: 300 - taken} if taken < 300 else {})


def test_what_is_held_is_found_by_an_index_and_no_claim_walks_over_it(engine: Engine) -> None:
    messages_of(engine, shipped(), planned=500, delivered=2000)
    held_back(engine, shipped())
    set_apart(engine, LAST_WAVE)
    counted(engine)
    with statements_of(engine) as asked, engine.begin() as connection:
        assert claim(connection, shipped_prompts(), KEY, "bulk", LAST_WAVE, 100) == ([], 0)
    with statements_of(engine) as asked_by_us:
        set_apart(engine, LAST_WAVE)
        assert watch(engine, shipped_prompts().menus.calendar, LAST_WAVE)
    with engine.begin() as connection:
        for statement in (*asked, *asked_by_us):
            if "FROM messages" in statement[0]:
                assert "SCAN messages" not in plan_of(connection, statement)
