"""What a tick enqueues: a function of the time and of the work that there is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.consent.retention import SECONDS
from helpline.reminders import jobs
from helpline.reminders.queues import BULK, CALLS, REPLIES, UPKEEP
from helpline.reminders.ticks import JOBS_AT_MOST, Load, Task, Work, night_began, tasks

NOON = datetime(2026, 12, 10, 11, 0, 3, tzinfo=UTC)


def ids(now: datetime = NOON, work: Work | None = None) -> list[str]:
    return [task.id for task in tasks(now, work or Work())]


def deliveries(**load: int) -> list[Task]:
    found = tasks(NOON, Work({BULK: Load(**load)}))
    return [task for task in found if task.function == "deliver"]


def test_with_nothing_to_do_it_plans_watches_and_forgets() -> None:
    assert ids() == ["watch-20261210T1100Z", "plan-20261210T1100Z", "ask-20261210T1100Z", "retention-20261210T1100Z"]


@pytest.mark.parametrize(
    ("due", "queued", "workers", "wanted"),
    [
        (0, 0, 1, 0),
        (1, 0, 1, 1),
        (100, 0, 1, 1),
        (101, 0, 1, 2),
        (1_000_000, 0, 1, 3),
        (1_000_000, 0, 4, 12),
        (1_000_000, 0, 1000, JOBS_AT_MOST),
        (1_000_000, 2, 1, 1),
        (1_000_000, 50, 1, 0),
        (100, 1, 1, 0),
        (250, 0, 0, 3),
    ],
)
def test_there_are_as_many_jobs_as_there_is_work_and_they_never_pile_up(
    due: int, queued: int, workers: int, wanted: int
) -> None:
    assert len(deliveries(due=due, queued=queued, workers=workers)) == wanted


def test_each_job_of_a_tick_has_an_id_of_its_own_that_two_clocks_give_it_alike() -> None:
    found = deliveries(due=1000, workers=1)
    assert [task.id for task in found] == [f"deliver-bulk-20261210T110000Z-{number}" for number in range(3)]
    assert {(task.queue, task.arguments) for task in found} == {(BULK, ("bulk",))}
    later = tasks(NOON + timedelta(seconds=1), Work({BULK: Load(due=1000, workers=1)}))
    assert [task.id for task in later if task.function == "deliver"] == [task.id for task in found]


def test_replies_reminders_and_calls_are_counted_apart() -> None:
    work = Work({REPLIES: Load(due=1), BULK: Load(due=1), CALLS: Load(due=1)})
    assert {(task.queue, task.arguments) for task in tasks(NOON, work) if task.function == "deliver"} == {
        (REPLIES, ("replies",)),
        (BULK, ("bulk",)),
        (CALLS, ("calls",)),
    }


def test_doubts_are_settled_only_where_there_are_any() -> None:
    assert not any(name.startswith("settle") for name in ids())
    assert "settle-20261210T110000Z" in ids(work=Work(in_doubt=True))


def test_after_a_restore_what_happened_since_is_looked_up_before_anything_else() -> None:
    assert ids(work=Work(restored=True)) == ["watch-20261210T1100Z", "reconcile-20261210T1100Z"]


def test_the_nightly_work_waits_while_it_may_not_be_done() -> None:
    assert not any(name.startswith("retention") for name in ids(work=Work(may_forget=False)))


def test_the_nightly_work_goes_on_every_minute_and_behind_what_else_is_due() -> None:
    found = [ids(NOON + timedelta(seconds=seconds), Work(in_doubt=True))[-1] for seconds in (0, 50, 60, 115, 120)]
    assert found == [f"retention-20261210T{minute}Z" for minute in (1100, 1100, 1101, 1101, 1102)]


def test_a_piece_of_the_nightly_work_is_given_up_before_long() -> None:
    """What is sent begins soon after it, and whoever plans waits for it."""
    (piece,) = (task for task in tasks(NOON, Work()) if task.function == "retention")
    assert SECONDS < piece.seconds <= 300


def test_the_upkeep_does_not_pile_up_where_nobody_does_it() -> None:
    waiting = Work({BULK: Load(due=1)}, in_doubt=True, restored=True, upkeep_queued=1)
    assert [task.function for task in tasks(NOON, waiting)] == ["deliver"]
    assert [task.function for task in tasks(NOON, replace(waiting, loads={}))] == []


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-12-10T01:59:59+00:00", "2026-12-09T02:00:00+00:00"),
        ("2026-12-10T02:00:00+00:00", "2026-12-10T02:00:00+00:00"),
        ("2026-12-10T22:59:59+00:00", "2026-12-10T02:00:00+00:00"),
        ("2026-07-10T00:59:59+00:00", "2026-07-09T01:00:00+00:00"),
        ("2026-07-10T01:00:00+00:00", "2026-07-10T01:00:00+00:00"),
        # The night in which the clocks go back has three o'clock once.
        ("2026-10-25T01:59:59+00:00", "2026-10-24T01:00:00+00:00"),
        ("2026-10-25T02:00:00+00:00", "2026-10-25T02:00:00+00:00"),
        # The night in which they go forward has no half past two.
        ("2026-03-29T00:59:59+00:00", "2026-03-28T02:00:00+00:00"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_the_nightly_work_is_due_at_three_in_france(now: str, night: str) -> None:
    assert night_began(datetime.fromisoformat(now)) == datetime.fromisoformat(night)


@given(
    seconds=st.integers(0, 4 * 365 * 24 * 3600),
    due=st.integers(0, 10_000),
    in_doubt=st.booleans(),
    restored=st.booleans(),
)
def test_every_id_is_one_that_the_queue_takes(seconds: int, due: int, in_doubt: bool, restored: bool) -> None:
    now = NOON + timedelta(seconds=seconds)
    found = tasks(now, Work({BULK: Load(due=due, workers=2)}, in_doubt, restored))
    assert len({task.id for task in found}) == len(found)
    for task in found:
        assert re.fullmatch(r"[A-Za-z0-9_-]+", task.id)
        assert callable(getattr(jobs, task.function))
        assert task.kept >= timedelta(minutes=1)
        assert task.queue in (BULK, UPKEEP)
