"""The short form of the crash test, and that its verdict finds what it is for. The long form: scripts/crash-test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from helpline.menus.waves import Wave
from helpline.records.tables import messages
from helpline.simulator.carrier.journal import Message
from tests.crash.attack import Attack, Plan
from tests.crash.crowd import OCCURRENCE, WAVE, Person
from tests.crash.verdict import Verdict, judge
from tests.reminders.people import CALENDAR, a_caller, wave

SHORT = Plan(people=200, kills=12, pause=1.0, rate=20, late="0:0", settle_seconds=2, patience=90, hurry=True)
TURN = wave(WAVE, OCCURRENCE).moment(100)


@pytest.mark.timeout(240)
def test_every_reminder_goes_out_once_whatever_is_killed(tmp_path: Path) -> None:
    attack = Attack(replace(SHORT, seed=7), tmp_path, f"sqlite:///{tmp_path / 'helpline.db'}")
    verdict = attack.run()
    assert verdict.is_good, f"{verdict}\nlogs: {tmp_path}"
    assert verdict.once == 200
    assert attack.supervisor.kills.total() >= 12


def person(place: int, part: str = "wanted") -> Person:
    return Person(place, f"+3363998{place:04}", part, 100, TURN)  # type: ignore[arg-type]


def sent(to: Person, at: datetime = TURN + timedelta(seconds=1), sid: str = "SM1") -> Message:
    return Message(sid, to.number, "38123", "Bonjour", at.timestamp(), at.timestamp())


@pytest.fixture
def verdict_on(sqlite_engine: Engine) -> Callable[..., Verdict]:
    """Judges a journal, where a row for each message says `state`."""

    def judged(
        people: list[Person],
        accepted: list[Message],
        state: str = "delivered",
        sid: str | None = "SM1",
        stopped: dict[str, datetime] | None = None,
    ) -> Verdict:
        about: Wave = wave(WAVE, OCCURRENCE)
        caller = a_caller(sqlite_engine, 1)
        row = {"caller_id": caller, "kind": "update", "occurrence": OCCURRENCE, "wave": WAVE, "queue": "bulk"}
        times = {"due_at": TURN, "not_after": about.not_after, "changed_at": TURN}
        with sqlite_engine.begin() as connection:
            connection.execute(insert(messages).values(row | times | {"state": state, "sid": sid}))
        return judge(sqlite_engine, accepted, people, stopped or {}, CALENDAR, about)

    return judged


def faults(verdict: Verdict) -> dict[str, int]:
    return {name: count for name, count in verdict.faults.items() if count}


def test_the_verdict_is_good_when_everybody_got_theirs_once(verdict_on: Callable[..., Verdict]) -> None:
    verdict = verdict_on([person(1), person(2, "done")], [sent(person(1))])
    assert verdict.is_good
    assert faults(verdict) == {}


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ([], {"missing": 1}),
        ([sent(person(1)), sent(person(1), sid="SM2")], {"twice": 1}),
        ([sent(person(1)), sent(person(2), sid="SM2")], {"unwanted": 1}),
        ([sent(person(1), TURN - timedelta(seconds=1))], {"too_early": 1}),
        ([sent(person(1), TURN + timedelta(hours=12))], {"outside_hours": 1}),
        ([sent(person(1), TURN + timedelta(days=6))], {"too_late": 1}),
    ],
)
def test_the_verdict_finds_what_is_wrong(
    verdict_on: Callable[..., Verdict], accepted: list[Message], found: dict[str, int]
) -> None:
    verdict = verdict_on([person(1), person(2, "done")], accepted, sid=None)
    assert faults(verdict) == found
    assert not verdict.is_good


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("sending", {"in_doubt": 1, "not_at_rest": 1}),
        ("unknown", {"in_doubt": 1, "not_at_rest": 1}),
        ("planned", {"not_at_rest": 1}),
        ("expired", {}),
    ],
)
def test_the_verdict_finds_rows_that_have_not_come_to_rest(
    verdict_on: Callable[..., Verdict], state: str, found: dict[str, int]
) -> None:
    assert faults(verdict_on([person(1)], [sent(person(1))], state)) == found


def test_the_verdict_finds_a_row_that_points_to_another_message(verdict_on: Callable[..., Verdict]) -> None:
    assert faults(verdict_on([person(1)], [sent(person(1))], sid="SM9")) == {"other_sid": 1}


def test_whoever_texted_stop_in_time_must_get_nothing(verdict_on: Callable[..., Verdict]) -> None:
    anna = person(1, "stops")
    in_time = {anna.number: TURN - timedelta(minutes=1)}
    assert faults(verdict_on([anna], [sent(anna)], stopped=in_time)) == {"unwanted": 1}


def test_a_stop_in_the_last_seconds_may_cross_the_reminder(verdict_on: Callable[..., Verdict]) -> None:
    anna = person(1, "stops")
    assert faults(verdict_on([anna], [sent(anna)], stopped={anna.number: TURN - timedelta(seconds=3)})) == {}
