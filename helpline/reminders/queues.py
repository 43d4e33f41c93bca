"""The queues of jobs in Redis or Valkey: their names, a connection that waits through an outage, how jobs are kept."""

from __future__ import annotations

from typing import Literal

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from helpline.menus.shapes import Channel

# One queue a worker: a worker of several would lose the job that it had taken when it is killed (shared/rq.md).
QueueName = Literal["replies", "bulk", "calls", "upkeep"]
REPLIES: QueueName = "replies"  # what somebody waits for
BULK: QueueName = "bulk"  # reminders
CALLS: QueueName = "calls"  # whatever goes by call, at a rate of its own
UPKEEP: QueueName = "upkeep"  # planning, settling doubts, watching
QUEUES: tuple[QueueName, ...] = (REPLIES, BULK, CALLS, UPKEEP)
SENDING: tuple[QueueName, ...] = (REPLIES, BULK, CALLS)

JOB_SECONDS = 60
FAILED_JOBS_SECONDS = 7 * 24 * 3600
FAILED_DELIVERIES_SECONDS = 3600  # one fault of a day makes some ten thousand, and each tells the same


def connect_patiently(url: str) -> Redis:
    """A connection for workers and the clock: an outage of some seconds is waited through, nothing is lost by it.

    A webhook must do the opposite (`sms/store.py`).
    """
    client: Redis = Redis.from_url(
        url,
        retry=Retry(ExponentialWithJitterBackoff(base=0.1, cap=2), 30),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, BusyLoadingError],
        health_check_interval=30,
        socket_connect_timeout=2,
    )
    return client


def queue(connection: Redis, name: QueueName) -> Queue:
    """A queue whose jobs are JSON: whoever can write to Redis still cannot make a worker run anything."""
    return Queue(name, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


def channel_of(name: str) -> Channel:
    """How the messages of a queue go."""
    return "voice" if name == CALLS else "sms"


def failures_kept(name: str) -> int:
    """How many seconds a failed job of this queue is kept for whoever mends it."""
    return FAILED_JOBS_SECONDS if name == UPKEEP else FAILED_DELIVERIES_SECONDS


def enqueue(
    to: Queue, job: str, *arguments: str | int | float, job_id: str = "", kept: int = 0, seconds: int = JOB_SECONDS
) -> bool:
    """Put a job ("helpline.reminders.jobs.deliver") into a queue; False if one of that id is there already.

    A finished job is forgotten after `kept` seconds, and with it its id: a job of a clock's tick must be kept for
    longer than another clock may take to come to that tick. A job is given up after `seconds`.
    """
    try:
        to.enqueue_call(
            job,
            args=arguments,
            timeout=seconds,
            result_ttl=kept,
            failure_ttl=failures_kept(to.name),
            job_id=job_id or None,
            unique=bool(job_id),
        )
    except DuplicateJobError:
        return False
    return True
