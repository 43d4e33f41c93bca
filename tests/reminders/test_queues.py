"""Jobs in Redis: nothing that runs by being read, nothing kept that nobody reads."""

from __future__ import annotations

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from redis import Redis

from helpline.reminders.queues import JOB_SECONDS, QUEUES, connect_patiently, enqueue, failures_kept, queue
from tests.conftest import started_valkey

JOB = "helpline.reminders.jobs.deliver"


def test_a_job_is_json_and_says_how_long_it_may_take(redis: Redis) -> None:
    jobs = queue(redis, "bulk")
    assert enqueue(jobs, JOB, "bulk", 3)
    (job,) = jobs.jobs
    assert (job.func_name, tuple(job.args)) == (JOB, ("bulk", 3))
    assert (job.timeout, job.result_ttl, job.failure_ttl) == (JOB_SECONDS, 0, failures_kept("bulk"))
    assert json.loads(zlib.decompress(redis.hget(job.key, "data"))) == [JOB, None, ["bulk", 3], {}]


def test_a_job_of_one_id_is_there_once(redis: Redis) -> None:
    jobs = queue(redis, "upkeep")
    assert enqueue(jobs, JOB, job_id="plan-20261210T0900Z", kept=120)
    assert not enqueue(jobs, JOB, job_id="plan-20261210T0900Z", kept=120)
    assert enqueue(jobs, JOB, job_id="plan-20261210T0901Z", kept=120)
    assert len(jobs) == 2


def test_a_patient_connection_waits_until_the_server_is_back(tmp_path: Path) -> None:
    for valkey in started_valkey(tmp_path / "valkey"):
        client = connect_patiently(valkey.url)
        client.set("kept", "yes")
        valkey.stop()
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(client.get, "kept")
            valkey.start()
            assert asked.result() == b"yes"
        client.close()


def test_failed_deliveries_are_kept_for_an_hour_and_the_rest_for_a_week() -> None:
    assert {name: failures_kept(name) for name in QUEUES} == {
        "replies": 3600,
        "bulk": 3600,
        "calls": 3600,
        "upkeep": 7 * 24 * 3600,
    }
