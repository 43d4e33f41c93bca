"""What /metrics tells is what the processes counted together, and what waits at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy import Engine, event, insert, update

from helpline.records.desk_tables import call_requests
from helpline.records.engine import open_records
from helpline.records.tables import messages
from helpline.tallies.counting import Tallies
from helpline.tallies.measures import Measures
from helpline.tallies.nightly import tidy
from helpline.tallies.people import PeopleHelped
from helpline.telemetry.counters import Counters
from helpline.telemetry.latency import counting as counting_latency
from helpline.telemetry.metrics import Labels, Times
from tests.conftest import THURSDAY, Clock
from tests.desk.test_figures import message, somebody

KEY = b"a key for tests"
QUEUES = ("replies", "bulk", "calls")


def measures(engine: Engine, clock: Clock | None = None, jobs: Mapping[str, int] | None = None) -> Measures:
    return Measures(engine, QUEUES, lambda: jobs or {}, clock or Clock())


def told(found: Measures) -> dict[str, float]:
    """Each number by its name and labels."""
    shown: dict[str, float] = {}
    for measure in found():
        if isinstance(measure, Times):
            continue
        for sample in measure.samples:
            shown[named(measure.name, sample.labels)] = sample.value
    return shown


def named(name: str, labels: Labels) -> str:
    return f"{name.removeprefix('helpline_')}{{{','.join(f'{key}={value}' for key, value in sorted(labels.items()))}}}"


def written(engine: Engine, count: int = 1) -> None:
    """A process has counted, and written."""
    counters, people = Counters(), PeopleHelped(KEY)
    for _ in range(count):
        counters.count("turns", channel="sms", heard="key")
        counters.count("requests", route="/twilio/sms", status="200")
        counters.count("signature_refused", route="/twilio/voice")
        counters.count("at", node="menu", channel="sms", did="shown")
    people.note("+33639980001", THURSDAY)
    Tallies(engine, counters, people, Clock()).write()


def test_counters_are_sums_over_all_processes(engine: Engine) -> None:
    written(engine, 2)
    written(engine, 3)
    shown = told(measures(engine))
    assert shown["turns{channel=sms,heard=key}"] == 5
    assert shown["requests{route=/twilio/sms,status=200}"] == 5
    assert shown["signature_failures{route=/twilio/voice}"] == 5
    assert shown["people_helped{}"] == 1
    assert not any("menu" in name for name in shown)  # one number for each place would be too many


def test_no_counter_falls_when_the_night_has_passed(engine: Engine) -> None:
    written(engine, 2)
    before = told(measures(engine))
    tidy(engine, THURSDAY.date() + timedelta(days=500))
    after = told(measures(engine))
    assert {name: after[name] for name in before if "turns" in name or "people" in name} == {
        "turns{channel=sms,heard=key}": 2,
        "people_helped{}": 1,
    }


def test_how_long_what_is_due_waits_is_told_for_each_queue(engine: Engine) -> None:
    with engine.begin() as connection:
        caller = somebody(connection, 1, THURSDAY)
        message(connection, caller, "planned", THURSDAY - timedelta(minutes=5))
        message(connection, caller, "planned", THURSDAY - timedelta(minutes=2))
        message(connection, caller, "sending", THURSDAY - timedelta(hours=9))
        message(connection, caller, "planned", THURSDAY + timedelta(hours=1), "welcome", "replies")
    shown = told(measures(engine))
    assert {queue: shown[f"queue_age_seconds{{queue={queue}}}"] for queue in QUEUES} == {
        "replies": 0,
        "bulk": 300,
        "calls": 0,
    }
    assert shown["messages{state=planned}"] == 3
    assert shown["messages{state=sending}"] == 1


def test_all_messages_are_gone_over_once_a_minute_only(engine: Engine) -> None:
    clock, over_all = Clock(), []

    def seen(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "FROM messages" in statement and "GROUP BY" in statement:
            over_all.append(statement)

    event.listen(engine, "before_cursor_execute", seen)
    try:
        asked = measures(engine, clock)
        with engine.begin() as connection:
            message(connection, somebody(connection, 1, THURSDAY), "planned", THURSDAY)
        assert told(asked)["messages{state=planned}"] == 1
        with engine.begin() as connection:
            connection.execute(update(messages).values(state="accepted"))
        clock.pass_by(seconds=59)
        assert told(asked)["messages{state=planned}"] == 1
        assert len(over_all) == 1
        clock.pass_by(seconds=1)
        assert told(asked)["messages{state=accepted}"] == 1
    finally:
        event.remove(engine, "before_cursor_execute", seen)


def test_open_call_requests_are_told_by_state(engine: Engine) -> None:
    with engine.begin() as connection:
        for place, state in enumerate(("waiting", "waiting", "taken", "done", "withdrawn")):
            row = {"fingerprint": f"{place:032x}", "language": "fr", "channel": "sms", "state": state}
            connection.execute(insert(call_requests).values(**row, asked_at=THURSDAY, changed_at=THURSDAY))
    shown = told(measures(engine))
    assert (shown["call_requests_open{state=waiting}"], shown["call_requests_open{state=taken}"]) == (2, 1)
    assert not any("done" in name for name in shown)


def test_how_long_the_carrier_took_is_told_in_classes_that_count_up(engine: Engine) -> None:
    counters = Counters()
    took = counting_latency(counters)
    for seconds, result in ((0.05, "sent"), (0.1, "sent"), (0.7, "busy"), (12.0, "unsure"), (20.0, "unsure")):
        took("sms", seconds, result)
    took("voice", 0.2, "sent")
    Tallies(engine, counters, PeopleHelped(KEY), Clock()).write()
    (times,) = (measure for measure in measures(engine)() if isinstance(measure, Times))
    by_channel = {labels["channel"]: (counts, total) for labels, counts, total in times.series}
    counts, total = by_channel["sms"]
    assert [count for _, count in sorted(counts.items())] == [2, 0, 0, 1, 0, 0, 0, 1, 1]
    assert total == pytest.approx(32.85)
    assert sum(by_channel["voice"][0].values()) == 1
    assert told(measures(engine))["carrier_answers{channel=sms,result=unsure}"] == 2


def test_what_is_down_is_told_and_what_is_up_all_the_same(engine: Engine) -> None:
    def away() -> Mapping[str, int]:
        raise RedisAway

    shown = told(Measures(engine, QUEUES, away, Clock()))
    assert (shown["database_up{}"], shown["redis_up{}"]) == (1, 0)
    nowhere = open_records("sqlite:////nowhere/at/all.db")
    assert told(measures(nowhere, jobs={"bulk": 7})) == {
        "database_up{}": 0,
        "redis_up{}": 1,
        "jobs_waiting{queue=bulk}": 7,
    }
