"""Messages of which the carrier said no last word: it is asked, once each, and what it says counts like a report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, String, cast, literal, update

from helpline.records.tables import messages
from helpline.reminders.silence import ask_about_silent
from tests.reminders.bench import Bench
from tests.reminders.people import messages_of, wave
from tests.reminders.plans import counted, plan_of, statements_of
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


def test_who_is_to_be_asked_about_is_found_by_an_index(engine: Engine, redis: Redis, stub: CarrierProcess) -> None:
    bench = Bench(engine, redis, stub)
    moment = wave("last")
    messages_of(engine, moment, delivered=3000, accepted=20)
    with engine.begin() as connection:
        connection.execute(update(messages).values(sid=literal("SM") + cast(messages.c.id, String)))
    counted(engine)
    bench.clock.now = moment.begins + timedelta(hours=1)
    with statements_of(engine) as asked:
        assert ask_about_silent(bench.sender) == 0
    (looked,) = (one for one in asked if one[0].startswith("SELECT messages.id"))
    with engine.begin() as connection:
        assert "ix_messages_silent" in plan_of(connection, looked)
