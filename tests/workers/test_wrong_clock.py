"""What worker and clock do on a machine whose clock is wrong: nothing, but for telling an operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select

from helpline.date.real import utc_now
from helpline.records.tables import controls
from helpline.reminders import jobs
from helpline.reminders.lease import KEY, Lease
from helpline.reminders.queues import QUEUES, queue
from helpline.reminders.reconcile import Ours
from helpline.reminders.wall_clock import WallClock
from helpline.telemetry.alerts import Alerts, open_problems
from helpline.wiring import Parts
from tests.reminders.people import fingerprint_of, messages_of, paris, wave
from workers.clock import Clock

MORNING = paris(2026, 12, 8, 10)
HOUR = timedelta(hours=1)


class Machine:
    """Its real time and its date are wrong by as much."""

    def __init__(self, parts: Parts, redis: Redis) -> None:
        self.by = timedelta(0)
        self.told: list[str] = []
        wall_clock = WallClock(redis, parts.engine, lambda: utc_now() + self.by)
        alerts = Alerts(parts.engine, self._send, self.date)
        sender = replace(parts.sender, clock=self.date, clock_wrong_by=wall_clock.wrong_by)
        self.parts = replace(parts, sender=sender, alerts=alerts)

    def date(self) -> datetime:
        return MORNING + self.by

    def _send(self, text: str) -> bool:
        self.told.append(text)
        return True


@pytest.fixture
def machine(parts: Parts, redis: Redis) -> Machine:
    return Machine(parts, redis)


@pytest.fixture
def seen(machine: Machine, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What its jobs have asked for."""
    asked: list[str] = []

    def tidied(now: datetime) -> None:
        asked.append("tidied")

    monkeypatch.setattr(jobs, "LEFT_SECONDS", 0.0)
    jobs.use(
        jobs.Tools(
            engine=machine.parts.engine,
            redis=redis,
            journal=machine.parts.consent.journal,
            sender=machine.parts.sender,
            ours=Ours("38123", "Relais Droits"),
            alerts=machine.parts.alerts,
            settle_seconds=1,
            seen=lambda: [fingerprint_of(1)],
            refresh=machine.parts.folder.refresh,
            tidy=tidied,
        )
    )
    return asked


def controls_of(machine: Machine) -> set[str]:
    with machine.parts.engine.connect() as connection:
        return set(connection.scalars(select(controls.c.name)))


def do_all() -> None:
    jobs.deliver("bulk")
    for job in (jobs.plan, jobs.settle, jobs.ask, jobs.watch, jobs.retention, jobs.reconcile):
        job()


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_no_job_does_anything_but_tell(machine: Machine, seen: list[str], by: timedelta) -> None:
    machine.by = by
    do_all()
    assert seen == []
    assert controls_of(machine) == {"alert wrong clock"}
    assert len(machine.told) == 1
    assert "60 minutes" in machine.told[0]
    with machine.parts.engine.connect() as connection:
        assert [found.name for found in open_problems(connection, MORNING)] == ["wrong clock"]


def test_jobs_are_done_again_when_the_clock_is_set(machine: Machine, seen: list[str]) -> None:
    machine.by = HOUR
    jobs.watch()
    machine.by = timedelta(0)
    jobs.watch()
    assert "watched" in controls_of(machine)


def test_a_clock_that_is_wrong_enqueues_nothing(machine: Machine, redis: Redis) -> None:
    messages_of(machine.parts.engine, wave("middle"), planned=10)
    clock = Clock(machine.parts, redis, machine.date)
    machine.by = HOUR
    assert clock.tick() == ()
    assert [queue(redis, name).count for name in QUEUES] == [0] * len(QUEUES)
    assert len(machine.told) == 1
    machine.by = timedelta(0)
    assert clock.tick() != ()


def test_a_clock_that_turns_wrong_lets_another_one_lead(machine: Machine, redis: Redis) -> None:
    clock = Clock(machine.parts, redis, machine.date)
    clock.tick()
    assert redis.exists(KEY)
    machine.by = -HOUR
    clock.tick()
    assert Lease(redis).hold()
