"""Delivery by many at once: nothing goes out twice, and the rate is shared."""

from __future__ import annotations

import threading
import time
from typing import Any

from sqlalchemy import delete, event

from helpline.records.engine import open_records
from helpline.records.tables import callers
from helpline.reminders.delivery import AHEAD
from tests.databases import address
from tests.reminders.bench import Bench
from tests.server.running import wait_until


def test_deliverers_at_once_never_send_one_message_twice(bench: Bench) -> None:
    bench.stub.behave(delay=5)
    messages = bench.many_due(60)
    engines = [open_records(address(bench.engine)) for _ in range(3)]
    done: list[int] = []

    def work(engine: Any) -> None:
        other = Bench(engine, bench.redis, bench.stub, bench.clock)
        other.seals = bench.seals
        done.append(other.deliver(most=10, at_once=4).accepted)

    threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for engine in engines:
        engine.dispose()
    assert sum(done) == 60
    assert sorted(sent.to for sent in bench.sent(*messages)) == sorted(map(bench.number_of, messages))
    assert {bench.row(message).tries for message in messages} == {1}


def test_the_rate_is_shared_by_all_workers(bench: Bench) -> None:
    bench.per_second = 50
    messages = bench.many_due(30)
    begun = time.time()
    threads = [threading.Thread(target=bench.deliver, kwargs={"at_once": 4}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments = sorted(sent.at for sent in bench.sent(*messages))
    assert len(moments) == 30
    too_early = [place for place, moment in enumerate(moments) if moment < begun + place / 50 - 0.01]
    assert too_early == []


def test_no_more_is_claimed_than_may_go_in_the_next_seconds(sqlite_bench: Bench) -> None:
    sqlite_bench.per_second = 2
    messages = sqlite_bench.many_due(20)
    assert sqlite_bench.deliver(seconds=0.1).accepted <= AHEAD * 2 + 1
    assert set(sqlite_bench.states(messages)) == {"accepted", "planned"}


def test_at_a_slow_rate_messages_are_not_claimed_one_by_one(sqlite_bench: Bench) -> None:
    sqlite_bench.per_second = 30
    sqlite_bench.many_due(100)
    claims: list[str] = []

    def look(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE messages") and "claimed_at" in statement:
            claims.append(statement)

    event.listen(sqlite_bench.engine, "before_cursor_execute", look)
    assert sqlite_bench.deliver().accepted == 100
    assert len(claims) <= 6


def test_who_is_asked_to_end_finishes_what_went_out_and_leaves_the_rest(bench: Bench) -> None:
    bench.per_second = 10
    messages = bench.many_due(20)
    delivered = bench.deliver(asked_to_end=lambda: bool(bench.sent(*messages)))
    states = bench.states(messages)
    assert set(states) == {"accepted", "planned"}
    assert (states.count("accepted"), delivered.accepted) == (len(bench.sent(*messages)), len(bench.sent(*messages)))
    assert {bench.row(message).tries for message in messages if bench.state(message) == "planned"} == {0}


def test_a_caller_who_is_erased_meanwhile_troubles_nobody_else(bench: Bench) -> None:
    bench.stub.behave(delay=200)
    gone, other = bench.message(), bench.message()
    who = bench.row(gone).caller_id
    thread = threading.Thread(target=bench.deliver)
    thread.start()
    wait_until(lambda: bench.state(gone) == "sending", lambda: bench.state(gone))
    with bench.engine.begin() as connection:
        connection.execute(delete(callers).where(callers.c.id == who))
    thread.join()
    assert bench.state(other) == "accepted"
