"""What a web process does beside its answers: its own journal, and a look at the clock."""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from sqlalchemy import select

from helpline.app import create_app
from helpline.background import Background, Task
from helpline.consent.journal import Journal
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.tables import controls, objections
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import Clock, Line, settings_for
from tests.consent.test_journal import withdrawal
from tests.fresh_logs import captured_logs
from tests.server.running import wait_until


def test_it_begins_once_in_each_process_and_goes_on_after_a_fault() -> None:
    done: list[int] = []
    enough = threading.Event()

    def act() -> None:
        done.append(threading.get_ident())
        if len(done) >= 3:
            enough.set()
        raise OSError("the disk is away")

    with captured_logs() as logs:
        background = Background(Task("fails", 0.01, act))
        assert done == []
        background.begin()
        background.begin()
        assert enough.wait(10)
    assert len(set(done)) == 1
    assert [entry["task"] for entry in logs if entry["event"] == "not done in the background"] == ["fails"]

    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            forked = threading.Event()
            done.clear()
            enough.clear()
            background.begin()
            os.write(write, b"1" if enough.wait(10) else b"0")
            forked.set()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 1) == b"1"


def test_a_stop_that_only_this_disk_has_reaches_the_database_without_a_worker_here(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    upgrade(settings.database_url)
    Journal(settings.journal_file).append(withdrawal(1))
    app = create_app(settings, now=Clock())
    engine = open_records(settings.database_url)

    def noted() -> bool:
        with engine.connect() as connection:
            return connection.scalar(select(objections.c.fingerprint)) == f"{1:032x}"

    assert not noted()
    app.test_client().get("/healthz")
    wait_until(noted, str)
    engine.dispose()


def test_web_tells_an_operator_of_a_dead_clock_though_nobody_asks(tmp_path: Path, line: Line) -> None:
    settings = settings_for(tmp_path, REDIS_URL=line.wire.url)
    upgrade(settings.database_url)
    clock = Clock()
    app = create_app(settings, now=clock)
    clock.now += timedelta(minutes=11)
    app.test_client().get("/healthz")
    wait_until(lambda: _is_told(settings.database_url), str)


def test_web_tells_an_operator_of_its_own_wrong_clock(
    tmp_path: Path, shared_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setattr("helpline.date.real.datetime", Ahead)
    settings = settings_for(tmp_path, REDIS_URL=shared_valkey.url)
    upgrade(settings.database_url)
    create_app(settings).test_client().get("/healthz")
    wait_until(lambda: _is_told(settings.database_url, "wrong clock"), str)


def test_who_asks_readyz_makes_an_operator_hear_of_a_dead_clock(tmp_path: Path, line: Line) -> None:
    settings = settings_for(tmp_path, REDIS_URL=line.wire.url)
    upgrade(settings.database_url)
    clock = Clock()
    app = create_app(settings, now=clock)
    app.test_client().get("/healthz")  # the look beside the answers is done for a minute
    clock.now += timedelta(minutes=11)
    app.test_client().get("/readyz")
    wait_until(lambda: _is_told(settings.database_url), str)


def _is_told(url: str, problem: str = "no tick") -> bool:
    engine = open_records(url)
    with engine.connect() as connection:
        found = connection.scalar(select(controls.c.name).where(controls.c.name == f"alert {problem}"))
    engine.dispose()
    return found is not None


def test_it_can_be_stopped() -> None:
    done: list[float] = []
    background = Background(Task("counts", 0.01, lambda: done.append(time.monotonic())))
    background.stop()  # nothing to stop yet
    background = Background(Task("counts", 0.01, lambda: done.append(time.monotonic())))
    background.begin()
    wait_until(lambda: len(done) > 1, lambda: str(done))
    background.stop()
    before = len(done)
    time.sleep(0.1)
    assert len(done) == before
