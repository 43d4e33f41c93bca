"""A worker whose machine has a wrong clock: it sends nothing and settles nothing, and others do its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.date.real import utc_now
from helpline.reminders.delivery import deliver
from helpline.reminders.doubts import settle
from helpline.reminders.sender import Sender
from helpline.reminders.wall_clock import WallClock, problem
from helpline.telemetry.alerts import Alerts, open_problems
from tests.reminders.bench import Bench

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
WRONG = (HOUR, -HOUR)


def moved(by: timedelta) -> Callable[[], datetime]:
    """What a machine takes for the real time."""
    return lambda: utc_now() + by


def on_a_machine_that_is(bench: Bench, by: timedelta) -> Sender:
    """A worker there: its date is wrong by as much."""
    return replace(
        bench.sender,
        clock=lambda: bench.clock() + by,
        clock_wrong_by=WallClock(bench.redis, bench.engine, moved(by)).wrong_by,
    )


class RedisAhead(Redis):
    """A Redis on a machine whose clock is an hour ahead."""

    def time(self, **kwargs: object) -> tuple[int, int]:  # type: ignore[override]
        return int(utc_now().timestamp()) + 3600, 0


def redis_ahead(redis: Redis) -> Redis:
    return RedisAhead(connection_pool=redis.connection_pool)


def redis_away() -> Redis:
    return Redis(port=9)


# Who is wrong.


def test_a_clock_that_is_right_is_not_found_wrong(redis: Redis, engine: Engine) -> None:
    assert WallClock(redis, engine).wrong_by() == timedelta(0)


@pytest.mark.parametrize("by", WRONG)
def test_a_clock_that_is_an_hour_off_is_found_out(redis: Redis, engine: Engine, by: timedelta) -> None:
    assert abs(WallClock(redis, engine, moved(by)).wrong_by() - by) < timedelta(minutes=1)


@pytest.mark.parametrize("by", [timedelta(seconds=30), timedelta(seconds=-30)])
def test_half_a_minute_is_nothing(redis: Redis, engine: Engine, by: timedelta) -> None:
    assert WallClock(redis, engine, moved(by)).wrong_by() == timedelta(0)


def test_an_answer_that_takes_long_is_no_wrong_clock(redis: Redis, engine: Engine) -> None:
    moments = iter([utc_now() - timedelta(minutes=5), utc_now() + timedelta(minutes=5)])
    assert WallClock(redis, engine, lambda: next(moments)).wrong_by() == timedelta(0)


def test_where_only_redis_has_another_time_the_database_is_believed(redis: Redis, postgresql_engine: Engine) -> None:
    assert WallClock(redis_ahead(redis), postgresql_engine).wrong_by() == timedelta(0)


def test_who_agrees_with_neither_redis_nor_the_database_is_wrong(redis: Redis, postgresql_engine: Engine) -> None:
    assert WallClock(redis_ahead(redis), postgresql_engine, moved(-HOUR)).wrong_by() < -HOUR + timedelta(minutes=1)


def test_without_redis_the_database_says_who_is_wrong(postgresql_engine: Engine) -> None:
    assert WallClock(redis_away(), postgresql_engine, moved(HOUR)).wrong_by() > HOUR - timedelta(minutes=1)
    assert WallClock(redis_away(), postgresql_engine).wrong_by() == timedelta(0)


def test_where_nobody_can_be_asked_a_clock_is_believed(sqlite_engine: Engine) -> None:
    """SQLite goes by the clock of this machine."""
    assert WallClock(redis_away(), sqlite_engine, moved(HOUR)).wrong_by() == timedelta(0)


# What a worker does that is wrong.


def test_what_is_due_in_half_an_hour_is_not_sent_by_a_worker_that_is_an_hour_ahead(bench: Bench) -> None:
    message = bench.message(due_at=bench.clock() + timedelta(minutes=30))
    assert deliver(on_a_machine_that_is(bench, HOUR), "bulk").accepted == 0
    assert bench.state(message) == "planned"
    assert bench.sent(message) == []


@pytest.mark.parametrize("by", WRONG)
def test_what_is_due_is_left_to_a_worker_whose_clock_is_right(bench: Bench, by: timedelta) -> None:
    message = bench.message()
    assert deliver(on_a_machine_that_is(bench, by), "bulk").accepted == 0
    assert deliver(on_a_machine_that_is(bench, timedelta(0)), "bulk").accepted == 1
    assert len(bench.sent(message)) == 1


def test_nothing_is_given_up_as_too_late_by_a_worker_that_is_ahead(bench: Bench) -> None:
    message = bench.message(not_after=bench.clock() + timedelta(minutes=30))
    assert deliver(on_a_machine_that_is(bench, HOUR), "bulk").given_up == 0
    assert bench.state(message) == "planned"


def test_a_clock_that_jumps_while_a_job_runs_ends_its_claims(bench: Bench) -> None:
    messages = bench.many_due(3)
    found = iter([timedelta(0)])
    sender = replace(bench.sender, clock_wrong_by=lambda: next(found, HOUR))
    assert deliver(sender, "bulk", most=1).accepted == 1
    assert sorted(bench.states(messages)) == ["accepted", "planned", "planned"]


def test_what_was_handed_over_a_moment_ago_is_not_sent_again_by_a_worker_that_is_ahead(bench: Bench) -> None:
    message = bench.message(state="sending", claimed_at=bench.clock(), tries=1)
    assert settle(on_a_machine_that_is(bench, HOUR)).again == 0
    assert bench.state(message) == "sending"


def test_a_doubt_that_is_old_is_settled_by_a_worker_whose_clock_is_right(bench: Bench) -> None:
    message = bench.message(state="sending", claimed_at=bench.clock() - HOUR, tries=1)
    assert settle(on_a_machine_that_is(bench, timedelta(0))).again == 1
    assert bench.state(message) == "planned"


# What an operator hears of it.


@pytest.mark.parametrize(("by", "words"), [(HOUR, "60 minutes ahead"), (-HOUR, "60 minutes behind")])
def test_the_alert_says_how_wrong_it_is_and_what_to_do(by: timedelta, words: str) -> None:
    assert words in problem(by).words
    assert "timedatectl" in problem(by).words


@pytest.mark.parametrize("by", [timedelta(days=400), timedelta(days=-400)])
def test_the_alert_is_dated_by_the_right_time(engine: Engine, by: timedelta) -> None:
    now = datetime(2026, 12, 8, 9, tzinfo=UTC)
    told: list[str] = []

    def send(text: str) -> bool:
        told.append(text)
        return True

    wrong = Alerts(engine, send, lambda: now + by)
    assert wrong.tell(problem(by), at=now)
    assert not wrong.tell(problem(by), at=now + SECOND)
    assert len(told) == 1
    with engine.connect() as connection:
        assert [found.name for found in open_problems(connection, now + SECOND)] == ["wrong clock"]
        assert open_problems(connection, now + 2 * HOUR) == ()
