"""Delivery by one real worker and by two, measured where it counts: by when the carrier took what."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from redis import Redis
from sqlalchemy import Engine, insert, select, text

from helpline.carrier.callers import fingerprint
from helpline.carrier.client import AT_ONCE
from helpline.carrier.results import Sent
from helpline.records.belonging import take_for
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.sealing import Seals
from helpline.records.tables import callers, messages, subscriptions
from helpline.reminders import jobs
from helpline.reminders.planning import plan
from helpline.reminders.queues import BULK, enqueue, queue
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings, load_settings
from helpline.wiring import carrier_of
from tests.bench import one_a_job
from tests.bench.planner import EVENING_BEFORE, MIDDLE_ONLY
from tests.crash.shifted import FILE, ShiftedClock
from tests.crash.supervisor import Program
from tests.reminders.people import AFTER_OPENING, paris
from tests.server.running import free_port, wait_until
from tests.simulator.carrier_process import CarrierProcess, carrier_process

LATENCY = 50  # milliseconds
TEN = paris(2026, 12, 8, 10)
FASTEST = "1000"  # SMS_PER_SECOND: more than one worker reaches
MOST = "1000000"  # of a day: every repeat is of the same one
BODY = "Relais Droits : l'actualisation ferme mardi 15 decembre, a minuit. " * 3


@dataclass
class Rates:
    """Messages a second, by how they were sent."""

    seen: dict[str, list[float]] = field(default_factory=dict)

    def add(self, how: str, rate: float) -> None:
        self.seen.setdefault(how, []).append(rate)

    def of(self, how: str) -> float:
        return median(self.seen[how])


class Site:
    """A helpline with so many callers, a carrier with a latency, one worker or two."""

    def __init__(
        self, database_url: str, stub: CarrierProcess, valkey: EmbeddedValkey, folder: Path, count: int
    ) -> None:
        self._stub, self._count = stub, count
        self.clock = ShiftedClock(folder / "clock")
        self.clock.set(TEN)
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            FILE: str(folder / "clock"),
            "PYTHONUNBUFFERED": "1",
            "HELPLINE_ENV": "demo",
            "VAR_DIR": str(folder / "var"),
            "REDIS_URL": valkey.url,
            "DATABASE_URL": database_url,
            "TWILIO_API_URL": stub.url,
            "SMS_PER_SECOND": FASTEST,
            "MESSAGES_A_DAY": MOST,
            "PORT": str(free_port()),
        }
        self.settings: Settings = load_settings(self.env)
        self.numbers = [f"+3363998{number:04}" for number in range(count)]
        upgrade(self.settings.database_url)
        take_for(self.settings.database_url, self.settings.belongs_to)
        self.engine: Engine = open_records(self.settings.database_url)
        self.redis: Redis = Redis.from_url(valkey.url)
        self.worker = Program("worker", ("worker",), self.env, folder / "worker.log")
        self.second = Program("second worker", ("worker", BULK), self.env, folder / "second-worker.log")
        self._move_in()

    def _move_in(self) -> None:
        seals, key = Seals(self.settings.number_keys), self.settings.fingerprint_key
        with self.engine.begin() as connection:
            for number in self.numbers:
                sealed = seals.seal(number)
                row = {"fingerprint": fingerprint(number, key), "number": sealed.number, "number_key": sealed.key}
                about = {"language": "fr", "spread": 0, "last_seen": AFTER_OPENING, "created_at": AFTER_OPENING}
                connection.execute(insert(callers).values(row | about))
            ids = connection.scalars(select(callers.c.id)).all()
            asked = {"kind": "update", "scope": "all", "since": AFTER_OPENING}
            connection.execute(insert(subscriptions), [{"caller_id": id_, **asked} for id_ in ids])

    def by_our_worker(self) -> float:
        """All messages, planned and due, by jobs as the clock enqueues them."""
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM messages"))
            connection.execute(text("DELETE FROM planned_waves"))
        plan(self.engine, MIDDLE_ONLY, EVENING_BEFORE)

        def send() -> None:
            for _ in range(-(-self._count // 100)):
                enqueue(queue(self.redis, BULK), f"{jobs.__name__}.deliver", BULK)
            wait_until(self._all_accepted, lambda: self.worker.written)

        return self._rate(send, self._count)

    def by_two_workers(self) -> float:
        """The same, with one more worker."""
        started = self.second.written.count("workers started") if self.second.output.exists() else 0
        self.second.start()
        wait_until(lambda: self.second.written.count("workers started") > started, lambda: self.second.written)
        try:
            return self.by_our_worker()
        finally:
            self.second.end()

    def by_a_bare_loop(self) -> float:
        """The same client, as many at once, and nothing else."""
        carrier = carrier_of(self.settings)

        def send() -> None:
            with ThreadPoolExecutor(AT_ONCE) as threads:
                taken = threads.map(lambda number: carrier.send(number, BODY, 3600, "1.1"), self.numbers)
                assert all(isinstance(result, Sent) for result in taken)

        return self._rate(send, self._count)

    def by_a_job_a_message(self, count: int) -> float:
        """RQ's own worker, which forks for each job, with the same client in it."""
        jobs_of = one_a_job.queue_of(self.redis)
        for number in self.numbers[:count]:
            jobs_of.enqueue(one_a_job.send, number, BODY, result_ttl=0)

        def send() -> None:
            command = [sys.executable, "-m", one_a_job.__spec__.name, self.env["REDIS_URL"]]
            subprocess.run(command, env=self.env, check=True)

        return self._rate(send, count)

    def _rate(self, send: Callable[[], None], count: int) -> float:
        before = len(self._stub.messages())
        send()
        taken = [message.at for message in self._stub.messages()[before:]]
        if len(taken) != count:
            raise AssertionError(f"{len(taken)} messages for {count}")
        return (count - 1) / (max(taken) - min(taken))

    def _all_accepted(self) -> bool:
        with self.engine.connect() as connection:
            return not connection.execute(select(messages.c.id).where(messages.c.state != "accepted").limit(1)).all()


@contextmanager
def site(database_url: str, folder: Path, count: int) -> Iterator[Site]:
    """Everything that sending needs, in a folder of its own."""
    with ExitStack() as stack:
        stub = stack.enter_context(carrier_process(folder, "--delay", str(LATENCY)))
        valkey = EmbeddedValkey(folder / "valkey")
        valkey.start()
        stack.callback(valkey.stop)
        made = Site(database_url, stub, valkey, folder, count)
        stack.callback(made.engine.dispose)
        stack.callback(made.redis.close)
        made.worker.start()
        stack.callback(made.worker.end)
        wait_until(lambda: "workers started" in made.worker.written, lambda: made.worker.written)
        yield made


def measure_delivery(
    database_url: str, folder: Path, count: int, jobs_alone: int, repeats: int, tell: Callable[[str], None]
) -> Rates:
    """The four ways by turns."""
    rates = Rates()
    with site(database_url, folder, count) as made:
        for repeat in range(repeats):
            tell(f"delivery, {repeat + 1} of {repeats}")
            rates.add("worker", made.by_our_worker())
            rates.add("two workers", made.by_two_workers())
            rates.add("loop", made.by_a_bare_loop())
            rates.add("job a message", made.by_a_job_a_message(jobs_alone))
    return rates
