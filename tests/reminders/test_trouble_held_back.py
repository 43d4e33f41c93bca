"""When everything is held back and when it goes on, and what is wrong with one message and stops nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import update

from helpline.records.sealing import Seals
from helpline.records.tables import callers
from helpline.reminders.delivery import Delivered, deliver
from helpline.reminders.pause import Pause, pause, paused, resume
from tests.reminders.bench import Bench

AFTER_OTHERS = timedelta(hours=1)  # what may be our fault goes behind all others


def the_pause(bench: Bench) -> Pause | None:
    with bench.engine.begin() as connection:
        return paused(connection)


def test_one_refusal_for_an_unknown_reason_is_told_and_not_repeated(bench: Bench) -> None:
    odd, others = bench.message(), bench.many_due(5)
    bench.stub.behave(fail=f"21999:{bench.number_of(odd)}")
    assert bench.deliver() == Delivered(accepted=5, failed=1)
    assert (bench.row(odd).state, bench.row(odd).reason) == ("failed", "21999")
    assert set(bench.states(others)) == {"accepted"}
    (alert,) = bench.alerts
    assert "21999" in alert
    assert the_pause(bench) is None


@pytest.mark.parametrize("code", [401, 403, 20005, 30002, 21606])
def test_the_operators_problem_holds_everything_back(bench: Bench, code: int) -> None:
    messages = bench.many_due(30)
    bench.stub.behave(fail=f"{code}:1")
    delivered = bench.deliver(at_once=2)
    assert (delivered.accepted, delivered.failed, delivered.put_back) == (0, 0, 30)
    assert set(bench.states(messages)) == {"planned"}
    found = the_pause(bench)
    assert found
    assert found.by == "carrier"
    assert len(bench.alerts) == 1
    posts = bench.stub.counts["posts"]
    assert bench.deliver().paused
    assert bench.deliver("replies").paused
    assert bench.stub.counts["posts"] == posts


def test_during_a_carriers_pause_one_text_every_ten_minutes_is_tried(bench: Bench) -> None:
    bench.many_due(5)
    bench.stub.behave(fail="401:1")
    bench.deliver()
    posts = bench.stub.counts["posts"]
    bench.clock.pass_by(minutes=10)
    bench.deliver()
    bench.deliver()
    assert bench.stub.counts["posts"] == posts + 1
    assert the_pause(bench)
    assert len(bench.alerts) == 1
    bench.stub.behave(fail="")
    bench.clock.pass_by(minutes=10)
    assert bench.deliver().accepted == 1
    assert the_pause(bench) is None
    assert bench.deliver().accepted == 4


def test_a_pause_is_probed_with_another_text_each_time(bench: Bench) -> None:
    poor = bench.many_due(1)[0]
    bench.stub.behave(fail="401:1")
    bench.deliver()
    rich = bench.message(due_at=bench.clock())
    bench.stub.behave(fail=f"401:{bench.number_of(poor)}")
    bench.clock.pass_by(minutes=10)
    bench.deliver()
    assert the_pause(bench)
    bench.clock.pass_by(minutes=10)
    bench.deliver()
    assert bench.state(rich) == "accepted"
    assert the_pause(bench) is None


@pytest.mark.parametrize("by", ["operator", "restore"])
def test_an_operators_pause_is_not_probed(bench: Bench, by: Any) -> None:
    message = bench.message(not_after=bench.clock() + timedelta(days=3))
    with bench.engine.begin() as connection:
        pause(connection, by, "because", bench.clock())
    bench.clock.pass_by(minutes=60)
    assert bench.deliver() == Delivered(paused=True)
    with bench.engine.begin() as connection:
        resume(connection)
    assert bench.deliver().accepted == 1
    assert bench.state(message) == "accepted"


def test_when_most_are_refused_for_an_unknown_reason_none_is_given_up(bench: Bench) -> None:
    messages = bench.many_due(30)
    bench.stub.behave(fail="21612:1")
    delivered = bench.deliver(at_once=2)
    assert (delivered.failed, delivered.put_back) == (0, 30)
    assert set(bench.states(messages)) == {"planned"}
    found = the_pause(bench)
    assert found
    assert (found.by, found.reason) == ("carrier", "21612")
    bench.clock.now += AFTER_OTHERS
    bench.deliver()
    assert set(bench.states(messages)) == {"planned"}, "what it is probed with is not given up either"


def test_a_missing_key_of_numbers_burns_no_message(bench: Bench) -> None:
    messages = bench.many_due(8)
    others = replace(bench.sender, seals=Seals([Fernet.generate_key().decode()]))
    assert deliver(others, "bulk").put_back == 8
    assert set(bench.states(messages)) == {"planned"}
    found = the_pause(bench)
    assert found
    assert found.reason == "number_key"
    assert "NUMBER_KEYS" in bench.alerts[0]


def test_one_damaged_number_stops_nobody_else(bench: Bench) -> None:
    damaged, others = bench.message(), bench.many_due(3)
    with bench.engine.begin() as connection:
        who = callers.c.id == bench.row(damaged).caller_id
        connection.execute(update(callers).where(who).values(number="damaged"))
    assert bench.deliver() == Delivered(accepted=3, failed=1)
    assert (bench.row(damaged).state, bench.row(damaged).reason) == ("failed", "number_key")
    assert set(bench.states(others)) == {"accepted"}


@pytest.mark.parametrize("count", [10, 40])
def test_many_damaged_numbers_at_the_head_hold_nobody_else_back(sqlite_bench: Bench, count: int) -> None:
    bench = sqlite_bench
    damaged = bench.many_due(count)
    with bench.engine.begin() as connection:
        connection.execute(update(callers).values(number="damaged"))
    others = [bench.message(due_at=bench.clock()) for _ in range(20)]
    assert bench.deliver(most=10) == Delivered(accepted=20, failed=count)
    assert {bench.row(message).reason for message in damaged} == {"number_key"}
    assert set(bench.states(others)) == {"accepted"}
    assert the_pause(bench) is None
    assert len(bench.alerts) == 1


def test_where_nothing_but_damaged_numbers_is_due_the_next_probe_takes_another(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    damaged = bench.many_due(8)
    with bench.engine.begin() as connection:
        connection.execute(update(callers).values(number="damaged"))
    assert bench.deliver().put_back == 8
    assert the_pause(bench)
    bench.clock.pass_by(minutes=10)
    other = bench.message()
    assert bench.deliver().accepted == 1
    assert (bench.state(other), the_pause(bench)) == ("accepted", None)
    assert set(bench.states(damaged)) == {"planned"}


def test_what_is_held_has_its_turn_before_it_is_too_late(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    soon = [bench.message(not_after=bench.clock() + timedelta(minutes=30)) for _ in range(8)]
    others = replace(bench.sender, seals=Seals([Fernet.generate_key().decode()]))
    assert deliver(others, "bulk").put_back == 8
    bench.clock.pass_by(minutes=10)
    bench.deliver()
    assert bench.deliver().accepted == 7
    assert set(bench.states(soon)) == {"accepted"}


def test_one_message_without_words_stops_nobody_else(bench: Bench) -> None:
    wordless, others = bench.message(kind="welcome", queue="bulk"), bench.many_due(3)
    bench.change(wordless, wave="poem")
    assert bench.deliver() == Delivered(accepted=3, failed=1)
    assert (bench.row(wordless).state, bench.row(wordless).reason) == ("failed", "words")
    assert set(bench.states(others)) == {"accepted"}
    assert "words" in bench.alerts[0]


def test_prompts_that_lost_their_words_burn_no_message(bench: Bench) -> None:
    messages = bench.many_due(8)
    node = "wave.last"
    nodes = {name: found for name, found in bench.prompts.menus.nodes.items() if name != node}
    whole = bench.prompts
    bench.prompts = replace(whole, menus=replace(whole.menus, nodes=nodes))
    assert bench.deliver().put_back == 8
    assert set(bench.states(messages)) == {"planned"}
    bench.prompts = whole
    bench.clock.now += AFTER_OTHERS
    assert bench.deliver().accepted == 1
    assert bench.deliver().accepted == 7
