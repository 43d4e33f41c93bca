"""The clock: what is due is enqueued once, whoever leads, and after what callers said is known."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from wsgiref.simple_server import make_server

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import insert, select, text
from werkzeug.wrappers import Request, Response

from helpline.consent.withdrawal import Withdrawal
from helpline.records.restore import RECONCILE
from helpline.records.tables import controls, subscriptions
from helpline.reminders.last_tick import last_tick
from helpline.reminders.lease import KEY
from helpline.reminders.pause import pause
from helpline.reminders.queues import BULK, UPKEEP, queue
from helpline.reminders.work import note_forgotten, work_there_is
from helpline.telemetry.alerts import Problem
from helpline.wiring import Parts
from tests.reminders.people import fingerprint_of, messages_of, paris, subscribed, wave
from tests.server.running import all_end, wait_until
from tests.workers.programs import Place
from workers.clock import Clock

MORNING = paris(2026, 12, 8, 10)
NIGHT = paris(2026, 12, 8, 22)


@dataclass
class Time:
    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def clock(parts: Parts, redis: Redis, moment: Time) -> Clock:
    return Clock(parts, redis, moment)


def due(parts: Parts, count: int) -> None:
    messages_of(parts.engine, wave("middle"), planned=count)


def jobs(redis: Redis, name: str) -> list[str]:
    return queue(redis, name).job_ids  # type: ignore[arg-type]


def test_a_tick_enqueues_what_is_due(clock: Clock, parts: Parts, redis: Redis) -> None:
    due(parts, 150)
    new = clock.tick()
    assert new == (
        "watch-20261208T0900Z",
        "plan-20261208T0900Z",
        "ask-20261208T0900Z",
        "retention-20261208T0900Z",
        "deliver-bulk-20261208T090000Z-0",
        "deliver-bulk-20261208T090000Z-1",
    )
    assert jobs(redis, BULK) == list(new[4:])
    assert jobs(redis, UPKEEP) == list(new[:4])


def test_the_nightly_work_that_was_missed_waits_for_the_evening_but_not_for_days(
    clock: Clock, parts: Parts, redis: Redis
) -> None:
    with parts.engine.begin() as connection:
        note_forgotten(connection, MORNING - timedelta(days=2))
    assert not any(name.startswith("retention") for name in clock.tick())
    with parts.engine.begin() as connection:
        note_forgotten(connection, MORNING - timedelta(days=4))
    assert work_there_is(parts.engine, redis, parts.prompts(), timedelta(0), MORNING).may_forget
    with parts.engine.begin() as connection:
        note_forgotten(connection, MORNING - timedelta(days=1))
    for hours, may in ((0, False), (8.5, False), (9.5, True), (21.5, True), (22.9, True), (22.95, False), (23, False)):
        assert may_forget(parts, redis, MORNING + timedelta(hours=hours)) is may, hours  # 10 o'clock and later


def may_forget(parts: Parts, redis: Redis, moment: datetime) -> bool:
    return work_there_is(parts.engine, redis, parts.prompts(), timedelta(0), moment).may_forget


def test_the_nightly_work_is_done_once_a_night(parts: Parts, redis: Redis) -> None:
    began = paris(2026, 12, 8, 3)
    with parts.engine.begin() as connection:
        note_forgotten(connection, began)
    for hours in (0, 1, 5.9, 17, 23.9):
        assert not may_forget(parts, redis, began + timedelta(hours=hours)), hours
    assert may_forget(parts, redis, began + timedelta(hours=24))


def test_nightly_work_that_took_a_day_and_a_night_leaves_nothing_out_of_the_next(parts: Parts, redis: Redis) -> None:
    """It is noted when it began: who became due behind its back is not looked at before the next one."""
    with parts.engine.begin() as connection:
        note_forgotten(connection, paris(2026, 12, 7, 20))
    assert may_forget(parts, redis, paris(2026, 12, 8, 4))


def test_a_clock_that_was_wrong_does_not_end_the_nightly_work(parts: Parts, redis: Redis) -> None:
    with parts.engine.begin() as connection:
        note_forgotten(connection, paris(2027, 12, 8, 3))
    assert may_forget(parts, redis, paris(2026, 12, 8, 4))
    assert not may_forget(parts, redis, MORNING)


def test_the_pieces_of_the_nightly_work_come_until_it_is_done(
    clock: Clock, parts: Parts, redis: Redis, moment: Time
) -> None:
    moment.now = paris(2026, 12, 8, 3)
    pieces = []
    for minute in range(4):
        pieces += [name for name in clock.tick() if name.startswith("retention")]
        redis.delete(queue(redis, UPKEEP).key)  # a worker took them up
        if minute == 2:
            with parts.engine.begin() as connection:
                note_forgotten(connection, paris(2026, 12, 8, 3))
        moment.now += timedelta(minutes=1)
    assert pieces == [f"retention-20261208T020{minute}Z" for minute in range(3)]


def test_jobs_are_json_that_names_a_function_of_ours(clock: Clock, parts: Parts, redis: Redis) -> None:
    due(parts, 1)
    clock.tick()
    (name,) = jobs(redis, BULK)
    job = Job.fetch(name, redis, serializer=JSONSerializer)
    assert (job.func_name, job.args) == ("helpline.reminders.jobs.deliver", ["bulk"])
    assert job.timeout == 60


def test_the_same_tick_of_another_leader_adds_nothing(clock: Clock, parts: Parts, redis: Redis) -> None:
    due(parts, 1000)
    assert clock.tick()
    redis.delete(KEY)
    redis.delete(queue(redis, BULK).key, queue(redis, UPKEEP).key)  # the jobs are at work, and their ids still taken
    assert Clock(parts, redis, Time()).tick() == ()


def test_who_does_not_lead_enqueues_nothing(clock: Clock, parts: Parts, redis: Redis) -> None:
    due(parts, 1)
    assert clock.tick()
    assert Clock(parts, redis, Time(MORNING + timedelta(minutes=1))).tick() == ()


def test_jobs_that_nobody_takes_up_do_not_pile_up(clock: Clock, parts: Parts, redis: Redis, moment: Time) -> None:
    due(parts, 1000)
    for _ in range(20):
        clock.tick()
        moment.now += timedelta(minutes=1)
    assert len(jobs(redis, BULK)) == 3
    assert len(jobs(redis, UPKEEP)) == 4


def test_reminders_are_not_sent_at_night(parts: Parts, redis: Redis) -> None:
    due(parts, 1)
    assert not any(name.startswith("deliver") for name in Clock(parts, redis, Time(NIGHT)).tick())


def test_what_callers_said_is_applied_before_anything_is_enqueued(clock: Clock, parts: Parts) -> None:
    subscribed(parts.engine, 1)
    parts.consent.journal.append(Withdrawal(fingerprint_of(1), "stop", MORNING, "sms"))
    clock.tick()
    with parts.engine.connect() as connection:
        assert connection.scalar(select(subscriptions.c.end_reason)) == "stop"


def test_while_the_journal_cannot_be_applied_nothing_is_enqueued(parts: Parts, redis: Redis) -> None:
    def fails(now: datetime) -> object:
        raise OSError("no disk")

    due(parts, 1)
    Clock(replace(parts, sender=replace(parts.sender, apply_withdrawals=fails)), redis, Time()).tick_safely()
    assert jobs(redis, BULK) == []
    assert last_tick(redis) is None


def test_a_pause_holds_deliveries_back_and_nothing_else(clock: Clock, parts: Parts) -> None:
    due(parts, 1)
    with parts.engine.begin() as connection:
        pause(connection, "operator", "test", MORNING)
    assert [name.split("-")[0] for name in clock.tick()] == ["watch", "plan", "ask", "retention"]


def test_a_pause_of_the_carriers_is_tried_by_one_job(clock: Clock, parts: Parts) -> None:
    due(parts, 1000)
    with parts.engine.begin() as connection:
        pause(connection, "carrier", "20003", MORNING - timedelta(minutes=11))
    assert [name for name in clock.tick() if name.startswith("deliver")] == ["deliver-bulk-20261208T090000Z-0"]


def test_after_a_restore_what_happened_since_is_looked_up(clock: Clock, parts: Parts) -> None:
    with parts.engine.begin() as connection:
        since = MORNING.isoformat()
        connection.execute(insert(controls).values(name=RECONCILE, value=since, changed_at=MORNING))
    assert clock.tick() == ("watch-20261208T0900Z", "reconcile-20261208T0900Z")


def test_old_doubts_are_settled(clock: Clock, parts: Parts) -> None:
    messages_of(parts.engine, wave("opening"), unknown=1)
    assert "settle-20261208T090000Z" in clock.tick()


def test_a_tick_that_went_well_is_known_to_everybody(clock: Clock, redis: Redis) -> None:
    assert last_tick(redis) is None
    clock.tick()
    assert last_tick(redis) == MORNING


def test_a_tick_without_a_database_does_not_count(clock: Clock, parts: Parts, redis: Redis) -> None:
    with parts.engine.begin() as connection:
        connection.execute(text("DROP TABLE messages"))
    clock.tick_safely()
    assert last_tick(redis) is None


@dataclass
class Watcher:
    """Somebody outside, who counts heartbeats."""

    beats: int = 0
    url: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    @Request.application
    def app(self, request: Request) -> Response:
        self.beats += 1
        return Response("heard")


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    made = Watcher()
    server = make_server("127.0.0.1", 0, made.app)
    made.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def with_heartbeat(parts: Parts, url: str) -> Parts:
    return replace(parts, settings=parts.settings.model_copy(update={"heartbeat_url": url}))


def test_the_heartbeat_is_called_when_somebody_looked_and_found_nothing_wrong(
    parts: Parts, redis: Redis, watcher: Watcher
) -> None:
    clock = Clock(with_heartbeat(parts, watcher.url), redis, Time(datetime.now(UTC)))
    clock.tick()
    parts.alerts.report([])
    clock.tick()
    wait_until(lambda: watcher.beats, lambda: "no heartbeat")
    assert watcher.beats == 1


def test_the_heartbeat_is_silent_when_something_is_wrong(parts: Parts, redis: Redis, watcher: Watcher) -> None:
    clock = Clock(with_heartbeat(parts, watcher.url), redis, Time(datetime.now(UTC)))
    parts.alerts.report([Problem("overdue", "Texts do not go out.")])
    clock.tick()
    parts.alerts.report([])
    clock.tick()
    wait_until(lambda: watcher.beats, lambda: "no heartbeat")
    assert watcher.beats == 1


def test_a_heartbeat_that_nobody_hears_harms_nothing(parts: Parts, redis: Redis) -> None:
    clock = Clock(with_heartbeat(parts, "http://127.0.0.1:1/secret"), redis, Time(datetime.now(UTC)))
    parts.alerts.report([])
    assert clock.tick()


def test_of_two_clocks_the_other_one_takes_over_when_the_leader_is_killed(place: Place) -> None:
    with place.program("clock") as first:
        first.wait_for('"leads"')
        with place.program("clock") as second:
            second.wait_for("stands by")
            first.end(signal.SIGKILL)
            before = last_tick(place.redis)
            second.wait_for('"leads"')
            # It is asked to end while it waits for its next tick, not within its first one, which takes its time.
            wait_until(lambda: last_tick(place.redis) != before, lambda: second.output)
            assert second.end() == 0


def test_a_clock_that_is_asked_to_end_gives_its_lease_back(place: Place) -> None:
    with place.program("clock", TZ="Europe/Paris") as clock:
        clock.wait_for('"leads"')
        wait_until(lambda: last_tick(place.redis), lambda: clock.output)
        family = [clock.pid, *clock.family()]
        assert clock.end() == 0
        all_end(family)
    assert place.redis.get(KEY) is None
    assert "Traceback" not in clock.output


def test_a_clock_waits_for_its_database(place: Place) -> None:
    with place.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with place.program("clock") as clock:
        clock.wait_for("helpline migrate")
        assert clock.end() == 0


def test_it_explains_itself(place: Place) -> None:
    with place.program("clock", "--help") as clock:
        assert clock.ended() == 0
    assert "python -m workers.clock" in clock.output
