"""The words for what has a date of its own, in both languages; none is longer than pages are cut for."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.menus import gsm7
from helpline.menus.dated_words import read_occurrence, short_day
from helpline.menus.dates import DATED_PLACEHOLDERS, dated_values, longest_dated_values
from helpline.menus.windows import PARIS
from tests.menus.dated_kinds import DATED, KINDS

MONDAY = datetime(2026, 11, 23, 10, 15, tzinfo=PARIS)
LOCALES = ["fr-FR", "en-GB"]


def said(kind: str, occurrence: str, locale: str = "fr-FR", now: datetime = MONDAY) -> dict[str, str]:
    values = dated_values(DATED, kind, occurrence, now, locale)
    return {name: values[name].replace("\u00a0", " ") for name in values}


def test_an_appointment_has_a_day_a_time_and_the_days_of_its_reminders() -> None:
    assert said("appointment", "2026-12-12T14:30") == {
        "day": "samedi 12 décembre",
        "time": "14 h 30",
        "reminders": "vendredi 11 décembre et samedi 12 décembre",
        "in_days": "19 jours",
    }


def test_the_same_in_english() -> None:
    assert said("appointment", "2026-12-12T14:00", "en-GB") == {
        "day": "Saturday 12 December",
        "time": "14:00",
        "reminders": "Friday 11 December and Saturday 12 December",
        "in_days": "19 days",
    }


@pytest.mark.parametrize(
    ("kind", "occurrence", "day"),
    [
        ("appointment", "2026-12-01T09:00", "mardi 1er décembre"),
        ("appointment", "2027-01-05T09:00", "mardi 5 janvier 2027"),
        ("paper", "2027-03-31", "mercredi 31 mars 2027"),
        ("paper", "2027-03", "mars 2027"),
    ],
)
def test_the_year_is_named_where_it_is_another_one(kind: str, occurrence: str, day: str) -> None:
    assert said(kind, occurrence)["day"] == day


def test_each_year_of_reminders_is_named_once_with_its_last_date() -> None:
    assert said("paper", "2027-06-30")["reminders"] == "2 mars, 16 avril et 15 juin 2027"
    assert said("paper", "2027-03-31")["reminders"] == "1er décembre 2026, 15 janvier et 16 mars 2027"


@pytest.mark.parametrize(
    ("now", "french", "english"),
    [
        (datetime(2026, 12, 16, 10, tzinfo=PARIS), "75 à 105 jours", "75 to 105 days"),
        (datetime(2027, 3, 1, 10, tzinfo=PARIS), "0 à 30 jours", "0 to 30 days"),
        (datetime(2027, 3, 12, 10, tzinfo=PARIS), "0 à 19 jours", "0 to 19 days"),
        (datetime(2027, 3, 31, 10, tzinfo=PARIS), "0 jour", "0 days"),
    ],
)
def test_the_days_left_of_a_month_are_told_from_its_first_to_its_last(now: datetime, french: str, english: str) -> None:
    assert said("paper", "2027-03", now=now)["in_days"] == french
    assert said("paper", "2027-03", "en-GB", now=now)["in_days"] == english


def test_what_is_not_answered_yet_has_no_words() -> None:
    assert set(said("appointment", "2026-12-12")) == {"day", "in_days"}
    assert said("appointment", "") == {}
    assert said("appointment", "some day") == {}
    assert "reminders" not in said("no kind", "2026-12-12")


def test_nothing_is_left_where_no_reminder_can_go_any_more() -> None:
    assert said("appointment", "2026-11-23T10:30")["reminders"] == ""


@pytest.mark.parametrize("locale", LOCALES)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    ahead=st.integers(0, 399),
    minutes=st.integers(0, 24 * 60 - 1),
    today=st.dates(date(2026, 1, 1), date(2031, 12, 31)),
    month_only=st.booleans(),
)
def test_no_words_are_longer_than_the_longest(
    locale: str, kind: str, ahead: int, minutes: int, today: date, month_only: bool
) -> None:
    now = datetime(today.year, today.month, today.day, 12, tzinfo=PARIS)
    at = now.replace(hour=0, tzinfo=None) + timedelta(days=ahead, minutes=minutes)
    known = 16 if KINDS[kind].asks == "moment" else 7 if month_only else 10
    values = dated_values(DATED, kind, at.isoformat()[:known], now, locale)
    longest = longest_dated_values(len(KINDS[kind].waves), locale)
    for name in values:
        assert name in DATED_PLACEHOLDERS
        assert gsm7.septets(gsm7.to_gsm7(values[name])) <= gsm7.septets(gsm7.to_gsm7(longest[name])), values[name]
        assert "{" not in values[name]


@given(st.text("0123456789-T:", max_size=18))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = read_occurrence(text)
    if found:
        assert short_day(found, date(2026, 1, 1))
