"""When calls are refused: what holds back calls, what holds back texts, and what an operator is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from helpline.records.tables import callers
from helpline.reminders.delivery import Delivered
from helpline.reminders.pause import pause, paused, resume
from helpline.reminders.rate import CALLS, LONGEST_WAIT
from tests.reminders.bench import Bench
from tests.reminders.test_trouble_of_numbers import ended_because

CALLS_BUSY = f"{CALLS}:busy"


@pytest.fixture
def bench(call_bench: Bench) -> Bench:
    return call_bench


def is_paused(bench: Bench) -> bool:
    with bench.engine.begin() as connection:
        return paused(connection) is not None


def test_a_busy_carrier_slows_down_calls_and_no_text(bench: Bench) -> None:
    call, message = bench.call(), bench.message()
    bench.stub.behave(fail=f"10004:{bench.number_of(call)}")
    assert bench.deliver("calls").put_back == 1
    assert (bench.state(call), bench.row(call).tries) == ("planned", 0)
    assert bench.redis.exists(CALLS_BUSY)
    assert bench.deliver().accepted == 1
    assert bench.state(message) == "accepted"
    assert bench.alerts == []


@pytest.mark.parametrize("code", [21210, 10005, 20003, 403])
def test_what_only_an_operator_can_mend_holds_back_calls_and_no_text(bench: Bench, code: int) -> None:
    calls, message = [bench.call() for _ in range(5)], bench.message()
    numbers = ",".join(f"{code}:{bench.number_of(call)}" for call in calls)
    bench.stub.behave(fail=numbers)
    assert bench.deliver("calls", at_once=1).put_back == 5
    assert set(bench.states(calls)) == {"planned"}
    assert bench.redis.pttl(CALLS_BUSY) > 1000 * (LONGEST_WAIT - 60)
    assert not is_paused(bench)
    (alert,) = set(bench.alerts)  # each batch of outcomes brings it; the alerts tell the same words once
    assert alert.startswith("No call can be made:")
    assert str(code) in alert
    assert bench.deliver().accepted == 1
    assert bench.state(message) == "accepted"
    bench.stub.behave(fail="")
    bench.redis.delete(CALLS_BUSY)
    bench.clock.pass_by(minutes=20)
    assert bench.deliver("calls").accepted == 5


def test_a_number_that_is_none_ends(bench: Bench) -> None:
    call = bench.call()
    bench.stub.behave(fail=f"21211:{bench.number_of(call)}")
    assert bench.deliver("calls").failed == 1
    assert (bench.row(call).state, bench.row(call).reason) == ("failed", "21211")
    assert ended_because(bench, call) == "ended"


@pytest.mark.parametrize("code", [21215, 21216, 21214])
def test_a_call_that_is_not_let_through_is_given_up_and_told(bench: Bench, code: int) -> None:
    odd, others = bench.call(), [bench.call() for _ in range(5)]
    bench.stub.behave(fail=f"{code}:{bench.number_of(odd)}")
    assert bench.deliver("calls") == Delivered(accepted=5, failed=1)
    assert (bench.row(odd).state, bench.row(odd).reason) == ("failed", str(code))
    assert ended_because(bench, odd) is None
    assert set(bench.states(others)) == {"accepted"}
    (alert,) = bench.alerts
    assert alert.startswith("A call could not be made:")


def test_when_most_are_not_let_through_none_is_given_up(bench: Bench) -> None:
    calls = [bench.call() for _ in range(12)]
    bench.stub.behave(fail="21215:1")
    assert bench.deliver("calls", at_once=2).failed == 0
    assert set(bench.states(calls)) == {"planned"}
    assert not is_paused(bench)
    assert bench.alerts[0].startswith("No call can be made:")


def test_prompts_that_lost_the_words_of_calls_burn_none_and_hold_back_no_text(bench: Bench) -> None:
    calls = [bench.call() for _ in range(8)]
    whole = bench.prompts
    nodes = {name: found for name, found in whole.menus.nodes.items() if name != "call.last"}
    bench.prompts = replace(whole, menus=replace(whole.menus, nodes=nodes))
    assert bench.deliver("calls").put_back == 8
    assert set(bench.states(calls)) == {"planned"}
    assert not is_paused(bench)


def test_a_pause_of_an_operator_holds_back_calls(bench: Bench) -> None:
    call = bench.call()
    with bench.engine.begin() as connection:
        pause(connection, "operator", "because", bench.clock())
    assert bench.deliver("calls") == Delivered(paused=True)
    with bench.engine.begin() as connection:
        resume(connection)
    assert bench.deliver("calls").accepted == 1
    assert bench.state(call) == "accepted"


def test_a_pause_because_of_the_account_is_tried_by_a_call_too(bench: Bench) -> None:
    calls = [bench.call() for _ in range(2)]
    with bench.engine.begin() as connection:
        pause(connection, "carrier", "20003", bench.clock())
    assert bench.deliver("calls") == Delivered(paused=True)
    bench.clock.pass_by(minutes=10)
    assert bench.deliver("calls").accepted == 1
    assert not is_paused(bench)
    assert bench.deliver("calls").accepted == 1
    assert set(bench.states(calls)) == {"accepted"}


@pytest.mark.parametrize("reason", ["21606", "words"])
def test_a_pause_because_of_texts_alone_leaves_calls_alone(bench: Bench, reason: str) -> None:
    call = bench.call()
    with bench.engine.begin() as connection:
        pause(connection, "carrier", reason, bench.clock())
    assert bench.deliver("calls").accepted == 1
    assert bench.state(call) == "accepted"
    assert is_paused(bench), "that calls go says nothing about texts"


def test_one_damaged_number_stops_nobody_else(bench: Bench) -> None:
    damaged, others = bench.call(), [bench.call() for _ in range(3)]
    with bench.engine.begin() as connection:
        who = callers.c.id == bench.row(damaged).caller_id
        connection.execute(update(callers).where(who).values(number="damaged"))
    assert bench.deliver("calls") == Delivered(accepted=3, failed=1)
    assert (bench.row(damaged).state, bench.row(damaged).reason) == ("failed", "number_key")
    assert set(bench.states(others)) == {"accepted"}
