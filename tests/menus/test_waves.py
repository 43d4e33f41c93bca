"""The days of reminders, against a table written by hand (tests/data/waves.tsv), and what holds of every calendar."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from helpline.menus.shapes import Calendar, SendingHours, WaveRule, Window
from helpline.menus.waves import (
    Wave,
    is_allowed,
    may_send_until,
    next_allowed,
    next_wave,
    occurrence_now,
    wave_of,
    waves_between,
    waves_of,
)
from helpline.menus.windows import PARIS
from tests.menus.calendars import USUAL

DATA = Path(__file__).parents[1] / "data"
NAMES = ("opening", "middle", "last", "missed")


def table(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def paris(written: str) -> datetime:
    """'2026-12-15 19:00' in France."""
    return datetime.fromisoformat(written).replace(tzinfo=PARIS)


def november(opens: str, closes: str) -> Calendar:
    """The calendar with another window for November 2026."""
    return replace(USUAL, overrides={(2026, 11): Window(date.fromisoformat(opens), date.fromisoformat(closes))})


def days_of(waves: tuple[Wave, ...]) -> dict[str, str]:
    return {wave.name: wave.begins.date().isoformat() for wave in waves}


def test_the_table_has_every_month_of_the_calendar() -> None:
    assert [row["month"] for row in table("waves.tsv")] == [row["month"] for row in table("calendar.tsv")]
    assert len(table("waves.tsv")) == 49


@pytest.mark.parametrize("row", table("waves.tsv"), ids=lambda row: row["month"])
def test_the_waves_of_each_month_are_those_of_the_table(row: dict[str, str]) -> None:
    year, month = map(int, row["month"].split("-"))
    waves = waves_of(USUAL, year, month)
    assert days_of(waves) == {name: row[name] for name in NAMES}
    assert {wave.occurrence for wave in waves} == {row["month"]}
    assert [wave.for_last for wave in waves] == [False, False, True, False]
    closes = {line["month"]: line["close_midnight"] for line in table("calendar.tsv")}
    assert {wave.deadline.isoformat() for wave in waves} == {closes[row["month"]]}
    assert [wave.not_after for wave in waves[:3]] == [
        paris(f"{row['middle']} 09:00"),
        paris(f"{row['last']} 09:00"),
        paris(f"{row['late_until']} 19:00"),
    ]
    for wave in waves:
        day = wave.begins.date()
        assert (wave.begins, wave.spread_until) == (paris(f"{day} 09:00"), paris(f"{day} 18:00"))
        assert wave_of(USUAL, row["month"], wave.name) == wave


def test_each_wave_of_four_years_comes_once_and_in_order() -> None:
    expected = [f"{row[name]} {name}" for row in table("waves.tsv") for name in NAMES]
    found = waves_between(USUAL, paris("2023-12-20 00:00"), paris("2028-01-20 00:00"))
    assert [f"{wave.begins.date()} {wave.name}" for wave in found] == expected == sorted(expected)


def test_no_month_of_the_usual_calendar_has_more_than_four_reminders() -> None:
    found = waves_between(USUAL, paris("2024-01-01 00:00"), paris("2040-01-01 00:00"))
    months = [f"{wave.begins:%Y-%m}" for wave in found]
    assert max(months.count(month) for month in months) == 4


@pytest.mark.parametrize(
    ("name", "until"),
    [
        ("2026-11", "2026-12-22 19:00"),
        ("2026-07", "2026-08-22 19:00"),  # the 23rd is a Sunday
        ("2024-10", "2024-11-22 19:00"),
        ("2025-04", "2025-05-22 19:00"),
        ("2027-04", "2027-05-24 19:00"),
    ],
)
def test_a_reminder_after_the_end_goes_for_seven_days_within_hours(name: str, until: str) -> None:
    missed = wave_of(USUAL, name, "missed")
    assert missed is not None
    assert missed.not_after == paris(until)


@pytest.mark.parametrize(
    ("deadline", "until"),
    [
        ("2026-12-14", "2026-12-14 19:00"),
        ("2026-12-13", "2026-12-12 19:00"),  # a Sunday
        ("2026-12-25", "2026-12-24 19:00"),  # Christmas, a Friday
        ("2026-12-27", "2026-12-26 19:00"),  # a Sunday; the 26th is a holiday in Alsace only
    ],
)
def test_a_late_reminder_may_still_go_on_the_last_day_but_only_within_hours(deadline: str, until: str) -> None:
    last = waves_of(november("2026-11-28", deadline), 2026, 11)[2]
    assert last.name == "last"
    assert last.not_after == paris(until)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        pytest.param(
            "2026-11-28",
            "2026-12-16",
            {"opening": "2026-11-28", "middle": "2026-12-09", "last": "2026-12-14", "missed": "2026-12-17"},
            id="the deadline is a day later",
        ),
        pytest.param(
            "2026-11-30",
            "2026-12-27",
            {"opening": "2026-11-30", "middle": "2026-12-21", "last": "2026-12-24"},
            id="the day after the end is that of the next opening: one message, and it is that one",
        ),
        pytest.param(
            "2026-12-05",
            "2026-12-13",
            {"opening": "2026-12-05", "middle": "2026-12-07", "last": "2026-12-11", "missed": "2026-12-14"},
            id="a Saturday and the Monday after it are two days",
        ),
        pytest.param(
            "2026-12-06",
            "2026-12-13",
            {"middle": "2026-12-07", "last": "2026-12-11", "missed": "2026-12-14"},
            id="opening and middle meet on a Monday",
        ),
        pytest.param(
            "2026-12-08",
            "2026-12-10",
            {"last": "2026-12-08", "missed": "2026-12-11"},
            id="all three meet on the first of three days",
        ),
        pytest.param(
            "2026-12-13",
            "2026-12-15",
            {"last": "2026-12-14", "missed": "2026-12-16"},
            id="the day before would be before the opening, so it is the next",
        ),
        pytest.param(
            "2026-12-24",
            "2026-12-26",
            {"last": "2026-12-24"},
            id="Christmas, a Saturday, a Sunday, and the next opening",
        ),
        pytest.param("2026-12-15", "2026-12-15", {"missed": "2026-12-16"}, id="one day is the last day"),
        pytest.param("2026-12-13", "2026-12-14", {"missed": "2026-12-15"}, id="a Sunday, then the last day"),
    ],
)
def test_an_exception_moves_the_waves_of_its_month(opens: str, closes: str, expected: dict[str, str]) -> None:
    calendar = november(opens, closes)
    assert days_of(waves_of(calendar, 2026, 11)) == expected
    assert days_of(waves_of(calendar, 2026, 12)) == days_of(waves_of(USUAL, 2026, 12))


def test_a_month_with_no_day_to_remind_on_still_tells_who_forgot() -> None:
    (missed,) = waves_of(november("2026-12-15", "2026-12-15"), 2026, 11)
    assert (missed.name, missed.not_after) == ("missed", paris("2026-12-22 19:00"))


def test_where_waves_meet_nobody_who_wants_one_reminder_goes_without_it() -> None:
    rules = (WaveRule("last", "closes", -3, "next", for_last=True), WaveRule("middle", "closes", -3, "next"))
    (met,) = waves_of(replace(USUAL, waves=rules), 2026, 11)
    assert (met.name, met.for_last) == ("middle", True)
    assert wave_of(replace(USUAL, waves=rules), "2026-11", "last") is None


def test_a_later_rule_never_comes_before_an_earlier_one() -> None:
    # Sunday 13 December moves on to Monday 14 and back to Saturday 12: "the last reminder" is the one that counts.
    rules = (WaveRule("middle", "closes", -2, "next"), WaveRule("last", "closes", -2, "before", for_last=True))
    assert days_of(waves_of(replace(USUAL, waves=rules), 2026, 11)) == {"last": "2026-12-12"}


@pytest.mark.parametrize("occurrence", ["", "2026", "2026-13", "2026-11-01", "novembre", "2026-11 "])
def test_what_is_no_month_has_no_wave(occurrence: str) -> None:
    assert wave_of(USUAL, occurrence, "last") is None
    assert wave_of(USUAL, "2026-11", "lost") is None


HOLIDAYS = """
2024-01-01 2024-04-01 2024-05-01 2024-05-08 2024-05-09 2024-05-20 2024-07-14 2024-08-15 2024-11-01 2024-11-11 2024-12-25
2025-01-01 2025-04-21 2025-05-01 2025-05-08 2025-05-29 2025-06-09 2025-07-14 2025-08-15 2025-11-01 2025-11-11 2025-12-25
2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15 2026-11-01 2026-11-11 2026-12-25
2027-01-01 2027-03-29 2027-05-01 2027-05-08 2027-05-06 2027-05-17 2027-07-14 2027-08-15 2027-11-01 2027-11-11 2027-12-25
2028-01-01 2028-04-17 2028-05-01 2028-05-08 2028-05-25 2028-06-05 2028-07-14 2028-08-15 2028-11-01 2028-11-11 2028-12-25
"""


def test_nobody_is_written_to_on_a_sunday_or_a_public_holiday_of_all_france() -> None:
    holidays = {date.fromisoformat(day) for day in HOLIDAYS.split()}
    day, forbidden = date(2024, 1, 1), set()
    while day.year < 2029:
        if not is_allowed(USUAL.hours, day):
            forbidden.add(day)
        day += timedelta(days=1)
    assert {day for day in forbidden if day.weekday() != 6} == {day for day in holidays if day.weekday() != 6}
    assert len([day for day in forbidden if day.weekday() == 6]) == 261
    # Holidays in Alsace only.
    assert is_allowed(USUAL.hours, date(2026, 4, 3))
    assert is_allowed(USUAL.hours, date(2026, 12, 26))


@pytest.mark.parametrize(
    ("now", "until", "following"),
    [
        ("2026-12-15 08:59:59", "", "2026-12-15 09:00"),
        ("2026-12-15 09:00", "2026-12-15 19:00", "2026-12-15 09:00"),
        ("2026-12-15 18:59:59", "2026-12-15 19:00", "2026-12-15 18:59:59"),
        ("2026-12-15 19:00", "", "2026-12-16 09:00"),
        ("2026-12-12 19:30", "", "2026-12-14 09:00"),  # over a Sunday
        ("2026-12-13 12:00", "", "2026-12-14 09:00"),
        ("2026-12-24 20:00", "", "2026-12-26 09:00"),  # over Christmas
        ("2026-12-31 23:59", "", "2027-01-02 09:00"),  # over the year's end
        ("2027-05-15 19:00", "", "2027-05-18 09:00"),  # over Whitsun
        ("2028-02-28 19:00", "", "2028-02-29 09:00"),
        ("2026-03-28 19:00", "", "2026-03-30 09:00"),  # over the night that is an hour shorter
        ("2026-10-24 19:00", "", "2026-10-26 09:00"),  # over the one that is an hour longer
        ("2026-10-25 02:30", "", "2026-10-26 09:00"),
    ],
)
def test_hours_are_kept_to_the_second(now: str, until: str, following: str) -> None:
    for moment in (paris(now), paris(now).astimezone(UTC)):
        assert may_send_until(USUAL, moment) == (paris(until) if until else None)
        assert next_allowed(USUAL, moment) == paris(following)


def test_nine_in_the_morning_is_nine_in_france_in_summer_and_in_winter() -> None:
    before = {row["month"]: waves_of(USUAL, *map(int, row["month"].split("-"))) for row in table("waves.tsv")}
    assert before["2026-03"][0].begins.astimezone(UTC) == datetime(2026, 3, 28, 8, tzinfo=UTC)  # Saturday
    assert before["2026-03"][1].begins.astimezone(UTC) == datetime(2026, 4, 8, 7, tzinfo=UTC)
    assert before["2026-10"][0].begins.astimezone(UTC) == datetime(2026, 10, 28, 8, tzinfo=UTC)
    assert before["2026-09"][3].begins.astimezone(UTC) == datetime(2026, 10, 16, 7, tzinfo=UTC)
    assert before["2026-10"][0].moment(32_768).astimezone(UTC) == datetime(2026, 10, 28, 12, 30, tzinfo=UTC)


def test_a_caller_has_a_moment_of_their_own_within_the_day() -> None:
    wave = waves_of(USUAL, 2026, 11)[0]
    assert wave.moment(0) == wave.begins
    assert wave.spread_until - timedelta(seconds=1) < wave.moment(65_535) < wave.spread_until
    assert wave.moment(16_384) == paris("2026-11-28 11:15")


@pytest.mark.parametrize(
    ("now", "scope", "expected"),
    [
        ("2026-11-22 12:00", "all", "2026-11-28"),
        ("2026-11-28 08:59:59", "all", "2026-11-28"),
        ("2026-11-28 09:00", "all", "2026-12-08"),
        ("2026-11-28 09:00", "last", "2026-12-12"),
        ("2026-12-12 09:00", "last", "2027-01-13"),
        ("2026-12-12 09:00", "all", "2026-12-16"),
        ("2026-12-31 23:59", "all", "2027-01-08"),
    ],
)
def test_the_next_reminder_is_the_first_that_has_not_begun(now: str, scope: str, expected: str) -> None:
    assert next_wave(USUAL, paris(now), "all" if scope == "all" else "last").begins.date().isoformat() == expected


@pytest.mark.parametrize(
    ("now", "occurrence", "following", "following_last"),
    [
        ("2026-11-20 12:00", "2026-10", "2026-11-28", "2026-12-12"),  # closed: October was declared last
        ("2026-11-28 00:00", "2026-11", "2026-12-28", "2027-01-13"),
        ("2026-12-15 23:59:59", "2026-11", "2026-12-28", "2027-01-13"),
        ("2026-12-16 00:00", "2026-11", "2026-12-28", "2027-01-13"),
        ("2026-12-27 23:59:59", "2026-11", "2026-12-28", "2027-01-13"),
        ("2026-12-28 00:00", "2026-12", "2027-01-28", "2027-02-13"),
        ("2027-02-20 12:00", "2027-01", "2027-02-26", "2027-03-13"),
        ("2028-02-26 00:00", "2028-02", "2028-03-28", "2028-04-13"),
    ],
)
def test_who_is_done_hears_of_the_next_update(now: str, occurrence: str, following: str, following_last: str) -> None:
    assert occurrence_now(USUAL, paris(now)) == occurrence
    assert next_wave(USUAL, paris(now), "all", occurrence).begins.date().isoformat() == following
    assert next_wave(USUAL, paris(now), "last", occurrence).begins.date().isoformat() == following_last


def test_after_an_exception_the_month_that_closed_last_is_still_the_one_that_is_done() -> None:
    later = november("2026-11-28", "2026-12-20")
    assert occurrence_now(later, paris("2026-12-20 23:00")) == "2026-11"
    assert occurrence_now(later, paris("2026-12-21 00:00")) == "2026-11"
    assert next_wave(later, paris("2026-12-21 00:00"), "all").name == "missed"


def test_a_calendar_that_cannot_answer_says_where_to_mend_it() -> None:
    nobody = replace(USUAL, hours=SendingHours(time(9), time(18), time(19), frozenset()))
    with pytest.raises(ValueError, match=r"correct 'hours' in prompts/calendar\.yaml"):
        next_allowed(nobody, paris("2026-12-15 20:00"))
    with pytest.raises(ValueError, match=r"add it to 'waves' in prompts/calendar\.yaml"):
        next_wave(replace(USUAL, waves=()), paris("2026-12-15 20:00"), "all")


THREADS = """
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from helpline.menus.shapes import USUAL_HOURS
from helpline.menus.waves import is_allowed

def closed(year):  # Christmas, and the Monday after Easter in 2026
    return not is_allowed(USUAL_HOURS, date(year, 12, 25)) and not is_allowed(USUAL_HOURS, date(2026, 4, 6))

with ThreadPoolExecutor(16) as pool:
    assert all(pool.map(closed, [*range(2026, 2046)] * 8))
"""


def test_threads_that_are_the_first_to_ask_get_the_same_days() -> None:
    assert subprocess.run([sys.executable, "-c", THREADS], check=False, timeout=60).returncode == 0


def test_the_public_holidays_are_not_read_before_somebody_asks() -> None:
    program = "import sys, helpline.app, helpline.menus.waves; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
