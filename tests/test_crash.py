"""The short form of the crash test, and that its verdict finds what it is for. The long form: scripts/crash-test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from helpline.menus.waves import Wave
from helpline.records.tables import messages
from helpline.simulator.carrier.calls_journal import KeptCall
from helpline.simulator.carrier.journal import Message
from tests.crash.attack import Attack, Plan
from tests.crash.crowd import OCCURRENCE, WAVE, Person
from tests.crash.verdict import Verdict, judge
from tests.reminders.people import CALENDAR, a_caller, wave

SHORT = Plan(
    people=200,
    called=24,
    kills=8,
    pause=1.0,
    rate=20,
    calls_rate=5,
    answering="busy:0.25,machine:0.2,silence:0.1,human:1",
    late="0:0",
    settle_seconds=2,
    patience=180,
    hurry=True,
)
TURN = wave(WAVE, OCCURRENCE).moment(100)


@pytest.mark.timeout(400)
def test_every_reminder_goes_out_once_whatever_is_killed(tmp_path: Path) -> None:
    attack = Attack(replace(SHORT, seed=7), tmp_path, f"sqlite:///{tmp_path / 'helpline.db'}")
    verdict = attack.run()
    assert verdict.is_good, f"{verdict}\nlogs: {tmp_path}"
    assert verdict.once == 200
    assert verdict.calls.reached_once + verdict.calls.not_reached == 24
    assert attack.supervisor.kills.total() >= 8


def person(place: int, part: str = "wanted", channel: str = "sms") -> Person:
    return Person(place, f"+3363998{place:04}", part, 100, TURN, channel)  # type: ignore[arg-type]


def called(
    to: Person,
    at: datetime = TURN + timedelta(seconds=1),
    sid: str = "CA1",
    status: str = "completed",
    heard: bool = True,
) -> KeptCall:
    return KeptCall(sid, to.number, "+33199001234", "outbound-api", at.timestamp(), status, heard=heard)


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
        calls: Sequence[KeptCall] = (),
        **columns: Any,
    ) -> Verdict:
        about: Wave = wave(WAVE, OCCURRENCE)
        caller = a_caller(sqlite_engine, 1)
        row = {"caller_id": caller, "kind": "update", "occurrence": OCCURRENCE, "wave": WAVE, "queue": "bulk"}
        times = {"due_at": TURN, "not_after": about.not_after, "changed_at": TURN}
        with sqlite_engine.begin() as connection:
            connection.execute(insert(messages).values(row | times | {"state": state, "sid": sid} | columns))
        return judge(sqlite_engine, accepted, people, stopped or {}, CALENDAR, about, calls)

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


# Of calls. The row is that of the first person.

OLGA, OMAR = person(1, channel="voice"), person(2, "done", channel="voice")
LATER = TURN + timedelta(minutes=45)
BUSY = [called(OLGA, TURN + number * timedelta(minutes=45), f"CA{number}", "busy") for number in range(4)]
GIVEN_UP = {"queue": "calls", "state": "undelivered", "tries": 3}


def test_the_verdict_is_good_when_everybody_was_reached_in_one_call(verdict_on: Callable[..., Verdict]) -> None:
    verdict = verdict_on([OLGA, OMAR], [], sid="CA1", calls=[*BUSY[:1], called(OLGA, LATER)], queue="calls")
    assert verdict.is_good
    assert (verdict.calls.wanted, verdict.calls.reached_once, verdict.wanted) == (1, 1, 0)


def test_the_verdict_is_good_when_somebody_was_busy_three_times(verdict_on: Callable[..., Verdict]) -> None:
    verdict = verdict_on([OLGA], [], sid="CA2", calls=BUSY[:3], **GIVEN_UP)
    assert verdict.is_good
    assert (verdict.calls.reached_once, verdict.calls.not_reached) == (0, 1)


def test_a_call_in_which_nothing_was_said_reaches_nobody(verdict_on: Callable[..., Verdict]) -> None:
    silent = called(OLGA, sid="CA0", heard=False)
    verdict = verdict_on([OLGA], [], sid="CA0", calls=[silent], queue="calls", tries=1)
    assert (verdict.calls.reached_once, verdict.calls.not_reached, verdict.calls.unheard) == (0, 1, 1)
    assert verdict.calls.faults["too_few"] == 1
    assert not verdict.is_good


def test_the_verdict_is_good_when_somebody_who_heard_nothing_was_reached_later(
    verdict_on: Callable[..., Verdict],
) -> None:
    calls = [called(OLGA, sid="CA0", heard=False), called(OLGA, LATER)]
    verdict = verdict_on([OLGA], [], sid="CA1", calls=calls, queue="calls")
    assert verdict.is_good
    assert (verdict.calls.reached_once, verdict.calls.unheard) == (1, 1)


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([], {"missing"}),
        ([called(OLGA), called(OLGA, LATER, "CA2")], {"twice", "on_after_reached"}),
        ([called(OLGA), called(OLGA, LATER, "CA2", "busy")], {"on_after_reached"}),
        (BUSY, {"too_many"}),
        ([called(OLGA), called(OMAR, sid="CA2")], {"unwanted"}),
        ([called(OLGA, TURN - timedelta(seconds=1))], {"too_early"}),
        ([called(OLGA, TURN + timedelta(hours=12))], {"outside_hours"}),
        ([called(OLGA, TURN + timedelta(days=6))], {"too_late"}),
    ],
)
def test_the_verdict_finds_what_is_wrong_with_calls(
    verdict_on: Callable[..., Verdict], calls: list[KeptCall], found: set[str]
) -> None:
    verdict = verdict_on([OLGA, OMAR], [], sid=None, calls=calls, **GIVEN_UP)
    assert {name for name, count in verdict.calls.faults.items() if count} == found
    assert not verdict.is_good


def test_the_verdict_finds_who_was_given_up_too_soon(verdict_on: Callable[..., Verdict]) -> None:
    verdict = verdict_on([OLGA], [], sid="CA1", calls=BUSY[:2], **(GIVEN_UP | {"tries": 2}))
    assert verdict.calls.faults["too_few"] == 1
    assert not verdict.is_good
