"""A demo travels in time: its wave goes out within seconds, by the worker and the clock as programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, func, select

from helpline.app import create_app
from helpline.date.moved import DemoDate
from helpline.menus.waves import Wave, waves_between
from helpline.records.belonging import take_for
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.tables import messages, planned_waves, subscriptions
from helpline.reminders.last_tick import last_tick
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.demo.demos import demo_settings
from tests.phone import Phone, flask_post
from tests.server.running import Running, running, wait_until
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.workers.programs import OF_THE_MACHINE


@dataclass
class Demo:
    """A whole demo but for its server: web in this process, worker, clock and carrier as programs."""

    app: Flask
    date: DemoDate
    carrier: CarrierProcess
    engine: Engine
    redis: Redis
    programs: list[Running]

    def signed_up(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(subscriptions)) or 0

    def states(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.scalars(select(messages.c.state).where(messages.c.kind == "update")))

    def reminders(self) -> dict[str, Any]:
        """What /readyz says of them."""
        return dict(self.app.test_client().get("/readyz").get_json()["parts"]["reminders"])

    def wait_for_tick(self) -> None:
        """Until the clock has ticked once more."""
        began = datetime.now(UTC).replace(microsecond=0)

        def ticked() -> bool:
            last = last_tick(self.redis)
            return last is not None and last > began

        wait_until(ticked, self.told)

    def is_planned_anew(self) -> bool:
        """Whether what was planned in the future is forgotten: whoever signs up now is seen."""
        later = select(planned_waves.c.planned_at).where(planned_waves.c.planned_at > self.date.now())
        with self.engine.connect() as connection:
            return connection.execute(later).first() is None

    def next_wave(self) -> Wave:
        """One for whoever signs up today: it begins later."""
        calendar = self.app.extensions["prompts"].current().prompts.menus.calendar
        now = self.date.now()
        return waves_between(calendar, now, now + timedelta(days=62))[0]

    def told(self) -> str:
        return f"{self.states()}\n" + "\n".join(program.output for program in self.programs)


@pytest.fixture
def demo(tmp_path: Path, shared_valkey: EmbeddedValkey, redis: Redis) -> Iterator[Demo]:
    with ExitStack() as stack:
        known = {"VAR_DIR": str(tmp_path)}
        carrier = stack.enter_context(carrier_process(tmp_path, "--callbacks", "--lost", "1", env=known))
        env = {"VAR_DIR": str(tmp_path), "REDIS_URL": shared_valkey.url, "TWILIO_API_URL": carrier.url}
        settings = demo_settings(tmp_path, **env)
        upgrade(settings.database_url)
        take_for(settings.database_url, settings.belongs_to)
        programs = [
            stack.enter_context(running([sys.executable, "-m", name], tmp_path / name, {**OF_THE_MACHINE, **env}))
            for name in ("workers.worker", "workers.clock")
        ]
        engine = open_records(settings.database_url)
        stack.callback(engine.dispose)
        yield Demo(create_app(settings), DemoDate(tmp_path), carrier, engine, redis, programs)
        for program in programs:
            assert program.end() == 0


def test_a_wave_goes_out_at_once_whenever_one_travels_there(demo: Demo) -> None:
    caller = Phone(flask_post(demo.app))
    caller.sms("rappel")
    caller.sms("1")
    assert demo.signed_up() == 1
    demo.wait_for_tick()
    assert demo.states() == []
    wave = demo.next_wave()
    demo.date.travel_to(wave.spread_until)
    wait_until(lambda: demo.states() == ["accepted"], demo.told)
    (sent,) = [message for message in demo.carrier.messages() if message.to == caller.number]
    assert abs(datetime.fromtimestamp(sent.at, UTC) - wave.spread_until) < timedelta(minutes=5)
    assert "No clock" not in str(demo.reminders())

    demo.date.come_back()
    demo.wait_for_tick()
    assert "No clock" not in str(demo.reminders())
    assert 0 <= demo.reminders()["last_tick_seconds"] < 60
    assert demo.states() == ["accepted"]
    wait_until(lambda: demo.is_planned_anew(), demo.told)

    another = Phone(flask_post(demo.app))
    another.sms("rappel")
    another.sms("1")
    demo.date.travel_to(wave.spread_until)
    wait_until(lambda: demo.states() == ["accepted"] * 2, demo.told)
    assert [message.to for message in demo.carrier.messages()].count(caller.number) == 1
