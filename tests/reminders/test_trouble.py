"""When the carrier refuses, is busy, or is away: what goes again, what ends, and when everything is held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from redis import Redis
from sqlalchemy import select, update

from helpline.carrier.sending import Carrier
from helpline.records.sealing import Seals
from helpline.records.tables import callers, carrier_blocks, consents, objections, subscriptions
from helpline.reminders.delivery import Delivered, deliver
from helpline.reminders.pause import Pause, pause, paused, resume
from helpline.reminders.rate import BUSY, LONGEST_WAIT
from tests.reminders.bench import ACCOUNT, TOKEN, Bench
from tests.server.running import free_port

AFTER_OTHERS = timedelta(hours=1)  # what may be our fault goes behind all others


def the_pause(bench: Bench) -> Pause | None:
    with bench.engine.begin() as connection:
        return paused(connection)


def is_blocked(bench: Bench, message: int) -> bool:
    return bool(_of_caller(bench, message, carrier_blocks))


def ended_because(bench: Bench, message: int) -> str | None:
    """Why the caller's subscription ended; None if it goes on."""
    with bench.engine.begin() as connection:
        who = bench.row(message).caller_id
        row = connection.execute(select(subscriptions).where(subscriptions.c.caller_id == who)).one()
        return row.end_reason if row.ended_at else None


def _of_caller(bench: Bench, message: int, table: Any) -> list[Any]:
    with bench.engine.begin() as connection:
        fingerprint = select(callers.c.fingerprint).where(callers.c.id == bench.row(message).caller_id)
        return list(connection.execute(select(table).where(table.c.fingerprint == fingerprint.scalar_subquery())))


# About one number.


def test_who_told_the_carrier_stop_is_remembered_and_gets_nothing_more(bench: Bench) -> None:
    message, later = bench.message(), 0
    later = bench.message(bench.row(message).caller_id, wave="missed", due_at=bench.clock() + timedelta(days=4))
    bench.stub.behave(fail=f"21610:{bench.number_of(message)}")
    assert bench.deliver().failed == 1
    assert (bench.row(message).state, bench.row(message).reason) == ("failed", "21610")
    assert is_blocked(bench, message)
    assert ended_because(bench, message) == "blocked"
    assert bench.state(later) == "skipped"
    assert _of_caller(bench, message, objections)
    assert [row.event for row in _of_caller(bench, message, consents)] == ["ended"]
    assert bench.alerts == []


def test_a_confirmation_of_a_stop_that_the_carrier_had_too_is_no_failure(bench: Bench) -> None:
    message = bench.message(bench.caller(subscribed=False), kind="stopped")
    bench.stub.behave(fail=f"21610:{bench.number_of(message)}")
    assert bench.deliver("replies").failed == 0
    assert (bench.row(message).state, bench.row(message).reason) == ("skipped", "21610")
    assert is_blocked(bench, message)


@pytest.mark.parametrize("code", [21211, 21614, 21635])
def test_a_number_that_cannot_get_texts_ends(bench: Bench, code: int) -> None:
    message = bench.message()
    bench.stub.behave(fail=f"{code}:{bench.number_of(message)}")
    bench.deliver()
    assert (bench.row(message).state, bench.row(message).reason) == ("failed", str(code))
    assert ended_because(bench, message) == "ended"
    assert not is_blocked(bench, message)


def test_a_number_that_is_blocked_on_the_way_is_left_alone_but_stays_subscribed(bench: Bench) -> None:
    message = bench.message()
    bench.stub.behave(fail=f"30004:{bench.number_of(message)}")
    bench.deliver()
    assert bench.state(message) == "failed"
    assert is_blocked(bench, message)
    assert ended_because(bench, message) is None


def test_one_refusal_for_an_unknown_reason_is_told_and_not_repeated(bench: Bench) -> None:
    odd, others = bench.message(), bench.many_due(5)
    bench.stub.behave(fail=f"21999:{bench.number_of(odd)}")
    assert bench.deliver() == Delivered(accepted=5, failed=1)
    assert (bench.row(odd).state, bench.row(odd).reason) == ("failed", "21999")
    assert set(bench.states(others)) == {"accepted"}
    (alert,) = bench.alerts
    assert "21999" in alert
    assert the_pause(bench) is None


# Too much, or not reached: slower, and the same again.


def test_busy_messages_wait_and_go_later(bench: Bench) -> None:
    messages = bench.many_due(3)
    bench.stub.behave(fail="429:1")
    delivered = bench.deliver()
    assert (delivered.accepted, delivered.put_back) == (0, 3)
    assert bench.states(messages) == ["planned"] * 3
    rows = [bench.row(message) for message in messages]
    assert all(bench.clock() < row.due_at <= bench.clock() + timedelta(seconds=LONGEST_WAIT) for row in rows)
    assert {row.tries for row in rows} == {0}, "nothing was sent: it does not count as a try"
    assert bench.alerts == []
    bench.stub.behave(fail="")
    bench.redis.delete(BUSY)
    bench.clock.pass_by(seconds=60)
    assert bench.deliver().accepted == 3


def test_while_one_worker_was_told_to_wait_all_wait(bench: Bench) -> None:
    first = bench.message()
    bench.stub.behave(fail="429:1")
    bench.deliver()
    assert bench.redis.pexpire(BUSY, 60_000)  # longer than this test may take on a slow machine
    bench.stub.behave(fail="")
    other = bench.message()
    assert bench.deliver(seconds=0.2) == Delivered()
    assert bench.states([first, other]) == ["planned", "planned"]


def test_one_busy_answer_keeps_the_rest_of_a_claim_back(bench: Bench) -> None:
    bench.per_second = 20
    messages = bench.many_due(20)
    bench.stub.behave(fail="429:1")
    posts = bench.stub.counts["posts"]
    bench.deliver(at_once=1)
    assert bench.stub.counts["posts"] - posts < 20
    assert set(bench.states(messages)) == {"planned"}


def test_what_is_busy_until_it_is_too_late_expires(bench: Bench) -> None:
    message = bench.message(not_after=bench.clock() + timedelta(seconds=11))
    bench.stub.behave(fail="429:1")
    bench.deliver()
    assert (bench.row(message).state, bench.row(message).reason) == ("expired", "20429")


def test_success_forgets_trouble(sqlite_bench: Bench) -> None:
    sqlite_bench.message()
    sqlite_bench.stub.behave(fail="429:1")
    sqlite_bench.deliver()
    sqlite_bench.stub.behave(fail="")
    sqlite_bench.redis.delete(BUSY)
    sqlite_bench.clock.pass_by(seconds=60)
    assert sqlite_bench.deliver().accepted == 1
    assert not sqlite_bench.redis.exists("sms:trouble")


def test_a_carrier_that_is_not_reached_is_tried_again_later(bench: Bench) -> None:
    messages = bench.many_due(3)
    nowhere = Carrier(ACCOUNT, (ACCOUNT, TOKEN), "38123", f"http://127.0.0.1:{free_port()}", "http://127.0.0.1:1")
    assert deliver(replace(bench.sender, carrier=nowhere), "bulk").put_back == 3
    rows = [bench.row(message) for message in messages]
    assert {(row.state, row.tries) for row in rows} == {("planned", 0)}
    assert bench.redis.exists(BUSY)


def test_no_answer_leaves_a_message_in_doubt(bench: Bench) -> None:
    message = bench.message()
    bench.stub.behave(drop=1)
    assert bench.deliver().unknown == 1
    row = bench.row(message)
    assert (row.state, row.tries, row.sid) == ("unknown", 1, None)
    assert len(bench.sent(message)) == 1
    bench.stub.behave(drop=0)
    assert bench.deliver() == Delivered()


@pytest.mark.parametrize("code", [500, 503])
def test_a_fault_of_the_carriers_leaves_a_message_in_doubt(bench: Bench, code: int) -> None:
    message = bench.message()
    bench.stub.behave(fail=f"{code}:1")
    bench.deliver()
    assert (bench.row(message).state, bench.row(message).reason) == ("unknown", f"http {code}")


# The operator's problem: everything waits.


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
    wordless, others = bench.message(kind="poem", queue="bulk"), bench.many_due(3)
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


def test_without_redis_nothing_is_claimed(sqlite_bench: Bench) -> None:
    message = sqlite_bench.message()
    sqlite_bench.redis = Redis(port=free_port())
    with pytest.raises(Exception, match="refused"):
        sqlite_bench.deliver()
    assert sqlite_bench.state(message) == "planned"
