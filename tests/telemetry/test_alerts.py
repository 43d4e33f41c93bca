"""Alerts: each problem at most once an hour, by whoever finds it, and told again when it could not be sent."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine

from helpline.records.engine import open_records
from helpline.telemetry.alerts import Alerts, Problem, healthy, open_problems
from tests.databases import address
from tests.fresh_logs import captured_logs
from tests.server.running import wait_until

NOON = datetime(2026, 12, 8, 11, tzinfo=UTC)
LATE = Problem("overdue", "Texts have been due for 20 minutes.")
SPLIT = Problem("arrived", "Only 60 % arrived.")


class Operator:
    """Somebody with a phone. `away`: the carrier takes no text for it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.away = False
        self.now = NOON

    def send(self, text: str) -> bool:
        if not self.away:
            self.texts.append(text)
        return not self.away

    def clock(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def alerts(engine: Engine, operator: Operator) -> Alerts:
    return Alerts(engine, operator.send, operator.clock)


@pytest.fixture
def no_database() -> Iterator[Engine]:
    engine = open_records("sqlite:////nowhere/helpline.db")
    yield engine
    engine.dispose()


def opened(engine: Engine, operator: Operator) -> list[str]:
    with engine.connect() as connection:
        return [found.name for found in open_problems(connection, operator.now)]


def test_a_problem_is_told_by_sms_and_in_one_loud_line(alerts: Alerts, operator: Operator) -> None:
    with captured_logs() as lines:
        assert alerts.tell(LATE)
    assert operator.texts == ["Helpline: Texts have been due for 20 minutes."]
    loud = [line for line in lines if line["log_level"] == "critical"]
    assert [(line["event"], line["problem"]) for line in loud] == [("alert", "overdue")]


def test_the_same_problem_is_told_once_an_hour(alerts: Alerts, operator: Operator) -> None:
    for _ in range(13):
        alerts.tell(LATE)
        operator.pass_by(minutes=5)
    assert len(operator.texts) == 2


def test_other_problems_are_told_beside_it(alerts: Alerts, operator: Operator) -> None:
    alerts.tell(LATE)
    alerts.tell(SPLIT)
    assert len(operator.texts) == 2


def test_two_processes_tell_a_problem_once(engine: Engine, operator: Operator) -> None:
    other = open_records(address(engine))
    both = [Alerts(each, operator.send, operator.clock) for each in (engine, other)]
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda alerts: alerts.tell(LATE), both))
    other.dispose()
    assert sorted(told) == [False, True]
    assert len(operator.texts) == 1


def test_what_others_have_told_is_told_an_hour_later(alerts: Alerts, operator: Operator) -> None:
    paused = Problem("paused by carrier", "The carrier takes no texts.", told_at=NOON)
    assert not alerts.tell(paused)
    operator.pass_by(minutes=61)
    assert alerts.tell(paused)


def test_an_alert_that_could_not_be_sent_is_tried_again(alerts: Alerts, operator: Operator) -> None:
    operator.away = True
    alerts.tell(LATE)
    operator.pass_by(minutes=1)
    alerts.tell(LATE)
    operator.away = False
    operator.pass_by(minutes=4)
    alerts.tell(LATE)
    assert len(operator.texts) == 1


def test_a_sender_that_breaks_does_no_harm(engine: Engine, operator: Operator) -> None:
    def broken(text: str) -> bool:
        raise RuntimeError("no carrier")

    assert Alerts(engine, broken, operator.clock).tell(LATE)
    assert opened(engine, operator) == ["overdue"]


def test_without_a_database_a_problem_is_told_once_an_hour_too(no_database: Engine, operator: Operator) -> None:
    alerts = Alerts(no_database, operator.send, operator.clock)
    alerts.say("A withdrawal was lost.")
    alerts.say("A withdrawal was lost.")
    alerts.report([LATE])
    assert len(operator.texts) == 2
    operator.pass_by(minutes=61)
    alerts.say("A withdrawal was lost.")
    assert len(operator.texts) == 3
    assert not healthy(no_database, operator.now)


def test_what_happened_is_told_once_however_the_figures_change(alerts: Alerts, operator: Operator) -> None:
    alerts.say("3 texts were given up.")
    alerts.say("4 texts were given up.")
    alerts.say("The disk is full.")
    assert operator.texts == ["Helpline: 3 texts were given up.", "Helpline: The disk is full."]


def test_a_watched_problem_is_open_until_the_watch_finds_it_no_more(
    engine: Engine, alerts: Alerts, operator: Operator
) -> None:
    alerts.report([LATE, SPLIT])
    assert opened(engine, operator) == ["arrived", "overdue"]
    operator.pass_by(minutes=5)
    alerts.report([SPLIT])
    assert opened(engine, operator) == ["arrived"]


def test_what_happened_once_is_open_for_an_hour(engine: Engine, alerts: Alerts, operator: Operator) -> None:
    alerts.say("The disk is full.")
    alerts.report([])
    assert len(opened(engine, operator)) == 1
    operator.pass_by(minutes=61)
    assert opened(engine, operator) == []


def test_a_problem_that_comes_and_goes_is_told_once_an_hour(alerts: Alerts, operator: Operator) -> None:
    for _ in range(6):
        alerts.report([LATE])
        operator.pass_by(minutes=4)
        alerts.report([])
        operator.pass_by(minutes=4)
    assert len(operator.texts) == 1


def test_a_helpline_is_healthy_if_it_is_watched_and_nothing_is_found(
    engine: Engine, alerts: Alerts, operator: Operator
) -> None:
    assert not healthy(engine, operator.now)
    alerts.report([])
    assert healthy(engine, operator.now)
    alerts.report([LATE])
    assert not healthy(engine, operator.now)
    alerts.report([])
    assert healthy(engine, operator.now)
    operator.pass_by(minutes=16)
    assert not healthy(engine, operator.now)


def test_an_alert_is_two_segments_at_most(alerts: Alerts, operator: Operator) -> None:
    alerts.say("x" * 1000)
    assert len(operator.texts[0]) == 300


def test_a_database_without_tables_does_no_harm(operator: Operator) -> None:
    engine = create_engine("sqlite://")
    Alerts(engine, operator.send, operator.clock).tell(LATE)
    assert len(operator.texts) == 1
    engine.dispose()


def test_who_must_not_wait_has_it_told_beside(alerts: Alerts, operator: Operator) -> None:
    alerts.say_beside("The disk is full.")
    wait_until(lambda: operator.texts, lambda: "nothing was told")
    assert "The disk is full." in operator.texts[0]
