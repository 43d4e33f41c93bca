"""The entry points of jobs, and which failures of theirs are news."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from redis import Redis
from rq.job_lifecycle import record_job_failure
from sqlalchemy import insert, select

from helpline.menus.windows import today_in_paris
from helpline.records.desk_tables import people_helped
from helpline.records.restore import RECONCILE
from helpline.records.tables import callers, controls, messages
from helpline.reminders import jobs
from helpline.reminders.queues import BULK, UPKEEP, enqueue, failures_kept, queue
from helpline.reminders.reconcile import Ours
from helpline.reminders.ticks import FORGETTING_SECONDS
from helpline.reminders.work import FORGOTTEN, note_forgotten
from helpline.tallies.nightly import tidy
from helpline.tallies.reading import people_by_day
from helpline.telemetry.alerts import open_problems, watched_at
from helpline.wiring import Parts
from tests.call_requests.requests_made import asked
from tests.reminders.people import fingerprint_of, messages_of, paris, planned, subscribed, wave

MORNING = paris(2026, 12, 8, 10)
ABANDONED = "Moved to FailedJobRegistry, due to AbandonedJobError, at 2026-12-08 09:00:00"


@pytest.fixture
def tools(parts: Parts, redis: Redis) -> jobs.Tools:
    """What the jobs work with, at a certain moment; nobody listens at the carrier's address."""
    made = jobs.Tools(
        engine=parts.engine,
        redis=redis,
        journal=parts.consent.journal,
        sender=replace(parts.sender, clock=lambda: MORNING),
        ours=Ours("38123", "Relais Droits"),
        alerts=parts.alerts,
        settle_seconds=1,
        seen=lambda: [fingerprint_of(1)],
        refresh=parts.folder.refresh,
    )
    jobs.use(made)
    return made


def test_planning_plans(tools: jobs.Tools) -> None:
    caller = subscribed(tools.engine, 1)
    jobs.plan()
    assert planned(tools.engine) == [(caller, "middle")]


def test_watching_leaves_a_note_that_somebody_looked(tools: jobs.Tools) -> None:
    jobs.watch()
    with tools.engine.connect() as connection:
        assert watched_at(connection) is not None


def test_the_nightly_work_knows_who_was_there(tools: jobs.Tools) -> None:
    subscribed(tools.engine, 1)
    jobs.retention()
    with tools.engine.connect() as connection:
        assert connection.scalar(select(callers.c.last_seen)) == MORNING


def test_the_nightly_work_counts_who_was_helped_and_lets_go_of_the_marks(tools: jobs.Tools) -> None:
    days = ("2026-12-06", "2026-12-07", "2026-12-07", "2026-12-08")  # the last one is today
    with tools.engine.begin() as connection:
        rows = [{"day": day, "mark": f"{place:016x}"} for place, day in enumerate(days)]
        connection.execute(insert(people_helped), rows)
    jobs.use(replace(tools, tidy=lambda now: tidy(tools.engine, today_in_paris(now))))
    jobs.retention()
    with tools.engine.connect() as connection:
        assert list(connection.scalars(select(people_helped.c.day))) == ["2026-12-08"]
        assert people_by_day(connection, MORNING.date() - timedelta(days=30)) == {
            date(2026, 12, 6): 1,
            date(2026, 12, 7): 2,
            date(2026, 12, 8): 1,
        }


def test_that_the_nightly_work_is_done_is_noted(tools: jobs.Tools) -> None:
    jobs.retention()
    assert forgotten(tools) == MORNING


def forgotten(tools: jobs.Tools) -> datetime | None:
    with tools.engine.connect() as connection:
        return connection.scalar(select(controls.c.changed_at).where(controls.c.name == FORGOTTEN))


def test_the_nightly_work_is_noted_when_all_pieces_are_done_by_when_the_first_began(
    tools: jobs.Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed(tools.engine, 1)
    monkeypatch.setattr(jobs, "forget", partial(jobs.forget, seconds=0))
    for piece in range(100):
        jobs.use(replace(tools, sender=replace(tools.sender, clock=partial(minutes_later, piece))))
        jobs.retention()
        if at := forgotten(tools):
            break
    assert piece > 5
    assert at == MORNING


def minutes_later(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def test_nightly_work_that_waited_for_its_turn_until_texts_go_is_left(tools: jobs.Tools) -> None:
    yesterday = MORNING - timedelta(days=1)
    with tools.engine.begin() as connection:
        note_forgotten(connection, yesterday)
    jobs.retention()
    assert forgotten(tools) == yesterday


def test_of_two_workers_one_does_the_nightly_work(tools: jobs.Tools, redis: Redis) -> None:
    left: list[int] = []

    def seen() -> list[str]:
        if not left:
            left.append(redis.ttl(jobs.FORGETTING))  # type: ignore[arg-type]
            jobs.retention()  # as another worker would
            assert forgotten(tools) is None
        return []

    jobs.use(replace(tools, seen=seen))
    jobs.retention()
    assert forgotten(tools) == MORNING
    # One that is killed does not keep the others from it for good; one that is only slow is given up before.
    assert FORGETTING_SECONDS + 60 < left[0] <= FORGETTING_SECONDS + 90
    assert not redis.exists(jobs.FORGETTING)


def test_nightly_work_that_fails_is_begun_again(tools: jobs.Tools) -> None:
    jobs.use(replace(tools, seen=_fails))
    with pytest.raises(OSError, match="no disk"):
        jobs.retention()
    assert forgotten(tools) is None
    jobs.use(tools)
    jobs.retention()
    assert forgotten(tools) == MORNING


def _fails() -> list[str]:
    raise OSError("no disk")


def test_what_cannot_be_looked_up_after_a_restore_stays_for_the_next_time(tools: jobs.Tools) -> None:
    with tools.engine.begin() as connection:
        since = MORNING.isoformat()
        connection.execute(insert(controls).values(name=RECONCILE, value=since, changed_at=MORNING))
    sender = replace(tools.sender, apply_withdrawals=_no_disk)
    jobs.use(replace(tools, sender=sender))
    jobs.reconcile()
    with tools.engine.connect() as connection:
        assert connection.scalar(select(controls.c.value).where(controls.c.name == RECONCILE)) == since


def _no_disk(now: object) -> object:
    raise OSError("no disk")


def test_delivering_gives_up_what_nobody_wants_any_more(tools: jobs.Tools) -> None:
    messages_of(tools.engine, wave("middle"), planned=1)
    jobs.deliver(BULK)
    with tools.engine.connect() as connection:
        assert connection.execute(select(messages.c.state, messages.c.reason)).one() == ("skipped", "not_subscribed")


def failed(redis: Redis, name: str, reason: str = "Traceback ... ValueError", ago: timedelta = timedelta(0)) -> None:
    """A job that failed for that reason, so long ago."""
    to = queue(redis, UPKEEP)
    assert enqueue(to, "helpline.reminders.jobs.plan", job_id=name)
    job = to.fetch_job(name)
    assert job
    with redis.pipeline() as pipeline:
        record_job_failure(job, reason, pipeline)
        pipeline.execute()
    at = time.time() - ago.total_seconds() + failures_kept(to.name)
    redis.zadd(to.failed_job_registry.key, {name: at})


def test_jobs_that_failed_lately_are_counted(redis: Redis) -> None:
    assert jobs.failed_lately(redis) == 0
    failed(redis, "one")
    failed(redis, "two", ago=timedelta(minutes=59))
    assert jobs.failed_lately(redis) == 2


def test_what_failed_long_ago_is_no_news(redis: Redis) -> None:
    failed(redis, "old", ago=timedelta(minutes=61))
    assert jobs.failed_lately(redis) == 0


def test_a_job_whose_worker_was_killed_with_it_has_not_failed(redis: Redis) -> None:
    failed(redis, "abandoned", ABANDONED)
    assert jobs.failed_lately(redis) == 0


def test_jobs_run_only_where_they_have_what_they_work_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_tools", None)
    with pytest.raises(RuntimeError, match=r"python -m workers\.worker"):
        jobs.plan()


def test_watching_tells_that_somebody_waits_to_be_called_for_too_long(tools: jobs.Tools) -> None:
    with tools.engine.begin() as connection:
        asked(connection, at=MORNING - timedelta(hours=25))
    jobs.watch()
    with tools.engine.connect() as connection:
        assert [problem.name for problem in open_problems(connection, MORNING)] == ["nobody calls"]
