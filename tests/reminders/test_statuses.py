"""What the carrier reports of a message: by rank, in any order, however often."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from helpline.records.tables import messages
from helpline.reminders.statuses import ONCE_MORE_AFTER, Report, follow, read_report, take
from tests.reminders.bench import Bench
from tests.reminders.people import paris

SID, OTHER_SID = "SM" + "1" * 32, "SM" + "2" * 32


def accepted(bench: Bench, tries: int = 1, **columns: Any) -> int:
    """A message that the carrier took in this try."""
    state = {"state": "accepted", "tries": tries, "sid": SID, "claimed_at": bench.clock()}
    return bench.message(**(state | columns))


def told(bench: Bench, message: int, status: str, code: int = 0, tries: int = 1, sid: str = SID) -> None:
    with bench.engine.begin() as connection:
        follow(connection, bench.prompts.menus.calendar, Report(message, tries, sid, status, code), bench.clock())


def test_a_message_goes_on_as_it_is_reported(bench: Bench) -> None:
    message = accepted(bench)
    for status, state in [
        ("queued", "accepted"),
        ("sending", "accepted"),
        ("sent", "sent"),
        ("delivered", "delivered"),
    ]:
        told(bench, message, status)
        assert bench.state(message) == state


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "sent", "delivered"])))
def test_in_whatever_order_and_however_often_the_end_is_the_same(sqlite_bench: Bench, order: tuple[str, ...]) -> None:
    message = accepted(sqlite_bench)
    for status in order:
        told(sqlite_bench, message, status)
    assert sqlite_bench.state(message) == "delivered"


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "undelivered"])))
def test_not_delivered_stays_so_whatever_comes_late(sqlite_bench: Bench, order: tuple[str, ...]) -> None:
    message = accepted(sqlite_bench)
    for status in order:
        told(sqlite_bench, message, status, code=30007 if status == "undelivered" else 0)
    assert (sqlite_bench.state(message), sqlite_bench.row(message).reason) == ("undelivered", "30007")


def test_a_report_may_come_before_our_own_answer_is_written_down(bench: Bench) -> None:
    message = bench.message(state="sending", tries=1, claimed_at=bench.clock())
    told(bench, message, "sent")
    row = bench.row(message)
    assert (row.state, row.sid) == ("sent", SID)


def test_a_report_settles_a_doubt(bench: Bench) -> None:
    message = bench.message(state="unknown", tries=1, claimed_at=bench.clock())
    told(bench, message, "delivered")
    assert (bench.state(message), bench.row(message).sid) == ("delivered", SID)


def test_a_report_keeps_a_message_from_going_again_that_was_not_found(bench: Bench) -> None:
    message = bench.message(state="planned", tries=1, reason="not found")
    told(bench, message, "sent")
    assert (bench.state(message), bench.row(message).sid) == ("sent", SID)


def test_a_report_of_an_earlier_try_leaves_a_later_one_alone(bench: Bench) -> None:
    message = bench.message(state="sending", tries=2, claimed_at=bench.clock())
    for status, code in [("queued", 0), ("sent", 0), ("undelivered", 30003), ("failed", 30008)]:
        told(bench, message, status, code)
        assert (bench.state(message), bench.row(message).sid) == ("sending", None)


@pytest.mark.parametrize("state", ["planned", "sending", "unknown", "accepted", "sent", "undelivered"])
def test_but_delivered_is_delivered(bench: Bench, state: str) -> None:
    message = bench.message(state=state, tries=2)
    told(bench, message, "delivered")
    assert bench.state(message) == "delivered"


def test_a_report_of_a_try_that_never_was_changes_nothing(bench: Bench) -> None:
    message = accepted(bench)
    for status in ("sent", "delivered", "failed"):
        told(bench, message, status, tries=2)
    assert bench.state(message) == "accepted"


@pytest.mark.parametrize("status", ["sent", "delivered", "undelivered", "failed"])
def test_what_is_said_of_another_text_than_this_trys_changes_nothing(bench: Bench, status: str) -> None:
    message = accepted(bench)
    told(bench, message, status, 30003, sid=OTHER_SID)
    assert (bench.state(message), bench.row(message).sid) == ("accepted", SID)


@pytest.mark.parametrize("status", ["receiving", "received", "", "partially_delivered", "DELIVERED"])
def test_words_that_we_do_not_know_change_nothing(sqlite_bench: Bench, status: str) -> None:
    message = accepted(sqlite_bench)
    told(sqlite_bench, message, status)
    assert sqlite_bench.state(message) == "accepted"


def test_of_a_message_that_is_erased_nothing_is_known(bench: Bench) -> None:
    told(bench, 4711, "delivered")
    told(bench, 4711, "undelivered", 21610)
    with bench.engine.begin() as connection:
        assert connection.execute(select(messages)).all() == []


def test_a_sid_that_another_message_has_by_mistake_is_left_to_it(bench: Bench) -> None:
    first = accepted(bench)
    second = bench.message(state="sending", tries=1)
    told(bench, second, "sent")
    assert (bench.state(second), bench.row(second).sid, bench.row(first).sid) == ("sent", None, SID)


# Once more.


@pytest.mark.parametrize("status", ["undelivered", "failed"])
@pytest.mark.parametrize("code", [30003, 30008, 30036, 30001, 30002, 0, 39999])
def test_what_did_not_arrive_by_chance_goes_once_more(bench: Bench, status: str, code: int) -> None:
    message = accepted(bench)
    told(bench, message, status, code)
    row = bench.row(message)
    why = f"again {code}" if code else "again"
    assert (row.state, row.reason, row.due_at) == ("planned", why, bench.clock() + ONCE_MORE_AFTER)
    told(bench, message, "sent")
    assert bench.state(message) == "planned", "a late report of the first try does not keep the second one back"
    bench.clock.now += ONCE_MORE_AFTER
    assert bench.deliver().accepted == 1
    assert (bench.row(message).tries, bench.row(message).sid != SID) == (2, True)


def test_it_goes_once_more_and_then_no_more(bench: Bench) -> None:
    message = accepted(bench, tries=2)
    told(bench, message, "undelivered", 30003, tries=2)
    assert (bench.state(message), bench.row(message).reason) == ("undelivered", "30003")


def test_what_would_come_too_late_does_not_go_once_more(bench: Bench) -> None:
    message = accepted(bench, not_after=bench.clock() + ONCE_MORE_AFTER)
    told(bench, message, "undelivered", 30003)
    assert bench.state(message) == "undelivered"


def test_a_reminder_goes_once_more_in_the_hours_only(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 12, 18, 50)  # Saturday evening: the next hours are on Monday
    late = accepted(bench)
    told(bench, late, "undelivered", 30003)
    assert bench.state(late) == "undelivered"
    in_time = accepted(bench, sid=OTHER_SID, not_after=bench.clock() + timedelta(days=3))
    told(bench, in_time, "undelivered", 30003, sid=OTHER_SID)
    assert bench.row(in_time).due_at == paris(2026, 12, 14, 9)
    answer = bench.message(kind="welcome", state="accepted", tries=1)
    told(bench, answer, "undelivered", 30003, sid="SM" + "3" * 32)
    assert bench.row(answer).due_at == bench.clock() + ONCE_MORE_AFTER


@pytest.mark.parametrize("code", [21610, 30004, 30005, 30006, 30007])
def test_what_will_not_arrive_either_does_not_go_once_more(bench: Bench, code: int) -> None:
    message = accepted(bench)
    told(bench, message, "undelivered", code)
    assert (bench.state(message), bench.row(message).reason) == ("undelivered", str(code))


def test_what_somebody_called_off_at_the_carrier_does_not_go_once_more(bench: Bench) -> None:
    message = accepted(bench)
    told(bench, message, "canceled")
    assert bench.state(message) == "failed"


def test_a_message_is_moved_once_by_two_equal_reports(bench: Bench) -> None:
    message = accepted(bench)
    with bench.engine.begin() as connection:
        report = Report(message, 1, SID, "undelivered", 30003)
        assert take(connection, report, bench.clock()) == "undelivered"
        assert take(connection, report, bench.clock()) is None


@pytest.mark.parametrize(
    ("about", "form", "report"),
    [
        ("7.2.ab", {"MessageSid": SID, "MessageStatus": "sent"}, Report(7, 2, SID, "sent", mark="ab")),
        ("7.2.ab", {"SmsSid": SID, "SmsStatus": "sent"}, Report(7, 2, SID, "sent", mark="ab")),
        (
            "7.2.ab",
            {"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "30005"},
            Report(7, 2, SID, "failed", 30005, "ab"),
        ),
        ("7.2.ab", {"MessageStatus": "sent", "ErrorCode": "odd"}, Report(7, 2, "", "sent", mark="ab")),
        ("", {}, None),
        ("7", {}, None),
        ("7.", {}, None),
        (".2", {}, None),
        ("x.y", {}, None),
        ("-7.2", {}, None),
        ("7.2", {}, None),
        ("7.2.3.4", {}, None),
        ("٧.٢.ab", {}, None),
        ("9" * 40 + ".1.ab", {}, None),
    ],
)
def test_a_callback_is_read_as_a_report(about: str, form: dict[str, str], report: Report | None) -> None:
    assert read_report(about, form) == report
