"""What `/metrics` tells: sums over all processes from the tallies, and how much waits at this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock

from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, Select, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from helpline.menus.windows import today_in_paris
from helpline.records.columns import Moment
from helpline.records.desk_tables import call_requests, people_helped, tallies
from helpline.records.engine import reading
from helpline.records.tables import messages
from helpline.tallies.reading import PEOPLE, Counted, totals
from helpline.telemetry.latency import ANSWERS, MILLISECONDS, UP_TO, named
from helpline.telemetry.metrics import Measure, Sample, Times

KEPT_FOR = timedelta(minutes=1)
RECENT = timedelta(days=2)  # what is counted may come late, where the database was away
_OPEN = text("state IN ('waiting', 'taken')")  # to the letter: the index is for these

# What is counted under a name: what it is called at /metrics, and what it tells.
COUNTERS: Mapping[str, tuple[str, str]] = {
    "requests": ("helpline_requests", "Requests answered by the web server, by route and status."),
    "turns": ("helpline_turns", "Turns of callers, by channel and what was understood."),
    "misses": ("helpline_misses", "Turns in which a caller was not understood, by channel."),
    "effects": ("helpline_effects", "What callers had done, by effect and outcome."),
    "calls": ("helpline_calls", "Calls to us that ended, by status."),
    "missed_calls": ("helpline_missed_calls", "Calls that nobody answered, by what came of them."),
    "status": ("helpline_reports", "Reports of the carrier about messages of ours, by status."),
    "signature_refused": ("helpline_signature_failures", "Requests whose signature was wrong or missing, by route."),
    "repeats": ("helpline_repeats", "Texts that the carrier posted again."),
    "paused": ("helpline_paused_texts", "Texts that were not answered, as if by a machine."),
    "store_down": ("helpline_store_down", "Turns without Redis, by channel."),
}
_LATENCY = ("helpline_carrier_seconds", "How long the carrier took to take a text or a call.")
_RESULTS = ("helpline_carrier_answers", "What came of handing something to the carrier.")


@dataclass
class Measures:
    """Asked for at each look at `/metrics`. `jobs`: how many wait in each queue, in Redis.

    `sending` are the queues of messages. What is down is left out, and told as such. Nothing goes over all messages
    but once a minute.
    """

    engine: Engine
    sending: Sequence[str]
    jobs: Callable[[], Mapping[str, int]]
    now: Callable[[], datetime]
    _lock: Lock = field(default_factory=Lock)
    _old: tuple[date, list[Counted]] | None = None
    _by_state: tuple[datetime, Mapping[str, int]] | None = None

    def __call__(self) -> list[Measure | Times]:
        found: list[Measure | Times] = []
        try:
            with reading(self.engine).connect() as connection:
                found += self._of_database(connection)
            database_up = True
        except SQLAlchemyError:
            found, database_up = [], False
        try:
            jobs = self.jobs()
            found.append(_gauge("helpline_jobs_waiting", "Jobs that wait for a worker, by queue.", "queue", jobs))
            redis_up = True
        except RedisError:
            redis_up = False
        found.append(_flag("helpline_database_up", "Whether the database answers.", database_up))
        found.append(_flag("helpline_redis_up", "Whether Redis answers.", redis_up))
        return found

    def _of_database(self, connection: Connection) -> Iterator[Measure | Times]:
        now = self.now()
        recent = today_in_paris(now) - RECENT
        counted = self._counted(connection, recent)
        for name, (metric, told) in COUNTERS.items():
            yield Measure(metric, "counter", told, tuple(_samples(counted, name)))
        yield from _of_carrier(counted)
        helped = _helped(connection, recent) + sum(each.count for each in counted if each.name == PEOPLE)
        told = "People helped, each once a day, without those who withhold their number."
        yield Measure("helpline_people_helped", "counter", told, (Sample(helped),))
        ages = {queue: _age(connection, queue, now) for queue in self.sending}
        yield _gauge("helpline_queue_age_seconds", "How long the oldest message that is due waits.", "queue", ages)
        states = self._states(connection, now)
        yield _gauge("helpline_messages", "Messages that are kept, by state; at most a minute old.", "state", states)
        by_state = select(call_requests.c.state, func.count()).where(_OPEN).group_by(call_requests.c.state)
        requests = {"waiting": 0, "taken": 0} | _counts(connection, by_state)
        yield _gauge("helpline_call_requests_open", "People who wait for our call, by state.", "state", requests)

    def _counted(self, connection: Connection, recent: date) -> list[Counted]:
        """All that was ever counted, but for the people of the last days. What is over is added up once a day."""
        names = [*COUNTERS, ANSWERS, MILLISECONDS]
        with self._lock:
            if self._old is None or self._old[0] != recent:
                self._old = (recent, totals(connection, [*names, PEOPLE], before=recent))
            old = self._old[1]
        sums = {(each.name, each.labels): each.count for each in old}
        for each in totals(connection, names, since=recent):
            sums[each.name, each.labels] = sums.get((each.name, each.labels), 0) + each.count
        return [Counted(None, name, labels, count) for (name, labels), count in sorted(sums.items())]

    def _states(self, connection: Connection, now: datetime) -> Mapping[str, int]:
        with self._lock:
            if self._by_state is None or not timedelta(0) <= now - self._by_state[0] < KEPT_FOR:
                grouped = select(messages.c.state, func.count()).group_by(messages.c.state)
                self._by_state = (now, _counts(connection, grouped))
            return self._by_state[1]


def _counts(connection: Connection, grouped: Select[str, int]) -> dict[str, int]:
    return dict(connection.execute(grouped).all())


def _helped(connection: Connection, recent: date) -> int:
    """Those of the last days, counted or still marked: in one look, since the night moves them."""
    of_people = (tallies.c.name == PEOPLE, tallies.c.day >= recent.isoformat())
    over = select(func.coalesce(func.sum(tallies.c.count), 0)).where(*of_people).scalar_subquery()
    today = select(func.count()).select_from(people_helped).scalar_subquery()
    return int(connection.scalar(select(over + today)) or 0)


def _samples(counted: Iterable[Counted], name: str) -> Iterator[Sample]:
    yield from (Sample(each.count, dict(each.labels)) for each in counted if each.name == name)


def _of_carrier(counted: Sequence[Counted]) -> Iterator[Measure | Times]:
    """Its answers, in the classes of seconds, which count up from the shortest."""
    results: Counter[tuple[str, str]] = Counter()
    classes: dict[str, Counter[str]] = {}
    for each in counted:
        if each.name == ANSWERS:
            results[each.label("channel"), each.label("result")] += each.count
            classes.setdefault(each.label("channel"), Counter())[each.label("le")] += each.count
    took = {each.label("channel"): each.count / 1000 for each in counted if each.name == MILLISECONDS}
    series = tuple(
        ({"channel": channel}, {limit: found[named(limit)] for limit in UP_TO}, took.get(channel, 0.0))
        for channel, found in sorted(classes.items())
    )
    yield Times(*_LATENCY, series)
    samples = (
        Sample(count, {"channel": channel, "result": what}) for (channel, what), count in sorted(results.items())
    )
    yield Measure(_RESULTS[0], "counter", _RESULTS[1], tuple(samples))


def _age(connection: Connection, queue: str, now: datetime) -> float:
    """The first entry of a queue's part of an index."""
    oldest = func.min(messages.c.due_at, type_=Moment)
    due = connection.scalar(select(oldest).where(messages.c.state == "planned", messages.c.queue == queue))
    return max(0.0, (now - due).total_seconds()) if due else 0.0


def _gauge(name: str, told: str, label: str, values: Mapping[str, float]) -> Measure:
    samples = tuple(Sample(value, {label: each}) for each, value in sorted(values.items()))
    return Measure(name, "gauge", told, samples)


def _flag(name: str, told: str, is_so: bool) -> Measure:
    return Measure(name, "gauge", told, (Sample(float(is_so)),))
