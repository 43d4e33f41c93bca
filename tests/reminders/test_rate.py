"""The rate of texts that all workers share, and how all slow down together."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from helpline.reminders.rate import BUSY, CALLS, LONGEST_WAIT, SHORTEST_WAIT, SLOTS, TROUBLE, Rate


def rate(redis: Redis, per_second: float = 10, chance: float = 0.0) -> Rate:
    return Rate(redis, per_second, lambda: chance)


def test_slots_follow_each_other_at_the_rate(redis: Redis) -> None:
    slots = rate(redis).reserve(5, within=3)
    assert (slots.count, slots.delay, slots.gap, slots.troubled) == (5, 0.0, 0.1, False)


def test_the_next_worker_gets_the_slots_after(redis: Redis) -> None:
    begun = time.monotonic()
    rate(redis).reserve(20, within=3)
    slots = rate(redis).reserve(5, within=3)
    assert 2.0 - (time.monotonic() - begun) <= slots.delay <= 2.0


def test_no_slot_is_given_away_for_later_than_asked_for(redis: Redis) -> None:
    assert rate(redis).reserve(100, within=3).count == 31  # at 0, 0.1, ... 3 seconds
    later = rate(redis, 1e-9).reserve(1, within=0.5)
    assert later.count == 0
    assert later.delay > 1


def test_time_that_passed_unused_is_not_made_up_for(redis: Redis) -> None:
    rate(redis, 1000).reserve(1, within=3)
    time.sleep(0.1)
    assert rate(redis, 1000).reserve(1, within=3).delay == 0


def test_the_slowest_rate_works_too(redis: Redis) -> None:
    slow = rate(redis, 0.01)
    assert slow.reserve(10, within=3).count == 1
    again = slow.reserve(10, within=3)
    assert again.count == 0
    assert 90 < again.delay <= 100


def test_a_clock_that_jumped_back_stops_nobody(redis: Redis) -> None:
    redis.set(SLOTS, int((time.time() + 3600) * 1e6))
    assert rate(redis).reserve(1, within=3).delay == 0


def test_trouble_slows_everybody_down(redis: Redis) -> None:
    wait = rate(redis).slow_down()
    assert wait == pytest.approx(SHORTEST_WAIT / 2, abs=0.1)
    slots = rate(redis).reserve(1, within=1)
    assert (slots.count, slots.troubled) == (0, True)
    assert 1 < slots.delay <= SHORTEST_WAIT / 2


def test_trouble_of_many_threads_at_once_is_one_trouble(redis: Redis) -> None:
    for _ in range(16):
        rate(redis, chance=1.0).slow_down()
    assert redis.get(TROUBLE) == b"1"
    assert redis.pttl(BUSY) <= SHORTEST_WAIT * 1000


def test_trouble_in_a_row_waits_longer_each_time(redis: Redis) -> None:
    waits = []
    for _ in range(10):
        waits.append(rate(redis, chance=1.0).slow_down())
        redis.delete(BUSY)
    assert waits[:4] == pytest.approx([5, 10, 20, 40], abs=0.1)
    assert waits[-1] == pytest.approx(LONGEST_WAIT, abs=0.1)


def test_the_carrier_may_ask_for_longer_but_not_for_ever(redis: Redis) -> None:
    assert rate(redis).slow_down(60) == pytest.approx(60, abs=0.1)
    assert rate(redis).slow_down(90) == pytest.approx(90, abs=0.1)
    assert rate(redis).slow_down(1e6) == pytest.approx(LONGEST_WAIT, abs=0.1)


def test_jitter_keeps_workers_from_coming_back_together(redis: Redis) -> None:
    short = rate(redis, chance=0.0).slow_down()
    redis.flushall()
    assert rate(redis, chance=1.0).slow_down() == pytest.approx(2 * short, abs=0.1)


def test_when_all_is_well_the_next_trouble_is_the_first(redis: Redis) -> None:
    rate(redis).slow_down()
    rate(redis).all_well()
    redis.delete(BUSY)
    slots = rate(redis).reserve(1, within=1)
    assert (slots.count, slots.troubled) == (1, False)
    assert rate(redis, chance=1.0).slow_down() == pytest.approx(SHORTEST_WAIT, abs=0.1)


def test_rates_of_different_names_know_nothing_of_each_other(redis: Redis) -> None:
    texts, calls = rate(redis, 1), Rate(redis, 1, lambda: 0.0, CALLS)
    assert texts.reserve(2, within=3).count == 2
    calls.slow_down()
    assert texts.reserve(1, within=3).delay < 3
    assert calls.reserve(1, within=0).count == 0
    calls.all_well()
    assert calls.slow_down() > 0
