"""What the carrier reports of a call: by rank, in any order; who was not reached is called again, twice."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from helpline.reminders.statuses import ONCE_MORE_AFTER, Report, follow, read_report
from tests.reminders.bench import Bench
from tests.reminders.people import paris

SID = "CA" + "1" * 32


def taken(bench: Bench, tries: int = 1, **columns: Any) -> int:
    """A call that the carrier took in this try."""
    state = {"state": "accepted", "tries": tries, "sid": SID, "claimed_at": bench.clock()}
    return bench.call(**(state | columns))


def told(bench: Bench, message: int, status: str, code: int = 0, tries: int = 1, sid: str = SID) -> None:
    with bench.engine.begin() as connection:
        follow(connection, bench.prompts.menus.calendar, Report(message, tries, sid, status, code), bench.clock())


def test_a_call_goes_on_as_it_is_reported(bench: Bench) -> None:
    message = taken(bench)
    for status, state in [
        ("queued", "accepted"),
        ("ringing", "accepted"),
        ("in-progress", "accepted"),
        ("completed", "delivered"),
    ]:
        told(bench, message, status)
        assert bench.state(message) == state


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["initiated", "ringing", "in-progress", "completed", "completed"]))
)
def test_in_whatever_order_and_however_often_the_end_is_the_same(sqlite_bench: Bench, order: tuple[str, ...]) -> None:
    message = taken(sqlite_bench)
    for status in order:
        told(sqlite_bench, message, status)
    assert sqlite_bench.state(message) == "delivered"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_who_was_not_reached_is_called_again_three_quarters_of_an_hour_later(bench: Bench, status: str) -> None:
    message = taken(bench)
    told(bench, message, status)
    told(bench, message, status)
    row = bench.row(message)
    assert (row.state, row.reason, row.due_at) == ("planned", f"again {status}", bench.clock() + ONCE_MORE_AFTER)
    assert timedelta(minutes=45) == ONCE_MORE_AFTER


def test_who_is_not_reached_in_three_calls_is_called_no_more(bench: Bench) -> None:
    message = taken(bench)
    for tries in (1, 2, 3):
        bench.change(message, state="accepted", tries=tries, sid=f"CA{tries:032}")
        told(bench, message, "busy", tries=tries, sid=f"CA{tries:032}")
        assert bench.state(message) == ("planned" if tries < 3 else "undelivered")
    assert bench.row(message).reason == "busy"


def test_who_is_reached_in_a_later_call_is_called_no_more(bench: Bench) -> None:
    message = taken(bench, tries=2, reason="again busy")
    told(bench, message, "completed", tries=2)
    assert (bench.state(message), bench.row(message).reason) == ("delivered", "")


def test_nobody_is_called_again_at_night(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 12, 19, 50)
    message = taken(bench, not_after=paris(2026, 12, 20))
    told(bench, message, "no-answer")
    due = bench.row(message).due_at
    assert due == paris(2026, 12, 14, 9), "the 13th is a Sunday"


def test_nobody_is_called_again_when_it_would_be_too_late(bench: Bench) -> None:
    message = taken(bench, not_after=bench.clock() + ONCE_MORE_AFTER)
    told(bench, message, "busy")
    assert (bench.state(message), bench.row(message).reason) == ("undelivered", "busy")


def test_a_call_that_we_called_off_is_over(bench: Bench) -> None:
    message = taken(bench)
    told(bench, message, "canceled")
    assert (bench.state(message), bench.row(message).reason) == ("failed", "canceled")


def test_a_number_that_is_none_ends_and_is_called_no_more(bench: Bench) -> None:
    message = taken(bench)
    told(bench, message, "failed", code=21217)
    assert (bench.state(message), bench.row(message).reason) == ("failed", "21217")


def test_a_network_that_is_out_is_tried_again(bench: Bench) -> None:
    message = taken(bench)
    told(bench, message, "failed", code=13224)
    assert (bench.state(message), bench.row(message).reason) == ("planned", "again 13224")


def test_a_report_of_an_earlier_call_leaves_a_later_one_alone(bench: Bench) -> None:
    message = taken(bench, tries=2, sid="CA" + "2" * 32)
    for status in ("ringing", "in-progress", "busy", "failed"):
        told(bench, message, status, tries=1)
    assert bench.state(message) == "accepted"


def test_a_report_may_come_before_our_own_answer_is_written_down(bench: Bench) -> None:
    message = bench.call(state="sending", tries=1, claimed_at=bench.clock())
    told(bench, message, "completed")
    assert (bench.state(message), bench.row(message).sid) == ("delivered", SID)


def test_a_report_keeps_a_call_from_being_made_again_that_was_not_found(bench: Bench) -> None:
    message = bench.call(state="planned", tries=1, reason="not found")
    told(bench, message, "completed")
    assert bench.state(message) == "delivered"


def test_a_report_of_a_call_is_read() -> None:
    form = {"CallSid": SID, "CallStatus": "no-answer", "CallDuration": "0", "SequenceNumber": "3"}
    assert read_report("17.2.0123456789ab", form) == Report(17, 2, SID, "no-answer", 0, "0123456789ab")
