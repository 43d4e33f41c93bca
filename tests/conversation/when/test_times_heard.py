"""A time is heard however it is written; one that may be morning or afternoon says so."""

from __future__ import annotations

from datetime import time

import pytest

from helpline.conversation.when import answer_of, hear_when, when_in
from tests.conversation.when.written import LANGUAGES, at, eight_ways

NOW = at(2026, 11, 22)
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]


def test_every_quarter_of_an_hour_is_heard_in_eight_ways() -> None:
    wrong = []
    for clock in QUARTERS:
        for place, text in enumerate(eight_ways(clock)):
            when = hear_when(text, "time", NOW, LANGUAGES)
            later = clock.replace(hour=clock.hour + 12) if clock.hour < 12 else clock
            both = {clock.strftime("%H:%M"), later.strftime("%H:%M")}
            plain = place >= 5 or not 1 <= clock.hour <= 7 or (clock.hour >= 6 and text.startswith("0"))
            readings = {clock.strftime("%H:%M")} if plain else both
            if {answer_of(when, "time"), *when.others} != readings or when.problem != ("" if plain else "ambiguous"):
                wrong.append((text, when))
    assert wrong == []


@pytest.mark.parametrize("text", ["2", "2h", "2:30", "à 3 heures", "5h", "half past two", "02:30"])
def test_an_hour_of_the_night_is_rather_of_the_afternoon(text: str) -> None:
    when = hear_when(text, "time", NOW, LANGUAGES)
    assert when.problem == "ambiguous"
    assert when.clock is not None
    assert when.clock.hour >= 12
    assert when.others == (when.clock.replace(hour=when.clock.hour - 12).strftime("%H:%M"),)


def test_seven_is_rather_the_morning() -> None:
    when = hear_when("7h30", "time", NOW, LANGUAGES)
    assert (when.clock, when.problem, when.others) == (time(7, 30), "ambiguous", ("19:30",))
    assert hear_when("07:30", "time", NOW, LANGUAGES).problem == ""


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("14", "14:00"),
        ("9", "09:00"),
        ("930", "09:30"),
        ("14.30", "14:30"),
        ("14 30", "14:30"),
        ("midi", "12:00"),
        ("midi et demi", "12:30"),
        ("noon", "12:00"),
        ("minuit", "00:00"),
        ("9h moins le quart", "08:45"),
        ("neuf heures et quart", "09:15"),
        ("quarter to three pm", "14:45"),
        ("fourteen thirty", "14:30"),
        ("9 o'clock", "09:00"),
        ("2h du matin", "02:00"),
        ("3h de l'après-midi", "15:00"),
        ("8h du soir", "20:00"),
        ("12/12 à 14h", "14:00"),
        ("14h-16h", "14:00"),
        ("dans 2 heures", "12:00"),
    ],
)
def test_times_are_heard_as_people_write_them(text: str, clock: str) -> None:
    when = hear_when(text, "time", NOW, LANGUAGES)
    assert (answer_of(when, "time"), when.problem) == (clock, "")


@pytest.mark.parametrize("text", ["25h", "14:75", "24:00", "14h75", "14h du matin"])
def test_a_time_that_no_clock_shows_is_impossible(text: str) -> None:
    assert hear_when(text, "time", NOW, LANGUAGES).problem == "impossible"


@pytest.mark.parametrize(
    "text", ["12/12", "le matin", "3949", "0612345678", "bonjour", "demain", "35h par semaine", ""]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert hear_when(text, "time", NOW, LANGUAGES).problem == "none"


def test_of_two_times_both_are_offered() -> None:
    when = hear_when("14h ou 15h", "time", NOW, LANGUAGES)
    assert (answer_of(when, "time"), when.problem, when.others) == ("14:00", "ambiguous", ("15:00",))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("appointment dec 25 10am", "2026-12-25T10:00"),
        ("dec 24 10am", "2026-12-24T10:00"),
        ("dec 3 11am", "2026-12-03T11:00"),
        ("jan 5 10am", "2027-01-05T10:00"),
        ("jan 5th 10 am", "2027-01-05T10:00"),
        ("december 5, 10am", "2026-12-05T10:00"),
        ("dec 5 10.30am", "2026-12-05T10:30"),
        ("dec 5 10 30 am", "2026-12-05T10:30"),
        ("dec 25 12pm", "2026-12-25T12:00"),
    ],
)
def test_the_day_after_an_english_month_is_no_hour_of_the_time_that_follows(text: str, moment: str) -> None:
    when = when_in(text, NOW, LANGUAGES)[0]
    assert (answer_of(when, "moment"), when.problem) == (moment, "")


@pytest.mark.parametrize(("text", "clock"), [("9 30 am", "09:30"), ("at 10 15 am", "10:15"), ("2.30pm", "14:30")])
def test_an_hour_and_its_minutes_may_stand_apart(text: str, clock: str) -> None:
    assert answer_of(hear_when(text, "time", NOW, LANGUAGES), "time") == clock
