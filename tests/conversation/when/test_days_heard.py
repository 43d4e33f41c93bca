"""A day is heard however it is written, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.when import When, answer_of, hear_when
from tests.conversation.when.written import (
    DAYS,
    JOURS,
    LANGUAGES,
    at,
    every_day,
    ten_ways_in_english,
    ten_ways_in_french,
)

SUNDAY = at(2026, 11, 22)  # 10:00


@pytest.mark.parametrize("ways", [ten_ways_in_french, ten_ways_in_english])
def test_every_day_of_five_years_is_heard_in_ten_ways(ways: Callable[[date], tuple[str, ...]]) -> None:
    wrong = []
    for day in every_day():
        asked_on = day - timedelta(20)
        now = at(asked_on.year, asked_on.month, asked_on.day)
        for text in ways(day):
            when = hear_when(text, "day", now, LANGUAGES)
            if (when.day, when.problem, when.month_only) != (day, "", False):
                wrong.append((text, when))
    assert wrong == []


@pytest.mark.parametrize("ways", [ten_ways_in_french, ten_ways_in_english])
def test_what_is_heard_as_a_day_is_heard_as_a_moment_too(ways: Callable[[date], tuple[str, ...]]) -> None:
    wrong = []
    for day in every_day()[::13]:
        asked_on = day - timedelta(20)
        for text in ways(day):
            when = hear_when(text, "moment", at(asked_on.year, asked_on.month, asked_on.day), LANGUAGES)
            named = "30" in text.replace("/", " ").split() or text.endswith(("14h30", "14:30", "2:30 pm", "2.30pm"))
            if (when.day, when.problem) != (day, "") or (
                when.clock not in ((time(14, 30), None) if named else (None,))
            ):
                wrong.append((text, when))
    assert wrong == []


@given(st.dates(date(2026, 1, 1), date(2030, 12, 1)), st.integers(1, 6))
def test_a_weekday_is_the_next_one(today: date, ahead: int) -> None:
    day = today + timedelta(ahead)
    for name in (JOURS[day.weekday()], DAYS[day.weekday()], f"{JOURS[day.weekday()].upper()} 9h"):
        when = hear_when(name, "moment", at(today.year, today.month, today.day), LANGUAGES)
        assert (when.day, when.problem) == (day, "")


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("12/12", "2026-12-12", ""),
        ("12.12", "2026-12-12", ""),
        ("12 12", "2026-12-12", ""),
        ("12-12-26", "2026-12-12", ""),
        ("12 dec", "2026-12-12", ""),
        ("12dec14h", "2026-12-12", "14:00"),
        ("12 décembre 26 14h", "2026-12-12", "14:00"),
        ("12/12 1430", "2026-12-12", "14:30"),
        ("12/12 14", "2026-12-12", "14:00"),
        ("12 14h30", "2026-12-12", "14:30"),
        ("samedi 12", "2026-12-12", ""),
        ("sam 12", "2026-12-12", ""),
        ("mardi prochain", "2026-11-24", ""),
        ("next tuesday 2pm", "2026-11-24", "14:00"),
        ("mardi de la semaine prochaine", "2026-11-24", ""),
        ("mardi en huit", "2026-12-01", ""),
        ("mar 24/11 9h", "2026-11-24", "09:00"),
        ("demain 14h", "2026-11-23", "14:00"),
        ("2main 14h", "2026-11-23", "14:00"),
        ("demain matin", "2026-11-23", ""),
        ("demain à 9 avec mme Diop", "2026-11-23", "09:00"),
        ("APRES DEMAIN", "2026-11-24", ""),
        ("after tomorrow", "2026-11-23", ""),
        ("day after tomorrow", "2026-11-24", ""),
        ("ce soir 18h", "2026-11-22", "18:00"),
        ("tonight at 7", "2026-11-22", "19:00"),
        ("aujourd'hui 16h", "2026-11-22", "16:00"),
        ("dimanche 18h", "2026-11-22", "18:00"),
        ("dans 3 jours", "2026-11-25", ""),
        ("dans deux semaines", "2026-12-06", ""),
        ("in a week", "2026-11-29", ""),
        ("dans un mois", "2026-12-22", ""),
        ("in 2 hours", "2026-11-22", "12:00"),
        ("on the 5th", "2026-12-05", ""),
        ("le premier mars à neuf heures", "2027-03-01", "09:00"),
        ("douze mars deux mille vingt-sept", "2027-03-12", ""),
        ("december twenty first twenty twenty seven", "2027-12-21", ""),
        ("12 decenbre", "2026-12-12", ""),
        ("mecredi 14h", "2026-11-25", "14:00"),
        ("12/12 de 14h à 16h", "2026-12-12", "14:00"),
        ("12/12 a 14h au 12 rue du 8 mai 1945", "2026-12-12", "14:00"),
        ("١٢/١٢ ١٤:٣٠", "2026-12-12", "14:30"),
        ("１２／１２　１４ｈ３０", "2026-12-12", "14:30"),
        ("1️⃣2️⃣/1️⃣2️⃣", "2026-12-12", ""),
        ("12–12–2026", "2026-12-12", ""),
        ("1212", "2026-12-12", ""),
        ("12122026", "2026-12-12", ""),
        ("29/11", "2026-11-29", ""),
    ],
)
def test_days_and_times_are_heard_as_people_write_them(text: str, day: str, clock: str) -> None:
    when = hear_when(text, "moment", SUNDAY, LANGUAGES)
    assert (answer_of(when, "day"), answer_of(when, "time"), when.problem) == (day, clock, "")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("03/2027", "2027-03"),
        ("2027-03", "2027-03"),
        ("03 2027", "2027-03"),
        ("mars 2027", "2027-03"),
        ("fin mars", "2027-03"),
        ("end of march 2027", "2027-03"),
        ("mars prochain", "2027-03"),
        ("MARS", "2027-03"),
        ("novembre", "2026-11"),
        ("le mois prochain", "2026-12"),
    ],
)
def test_of_a_paper_a_month_is_enough(text: str, month: str) -> None:
    when = hear_when(text, "day", SUNDAY, LANGUAGES)
    assert (answer_of(when, "day"), when.problem, when.month_only) == (month, "", True)


def test_a_month_is_no_moment() -> None:
    assert hear_when("mars 2027", "moment", SUNDAY, LANGUAGES).problem == "none"


def test_the_names_of_another_language_of_the_line_are_heard() -> None:
    assert hear_when("12 grudnia", "day", SUNDAY, ("fr", "pl")).day == date(2026, 12, 12)
    assert hear_when("12 grudnia", "day", SUNDAY, ("fr", "en")).problem == "none"
    assert hear_when("12 déc", "day", SUNDAY, ("xx", "no such language", "")).day == date(2026, 12, 12)


def test_today_is_the_day_in_france() -> None:
    just_after_midnight_in_paris = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert hear_when("aujourd'hui", "day", just_after_midnight_in_paris, LANGUAGES) == When(date(2026, 11, 23))


def test_asked_for_a_day_a_plain_time_beside_it_is_kept_and_a_doubtful_one_is_asked() -> None:
    assert hear_when("12/12 14h30", "day", SUNDAY, LANGUAGES) == When(date(2026, 12, 12), time(14, 30))
    assert hear_when("12/12 2h30", "day", SUNDAY, LANGUAGES) == When(date(2026, 12, 12))


def test_asked_for_a_moment_a_time_alone_leaves_the_day_empty() -> None:
    assert hear_when("14h30", "moment", SUNDAY, LANGUAGES) == When(clock=time(14, 30))
