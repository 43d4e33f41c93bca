"""Messages of which the carrier said no last word: it is asked, once each, and what it says counts like a report."""

from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.reminders.silence import ask_about_silent
from tests.reminders.bench import Bench
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess


@pytest.fixture
def bench(engine: Engine, redis: Redis, stub: CarrierProcess) -> Bench:
    found = Bench(engine, redis, stub)
    found.clock.run()
    stub.behave(report_after=0)
    return found


def test_what_arrived_without_a_report_is_found_out(bench: Bench) -> None:
    message = bench.message(kind="welcome")
    assert bench.deliver("replies").accepted == 1
    bench.clock.pass_by(hours=2, minutes=1)
    assert ask_about_silent(bench.sender) == 1
    assert bench.state(message) == "delivered"
    assert ask_about_silent(bench.sender) == 0


def test_nobody_asks_while_a_report_may_still_come(bench: Bench) -> None:
    bench.message(kind="welcome")
    bench.deliver("replies")
    bench.clock.pass_by(hours=1)
    assert ask_about_silent(bench.sender) == 0


def test_a_carrier_that_is_away_is_asked_again_later(bench: Bench) -> None:
    message = bench.message(kind="welcome")
    bench.deliver("replies")
    bench.clock.pass_by(hours=3)
    port, bench.stub.port = bench.stub.port, free_port()
    try:
        assert ask_about_silent(bench.sender) == 0
    finally:
        bench.stub.port = port
    assert ask_about_silent(bench.sender) == 1
    assert bench.state(message) == "delivered"
