"""Delivery: what is due goes out once, in its hours, before its deadline, in today's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from helpline.carrier.callers import fingerprint
from helpline.reminders.claiming import body_mark
from helpline.reminders.delivery import deliver
from helpline.reminders.words import words
from tests.reminders.bench import KEY, Bench
from tests.reminders.people import paris


def test_what_is_due_is_sent_and_accepted(bench: Bench) -> None:
    message = bench.message()
    assert bench.deliver().accepted == 1
    (sent,) = bench.sent(message)
    row = bench.row(message)
    assert (row.state, row.sid, row.tries, row.reason) == ("accepted", sent.sid, 1, "")
    assert (row.claimed_at, row.body_mark) == (bench.clock(), body_mark(sent.body, KEY))
    assert "mardi 15 décembre" in sent.body
    assert f"message={bench.about(message)}#" in sent.callback


def test_what_is_not_due_yet_waits(bench: Bench) -> None:
    message = bench.message(due_at=bench.clock() + timedelta(seconds=1))
    assert bench.deliver().accepted == 0
    bench.clock.pass_by(seconds=1)
    assert bench.deliver().accepted == 1
    assert len(bench.sent(message)) == 1


def test_a_queue_is_left_to_its_own_workers(bench: Bench) -> None:
    reminder, reply = bench.message(), bench.message(kind="welcome")
    assert bench.deliver("replies").accepted == 1
    assert (bench.state(reminder), bench.state(reply)) == ("planned", "accepted")


def test_each_caller_reads_their_language(bench: Bench) -> None:
    french, english, other = (bench.message(bench.caller(language=code)) for code in ("fr", "en", "uk"))
    bench.deliver()
    assert "Dernier jour" in bench.sent(french)[0].body
    assert "Last day" in bench.sent(english)[0].body
    assert "Dernier jour" in bench.sent(other)[0].body


def test_a_sent_text_is_the_callers_last_message(bench: Bench) -> None:
    bench.message(bench.caller("+33639970001", language="en"))
    bench.deliver()
    (accepted,) = bench.remembered
    assert accepted.fingerprint == fingerprint("+33639970001", KEY)
    assert (accepted.language, accepted.at) == ("en", bench.clock())
    assert accepted.place == words(bench.prompts, "update", "last", "en", bench.clock())[1]


def test_a_sent_text_that_cannot_be_remembered_stays_sent(sqlite_bench: Bench) -> None:
    def broken(accepted: object) -> None:
        raise ConnectionError("no Redis")

    message = sqlite_bench.message()
    assert deliver(replace(sqlite_bench.sender, remember=broken), "bulk").accepted == 1
    assert sqlite_bench.state(message) == "accepted"


# In the hours, before the deadline.


@pytest.mark.parametrize(
    "moment",
    [
        paris(2026, 12, 12, 8, 59),
        paris(2026, 12, 12, 19, 0),
        paris(2026, 12, 13, 12),  # a Sunday
        paris(2026, 12, 25, 12),
    ],
)
def test_outside_the_hours_only_answers_go_out(bench: Bench, moment: datetime) -> None:
    bench.clock.now = moment
    reminder, question = bench.message(), bench.message(kind="keep", queue="bulk")
    answers = [bench.message(kind="welcome"), bench.message(bench.caller(subscribed=False), kind="stopped")]
    bench.deliver("bulk")
    assert bench.deliver("replies").accepted == 2
    assert bench.states([reminder, question, *answers]) == ["planned", "planned", "accepted", "accepted"]


def test_a_text_must_leave_the_carrier_within_the_hours(sqlite_bench: Bench) -> None:
    asked = _validities(sqlite_bench)
    sqlite_bench.clock.now = paris(2026, 12, 12, 18, 50)
    sqlite_bench.message()
    sqlite_bench.deliver()
    assert asked == [600]


def test_a_text_must_leave_the_carrier_before_it_is_too_late(sqlite_bench: Bench) -> None:
    asked = _validities(sqlite_bench)
    sqlite_bench.message(not_after=sqlite_bench.clock() + timedelta(minutes=5))
    sqlite_bench.deliver()
    assert asked == [300]


def test_an_answer_may_leave_at_any_hour(sqlite_bench: Bench) -> None:
    asked = _validities(sqlite_bench)
    sqlite_bench.clock.now = paris(2026, 12, 12, 18, 50)
    sqlite_bench.message(kind="welcome")
    sqlite_bench.deliver("replies")
    assert asked == [36_000]


def _validities(bench: Bench) -> list[int]:
    """The seconds for which each text is given to the carrier."""
    found: list[int] = []
    make = bench.carrier

    class Watched:
        def __init__(self) -> None:
            self.carrier = make()

        def send(self, to: str, body: str, valid_seconds: int, report: str) -> object:
            found.append(valid_seconds)
            return self.carrier.send(to, body, valid_seconds, report)

    bench.carrier = Watched  # type: ignore[assignment, method-assign]
    return found


def test_what_is_too_late_expires(bench: Bench) -> None:
    late = [bench.message(not_after=bench.clock() - timedelta(minutes=1)) for _ in range(3)]
    in_time = bench.message()
    delivered = bench.deliver(most=2)
    assert (delivered.accepted, delivered.given_up) == (1, 3)
    assert bench.states([*late, in_time]) == ["expired"] * 3 + ["accepted"]
    assert bench.sent(*late) == []


def test_on_the_last_day_a_late_reminder_says_so(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 15, 10)
    message = bench.message()
    bench.deliver()
    assert "aujourd'hui" in bench.sent(message)[0].body
