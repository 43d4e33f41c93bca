"""Calls of which nobody knows whether they are made: looked for in the carrier's list of calls."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.reminders.doubts import Settled
from helpline.reminders.silence import CALL_SILENT_AFTER, ask_about_silent
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.databases import address
from tests.forked import forked
from tests.reminders.bench import SEALING, Bench
from tests.reminders.test_doubts import AFTER_A_CLAIM
from tests.server.running import free_port, wait_until
from tests.simulator.carrier_process import CarrierProcess
from tests.simulator.official_client import client_of


@pytest.fixture
def bench(engine: Engine, redis: Redis, calling_stub: CarrierProcess) -> Bench:
    """In real time, as the carrier's list has it; everybody may be called at any hour."""
    found = Bench(engine, redis, calling_stub)
    found.clock.run()
    return found


def owed(bench: Bench) -> int:
    """A call that somebody waits for, who is called at any hour; its id."""
    owed.count += 1  # type: ignore[attr-defined]
    caller = bench.caller(subscribed=False)
    return bench.call(caller, kind="call_back", occurrence=f"a@{owed.count}", wave="")  # type: ignore[attr-defined]


owed.count = 0  # type: ignore[attr-defined]


def in_doubt(bench: Bench, **behaviour: Any) -> int:
    """A call that was posted, and of which we heard nothing. `drop`: it was taken; `fail`: it was not."""
    message = owed(bench)
    bench.stub.behave(**(behaviour or {"drop": 1}))
    assert bench.deliver("calls").unknown == 1
    bench.stub.behave(drop=0, fail="", garbage=0)
    return message


@pytest.mark.parametrize("behaviour", [{"drop": 1}, {"garbage": 1}, {"fail": "500+accepted:1"}])
def test_a_call_that_the_carrier_made_is_not_made_again(bench: Bench, behaviour: dict[str, Any]) -> None:
    bench.stub.behave(answering="no-answer:1")
    message = in_doubt(bench, **behaviour)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    (call,) = bench.called(message)
    assert (bench.row(message).sid, bench.row(message).tries, bench.state(message)) == (call.sid, 1, "accepted")
    assert bench.settle() == Settled()
    assert bench.remembered == []


def test_a_call_that_the_carrier_did_not_make_is_made(bench: Bench) -> None:
    message = in_doubt(bench, fail="500:1")
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=1)
    assert bench.deliver("calls").accepted == 1
    assert (len(bench.called(message)), bench.row(message).tries) == (1, 2)


def test_what_became_of_a_call_meanwhile_counts_too(bench: Bench) -> None:
    message = in_doubt(bench)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    assert (bench.state(message), bench.row(message).reason) == ("planned", "again busy")


def test_another_call_to_the_same_number_is_not_taken_for_it(bench: Bench) -> None:
    bench.stub.behave(answering="no-answer:1")
    message = in_doubt(bench, fail="500:1")
    caller = bench.row(message).caller_id
    other = bench.call(caller, kind="call_back", occurrence="another", wave="")
    assert bench.deliver("calls").accepted == 1
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=1)
    assert bench.state(message) == "planned"
    assert bench.state(other) == "accepted"


def test_a_text_to_the_same_number_is_no_call(bench: Bench) -> None:
    message = in_doubt(bench, fail="500:1")
    bench.message(bench.row(message).caller_id, kind="stopped", queue="replies")
    assert bench.deliver("replies").accepted == 1
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=1)


def test_a_list_that_cannot_be_had_leaves_the_doubt(bench: Bench) -> None:
    message = in_doubt(bench)
    bench.clock.pass_by(seconds=121)
    port, bench.stub.port = bench.stub.port, free_port()
    try:
        assert bench.settle() == Settled(left=1)
    finally:
        bench.stub.port = port
    assert bench.state(message) == "unknown"
    assert bench.settle() == Settled(found=1)


# Whoever hears nothing asks.


def test_a_call_whose_report_was_lost_is_asked_about(bench: Bench) -> None:
    message = owed(bench)
    assert bench.deliver("calls").accepted == 1
    bench.clock.pass_by(seconds=CALL_SILENT_AFTER.total_seconds() - 60)
    assert ask_about_silent(bench.sender) == 0
    bench.clock.pass_by(minutes=2)
    assert ask_about_silent(bench.sender) == 1
    assert (bench.state(message), bench.row(message).reason) == ("planned", "again busy")


def test_a_call_that_goes_on_is_asked_about_again(bench: Bench) -> None:
    bench.stub.behave(answering="no-answer:1")
    message = owed(bench)
    bench.deliver("calls")
    bench.clock.pass_by(seconds=CALL_SILENT_AFTER.total_seconds() + 60)
    assert ask_about_silent(bench.sender) == 1, "it still rings"
    assert bench.state(message) == "accepted"
    assert ask_about_silent(bench.sender) == 0
    (call,) = bench.called(message)
    client_of(bench.stub).calls(call.sid).update(status="canceled")
    bench.clock.pass_by(seconds=CALL_SILENT_AFTER.total_seconds() + 60)
    assert ask_about_silent(bench.sender) == 1
    assert (bench.state(message), bench.row(message).reason) == ("failed", "canceled")


# Picked up, while nobody is there who could tell the carrier what to say.


def unheard(bench: Bench) -> None:
    bench.stub.behave(answering="human:1", rings=0, listens=0)


def is_over(bench: Bench, message: int) -> bool:
    return all(call.ended is not None for call in bench.called(message))


def test_who_picked_up_and_heard_nothing_is_called_again(bench: Bench) -> None:
    unheard(bench)
    message = owed(bench)
    bench.deliver("calls")
    wait_until(lambda: is_over(bench, message), lambda: f"{bench.called(message)}")
    (call,) = bench.called(message)
    assert (call.status, call.heard) == ("completed", False)
    bench.clock.pass_by(seconds=CALL_SILENT_AFTER.total_seconds() + 60)
    assert ask_about_silent(bench.sender) == 1
    assert (bench.state(message), bench.row(message).reason) == ("planned", "again unheard")


def test_a_doubt_about_a_call_that_was_picked_up_is_left_to_who_knows_what_was_said(bench: Bench) -> None:
    unheard(bench)
    message = in_doubt(bench)
    wait_until(lambda: is_over(bench, message), lambda: f"{bench.called(message)}")
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    assert bench.state(message) == "accepted"
    bench.clock.pass_by(seconds=CALL_SILENT_AFTER.total_seconds() + 60)
    assert ask_about_silent(bench.sender) == 1
    assert (bench.state(message), bench.row(message).reason) == ("planned", "again unheard")


# Killed at the worst moments.


@pytest.fixture
def killed(bench: Bench, shared_valkey: EmbeddedValkey, tmp_path: Path) -> Callable[[str], None]:
    def kill_at(moment: str) -> None:
        """Deliver in another process, and kill it at that moment."""
        given = [address(bench.engine), shared_valkey.url, bench.stub.url, SEALING, moment, "calls"]
        with forked("tests.reminders.delivering", given, tmp_path / "output") as process:
            process.wait_for("here")
            process.end(signal.SIGKILL)

    return kill_at


@pytest.mark.parametrize("moment", ["claimed", "posted", "halfway"])
def test_who_is_killed_loses_no_call_and_makes_none_twice(
    bench: Bench, killed: Callable[[str], None], moment: str
) -> None:
    bench.stub.behave(answering="no-answer:1")
    ids = [owed(bench) for _ in range(20)]
    killed(moment)
    assert "sending" in bench.states(ids)
    assert bench.deliver("calls").accepted == 0, "what a dead worker had claimed is nobody's yet"
    bench.clock.pass_by(seconds=AFTER_A_CLAIM + 5)
    settled = bench.settle()
    assert settled.left == 0
    bench.deliver("calls")
    assert sorted(call.to for call in bench.called(*ids)) == sorted(map(bench.number_of, ids))
