"""A day that is ambiguous, past, far or impossible says so, and offers what else may be meant."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.when import Asked, When, answer_of, hear_when
from tests.conversation.when.written import LANGUAGES, at

SUNDAY = at(2026, 11, 22)  # 10:00


def heard(text: str, asked: Asked = "moment") -> When:
    return hear_when(text, asked, SUNDAY, LANGUAGES)


@pytest.mark.parametrize(
    ("text", "first", "others"),
    [
        ("dimanche", "2026-11-22", ("2026-11-29",)),
        ("samedi 13", "2026-12-13", ("2026-11-28",)),
        ("samedi 13 decembre", "2026-12-13", ("2026-12-12", "2026-12-19")),
        ("dans 8 jours", "2026-11-30", ("2026-11-29",)),
        ("12/12 ou 13/12", "2026-12-12", ("2026-12-13",)),
        ("le 30 ou le 31", "2026-11-30", ("2026-12-31",)),
        ("mar 24", "2026-11-24", ("2027-03-24",)),
        ("12/12 2h", "2026-12-12T14:00", ("2026-12-12T02:00",)),
        ("12/12 14h ou 15h", "2026-12-12T14:00", ("2026-12-12T15:00",)),
    ],
)
def test_what_is_ambiguous_offers_each_reading(text: str, first: str, others: tuple[str, ...]) -> None:
    when = heard(text)
    assert (answer_of(when, "moment") or answer_of(when, "day"), when.problem, when.others) == (
        first,
        "ambiguous",
        others,
    )


def test_a_weekday_named_next_is_ambiguous_while_it_is_still_in_this_week() -> None:
    monday = at(2026, 11, 23)
    when = hear_when("mercredi prochain", "day", monday, LANGUAGES)
    assert (when.day, when.problem, when.others) == (date(2026, 11, 25), "ambiguous", ("2026-12-02",))
    assert hear_when("mercredi", "day", monday, LANGUAGES) == When(date(2026, 11, 25))
    assert hear_when("lundi prochain", "day", monday, LANGUAGES) == When(date(2026, 11, 30))


def test_a_weekday_with_a_time_that_has_passed_is_in_a_week() -> None:
    assert (heard("dimanche 9h").day, heard("dimanche 9h").problem) == (date(2026, 11, 29), "")


def test_of_two_readings_only_the_one_to_come_is_meant() -> None:
    assert answer_of(heard("aujourd'hui 2h"), "moment") == "2026-11-22T14:00"
    assert heard("aujourd'hui 2h").problem == ""


@pytest.mark.parametrize("text", ["hier", "yesterday", "12/11/2026", "aujourd'hui 9h", "22/11/2026 9h", "12/12/1985"])
def test_what_has_passed_is_past(text: str) -> None:
    assert heard(text).problem == "past"


def test_a_day_without_a_year_that_has_just_passed_is_past_and_next_year_is_offered() -> None:
    assert heard("12/11") == When(date(2026, 11, 12), problem="past", others=("2027-11-12",))
    assert heard("12/11 14h").others == ("2027-11-12T14:00",)
    assert heard("12/08") == When(date(2027, 8, 12))
    assert heard("octobre", "day") == When(date(2026, 10, 1), month_only=True, problem="past", others=("2027-10",))


def test_a_moment_is_far_after_two_years_and_a_paper_after_ten() -> None:
    assert heard("22/11/2028").problem == ""
    assert heard("23/11/2028").problem == "far"
    assert heard("22/11/2036", "day").problem == ""
    assert heard("12/2036", "day").problem == "far"


@pytest.mark.parametrize("text", ["31/02", "31/11/2026", "31 novembre", "32/12", "29/02/2027", "29/02"])
def test_a_day_that_there_is_not_is_impossible(text: str) -> None:
    assert heard(text) == When(problem="impossible")


def test_the_american_order_is_never_taken_but_offered() -> None:
    assert heard("02/12").day == date(2026, 12, 2)
    assert heard("12/25") == When(problem="impossible", others=("2026-12-25",))
    assert heard("12/25 10h") == When(problem="impossible", others=("2026-12-25T10:00",))
    assert heard("12/25/2026", "day") == When(problem="impossible", others=("2026-12-25",))


def test_a_month_and_two_digits_on_a_paper_may_be_a_year_or_a_day() -> None:
    for text in ("03/27", "mars 27"):
        when = heard(text, "day")
        assert (answer_of(when, "day"), when.problem, when.others) == ("2027-03", "ambiguous", ("2027-03-27",))
    assert heard("march 27", "day") == When(date(2027, 3, 27))


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(1, 31), st.integers(1, 12))
def test_a_day_without_a_year_is_within_sixty_days_back_and_a_year(today: date, day: int, month: int) -> None:
    when = hear_when(f"{day}/{month}", "day", at(today.year, today.month, today.day), LANGUAGES)
    if when.problem == "impossible":
        assert when.day is None
        return
    assert when.day is not None
    assert (when.day.day, when.day.month) == (day, month)
    assert -60 <= (when.day - today).days <= 366
    assert (when.problem == "past") == (when.day < today)
