"""What is keyed in a call, and what was heard as an answer that is kept."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.when import When, answer_of, hear_digits, read_answer
from tests.conversation.when.written import at, every_day

NOW = at(2026, 11, 22)


def test_every_day_of_five_years_is_heard_by_keys() -> None:
    wrong = []
    for day in every_day():
        before = day - timedelta(20)
        now = at(before.year, before.month, before.day)
        for keys in (f"{day:%d%m}", f"{day:%d%m%y}", f"{day:%d%m%Y}#"):
            if hear_digits(keys, "day", now) != When(day):
                wrong.append((keys, hear_digits(keys, "day", now)))
    assert wrong == []


def test_every_minute_of_a_day_is_heard_by_keys() -> None:
    for hour in range(24):
        for minute in range(60):
            when = hear_digits(f"{hour:02}{minute:02}", "time", NOW)
            if 1 <= hour <= 5:
                later = time(hour + 12, minute)
                assert when == When(clock=later, problem="ambiguous", others=(f"{hour:02}:{minute:02}",))
            else:
                assert when == When(clock=time(hour, minute))


def test_a_moment_is_keyed_as_day_and_time() -> None:
    assert answer_of(hear_digits("12121430", "moment", NOW), "moment") == "2026-12-12T14:30"
    assert hear_digits("1212", "moment", NOW) == When(date(2026, 12, 12))


def test_a_month_and_a_year_are_keyed_for_a_paper() -> None:
    assert answer_of(hear_digits("032027", "day", NOW), "day") == "2027-03"


@pytest.mark.parametrize(
    ("keys", "asked", "problem"),
    [
        ("3102", "day", "impossible"),
        ("9999", "day", "impossible"),
        ("0000", "day", "impossible"),
        ("1225", "day", "impossible"),
        ("1211", "day", "past"),
        ("121126", "day", "past"),
        ("12", "day", "none"),
        ("", "day", "none"),
        ("0612345678", "day", "none"),
        ("*", "day", "none"),
        ("12a2", "day", "none"),
        ("2460", "time", "impossible"),
        ("2500", "time", "impossible"),
        ("14300", "time", "none"),
        ("", "time", "none"),
    ],
)
def test_keys_that_are_no_answer_say_why(keys: str, asked: str, problem: str) -> None:
    assert hear_digits(keys, asked, NOW).problem == problem  # type: ignore[arg-type]


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
)
def test_an_answer_is_read_as_what_was_heard(day: date, clock: time) -> None:
    for when, asked in (
        (When(day), "day"),
        (When(day.replace(day=1), month_only=True), "day"),
        (When(clock=clock), "time"),
        (When(day, clock), "moment"),
    ):
        assert read_answer(answer_of(when, asked)) == when  # type: ignore[arg-type]


def test_a_moment_that_is_not_whole_is_no_answer() -> None:
    assert answer_of(When(date(2026, 12, 12)), "moment") == ""
    assert answer_of(When(clock=time(14)), "moment") == ""
    assert answer_of(When(), "day") == ""
    assert answer_of(When(problem="none"), "time") == ""


@given(st.text() | st.from_regex(r"[0-9T:\-]{0,16}"))
def test_whatever_is_no_answer_reads_as_none(text: str) -> None:
    when = read_answer(text)
    if when.problem == "":
        assert text in {answer_of(when, asked) for asked in ("day", "time", "moment")}  # type: ignore[arg-type]
    else:
        assert when == When(problem="none")
