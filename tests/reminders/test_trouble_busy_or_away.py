"""When the carrier is busy, faulty or away: what goes again later, and what is left in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis

from helpline.carrier.sending import Carrier
from helpline.reminders.delivery import Delivered, deliver
from helpline.reminders.rate import BUSY, LONGEST_WAIT
from tests.reminders.bench import ACCOUNT, TOKEN, Bench
from tests.server.running import free_port


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


def test_without_redis_nothing_is_claimed(sqlite_bench: Bench) -> None:
    message = sqlite_bench.message()
    sqlite_bench.redis = Redis(port=free_port())
    with pytest.raises(Exception, match="refused"):
        sqlite_bench.deliver()
    assert sqlite_bench.state(message) == "planned"
