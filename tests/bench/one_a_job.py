"""What is compared with: a job for each message, on RQ's own worker.

python -m tests.bench.one_a_job REDIS_URL      works until the queue is empty
"""

from __future__ import annotations

import sys

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from helpline.carrier.results import Sent
from helpline.settings import load_settings
from helpline.wiring import carrier_of

QUEUE = "one-a-job"
carrier = carrier_of(load_settings())


def send(number: str, body: str) -> None:
    """One message."""
    if not isinstance(carrier.send(number, body, 3600, "1.1"), Sent):
        raise AssertionError("not sent")


def queue_of(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def main(url: str) -> None:
    carrier.preload()
    with Redis.from_url(url) as redis:
        Worker([queue_of(redis)], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")


if __name__ == "__main__":
    main(*sys.argv[1:])
