"""No more messages go out in a day than its budget holds; what waits is lost to nobody who could still get it."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, insert

from helpline.consent import daily_budget
from helpline.consent.daily_budget import ASKED_FOR, Left, add, left, spend, went
from helpline.menus.dates import today_in_paris
from helpline.records.desk_tables import tallies
from helpline.records.engine import reading
from helpline.reminders import delivery
from helpline.reminders.outcomes import Step
from helpline.reminders.posting import Posting
from helpline.reminders.recording import Recording
from helpline.reminders.spending import Spending, problems, spending, warn_once
from tests.databases import address
from tests.forked import forked
from tests.reminders.bench import LAST_WAVE, SEALING, Bench
from tests.reminders.test_posting import claimed

DAY = today_in_paris(LAST_WAVE)


def spent(bench: Bench) -> int:
    with reading(bench.engine).connect() as connection:
        return went(connection, today_in_paris(bench.clock()))


def standing(bench: Bench) -> Spending:
    with reading(bench.engine).connect() as connection:
        return spending(connection, bench.prompts.menus.calendar, bench.clock(), bench.messages_a_day)


def test_a_days_messages_stop_at_the_budget_and_go_on_the_next_day(bench: Bench) -> None:
    bench.messages_a_day = 3
    later = bench.clock() + timedelta(days=3)
    ids = [bench.message(not_after=later) for _ in range(5)]
    bench.deliver()
    assert Counter(bench.states(ids)) == {"accepted": 3, "planned": 2}
    bench.deliver()
    assert Counter(bench.states(ids)) == {"accepted": 3, "planned": 2}
    on_monday = bench.after(days=2)
    on_monday.deliver()
    assert bench.states(ids) == ["accepted"] * 5
    assert len(bench.sent(*ids)) == 5


def test_a_raised_budget_lets_the_rest_go_at_once(bench: Bench) -> None:
    bench.messages_a_day = 3
    ids = bench.many_due(5)
    bench.deliver()
    bench.messages_a_day = 5
    bench.deliver()
    assert bench.states(ids) == ["accepted"] * 5


def test_calls_and_texts_share_the_budget(call_bench: Bench) -> None:
    call_bench.messages_a_day = 2
    called, texts = call_bench.call(), call_bench.many_due(3)
    call_bench.deliver("calls")
    call_bench.deliver()
    assert call_bench.state(called) == "accepted"
    assert Counter(call_bench.states(texts)) == {"accepted": 1, "planned": 2}


def test_what_confirms_a_stop_is_never_held_back(bench: Bench) -> None:
    bench.messages_a_day = 1
    reminders, stopped = bench.many_due(2), [bench.message(kind="stopped") for _ in range(3)]
    bench.deliver()
    bench.deliver("replies")
    assert Counter(bench.states(reminders)) == {"accepted": 1, "planned": 1}
    assert bench.states(stopped) == ["accepted"] * 3
    assert spent(bench) == 4


def test_what_callers_ask_for_leaves_half_to_the_reminders(bench: Bench) -> None:
    bench.messages_a_day = 6
    asked = [bench.message(kind="welcome") for _ in range(8)]
    appointment = bench.message(kind="appointment", wave="eve")
    reminders = bench.many_due(3)
    bench.deliver("replies")
    bench.deliver()
    assert Counter(bench.states(asked)) == {"accepted": 3, "planned": 5}
    assert bench.states(reminders) == ["accepted"] * 3
    assert bench.state(appointment) != "planned"
    assert standing(bench).is_over


def test_what_the_carrier_does_not_take_is_not_of_the_budget(bench: Bench) -> None:
    bench.messages_a_day = 3
    bench.stub.behave(fail="21211:1")
    refused = bench.many_due(3)
    bench.deliver()
    assert set(bench.states(refused)) == {"failed"}
    assert spent(bench) == 0
    bench.stub.behave(fail="")
    ids = bench.many_due(3)
    bench.deliver()
    assert bench.states(ids) == ["accepted"] * 3


def test_what_is_written_down_twice_is_given_back_once(bench: Bench) -> None:
    """The answer to a COMMIT never came, so it is done again."""
    message = bench.message(kind="welcome", state="sending", tries=1, claimed_at=bench.clock())
    with bench.engine.begin() as connection:
        add(connection, DAY, 5, bench.clock())
    sender = bench.sender
    recording = Recording(sender, Posting(sender.carrier, sender.seals, sender.clock))
    for _ in range(2):
        recording._write_once([Step(claimed(message), "failed", "21211")], bench.clock())
    assert (bench.state(message), spent(bench)) == ("failed", 4)


def test_four_workers_at_once_send_no_more_than_the_budget(bench: Bench) -> None:
    bench.messages_a_day = 25
    ids = bench.many_due(100)
    workers = [Thread(target=lambda: delivery.deliver(bench.sender, "bulk", most=10)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Counter(bench.states(ids)) == {"accepted": 25, "planned": 75}
    assert spent(bench) == 25


def test_two_transactions_that_both_saw_room_for_one_more_spend_it_once(engine: Engine) -> None:
    with engine.begin() as connection:
        add(connection, DAY, 9, LAST_WAVE)
    with reading(engine).connect() as one, reading(engine).connect() as other:
        assert left(one, DAY, 10) == left(other, DAY, 10) == Left(1, 1)
    paid = []
    for _ in range(2):
        with engine.begin() as connection:
            paid.append(spend(connection, DAY, ["update"], 10, LAST_WAVE))
    assert paid == [True, False]


@pytest.mark.parametrize("moment", ["claimed", "posted"])
def test_a_worker_that_is_killed_leaves_no_room_for_more_than_the_budget(
    bench: Bench, moment: str, tmp_path: Path
) -> None:
    """Its messages stay counted: they may have gone."""
    bench.clock.run()
    with bench.engine.begin() as connection:
        add(connection, today_in_paris(bench.clock()), daily_budget.NO_LIMIT - 12, bench.clock())
    ids = [bench.message(kind="welcome") for _ in range(12)]
    path = bench.redis.connection_pool.connection_kwargs["path"]
    given = (address(bench.engine), f"unix://{path}", bench.stub.url, SEALING, moment)
    with forked("tests.reminders.delivering", given, tmp_path / "output") as worker:
        worker.wait_for("here")
        worker.end(signal.SIGKILL)
    assert spent(bench) == daily_budget.NO_LIMIT
    bench.deliver("replies")
    assert spent(bench) == daily_budget.NO_LIMIT
    assert set(bench.states(ids)) == {"sending"}


def test_one_alert_comes_at_four_fifths_and_the_end_is_a_problem(bench: Bench) -> None:
    bench.messages_a_day = 10
    said: list[str] = []
    for made, told in ((7, 0), (1, 1), (1, 1), (1, 1)):
        with bench.engine.begin() as connection:
            add(connection, DAY, made, bench.clock())
        found = standing(bench)
        warn_once(bench.engine, said.append, found, bench.clock())
        warn_once(bench.engine, said.append, found, bench.clock())
        assert len(said) == told
    assert "8 of the 10 messages of today" in said[0]
    assert [problem.name for problem in problems(found)] == ["budget"]
    tomorrow = bench.after(days=1)
    assert not standing(tomorrow).is_over


def test_what_would_be_too_late_tomorrow_is_told(bench: Bench) -> None:
    bench.messages_a_day = 1
    in_time = bench.message(not_after=bench.clock() + timedelta(days=3))
    late = [bench.message(not_after=bench.clock() + timedelta(hours=6)) for _ in range(2)]
    bench.message(due_at=bench.clock() + timedelta(days=1))
    with bench.engine.begin() as connection:
        add(connection, DAY, 1, bench.clock())
    bench.deliver()
    assert bench.states([in_time, *late]) == ["planned"] * 3
    found = standing(bench)
    assert (found.waiting, found.too_late) == (3, 2)
    (problem,) = problems(found)
    assert "3 wait until midnight. 2 would be too late tomorrow." in problem.words


def test_answers_are_counted_and_told_of_but_never_stopped(bench: Bench) -> None:
    bench.messages_a_day = 100
    with bench.engine.begin() as connection:
        rows = [("channel=sms,heard=key", 99), ("channel=voice,heard=key", 500), ("channel=sms,heard=topics", 1)]
        for labels, count in rows:
            row = {"day": DAY.isoformat(), "name": "turns", "labels": labels, "count": count}
            connection.execute(insert(tallies).values(row))
    found = standing(bench)
    assert (found.answers, found.is_over) == (100, False)
    assert [problem.name for problem in problems(found)] == ["many answers"]
    ids = bench.many_due(2)
    bench.deliver()
    assert bench.states(ids) == ["accepted"] * 2


def test_each_kind_that_a_caller_sets_off_at_any_hour_is_counted_apart() -> None:
    assert Left(5, 0).holds("page")
    assert not Left(5, 0).holds("update")
    assert Left(0, 0).holds("update")
    assert not Left(-3, -3).holds("stopped")
    assert Left(5, 5).less("page") == Left(4, 4)
    assert {"page", "call_back", "welcome"} == ASKED_FOR
    assert replace(Left(), of_all=1) == Left(1)
