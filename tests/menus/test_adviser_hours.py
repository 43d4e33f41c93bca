"""`adviser hours` of `calendar.yaml`: read, refused with a mend, and said in words."""

from __future__ import annotations

from datetime import time

import pytest

from helpline.menus.adviser_hours import adviser_hours_in_words
from helpline.menus.calendar_file import parse_calendar
from helpline.menus.faults import Fault
from helpline.menus.shapes import AdviserHours, Calendar
from helpline.menus.yaml_text import read_yaml
from tests.menus.calendars import USUAL, WRITTEN

BEFORE = WRITTEN.partition("\nadviser hours:")[0]
RIGHT = "  days: monday-friday\n  from: 9:30\n  until: 12:00\n  public holidays: FR\n"


def calendar(hours: str) -> tuple[Calendar, list[Fault]]:
    block, faults = read_yaml("calendar.yaml", f"{BEFORE}\nadviser hours:{hours}")
    found, more = parse_calendar(block)
    return found, faults + more


def test_the_hours_that_are_shipped_are_nobodys() -> None:
    assert USUAL.adviser_hours is None
    assert calendar("\n")[1] == []


def test_hours_are_read_as_they_are_written() -> None:
    found, faults = calendar("\n" + RIGHT)
    assert faults == []
    assert found.adviser_hours == AdviserHours(time(9, 30), time(12), frozenset(range(5)))
    found, faults = calendar("\n" + RIGHT.replace("monday-friday", "sunday").replace("9:30", "6:00"))
    assert faults == []  # anybody may sit there whenever they like
    assert found.adviser_hours == AdviserHours(time(6), time(12), frozenset({6}))


@pytest.mark.parametrize(
    ("hours", "what"),
    [
        (" 9:30-12:00\n", "Nothing stands below 'adviser hours'."),
        ("\n" + RIGHT.replace("monday-friday", "lundi"), "'lundi' is no day of the week."),
        ("\n" + RIGHT.replace("  days: monday-friday\n", ""), "No day of the week is named."),
        ("\n" + RIGHT.replace("9:30", "half past nine"), "'from' is no time."),
        ("\n" + RIGHT.replace("  until: 12:00\n", ""), "'until' is no time."),
        ("\n" + RIGHT.replace("9:30", "12:00"), "The hours run from 12:00 to 12:00."),
        ("\n" + RIGHT.replace(": FR", ": DE"), "The public holidays are not those of France."),
        ("\n" + RIGHT + "  lunch: 12:00\n", "'lunch' means nothing here."),
    ],
)
def test_a_mistake_is_named_with_how_to_mend_it_and_nobody_is_promised_anything(hours: str, what: str) -> None:
    found, faults = calendar(hours)
    assert found.adviser_hours is None
    (fault,) = [fault for fault in faults if fault.what == what]
    assert fault.node == "adviser hours"
    assert fault.severity == "fault"
    assert fault.mend


@pytest.mark.parametrize(
    ("weekdays", "locale", "words"),
    [
        (range(5), "fr-FR", "du lundi au vendredi, de 9 h 30 à 12 h"),
        (range(5), "en-GB", "Monday to Friday, 09:30 to 12:00"),
        ((1, 3), "fr-FR", "le mardi et le jeudi, de 9 h 30 à 12 h"),
        ((1, 3), "en-GB", "Tuesday and Thursday, 09:30 to 12:00"),
        ((0, 1), "fr-FR", "le lundi et le mardi, de 9 h 30 à 12 h"),
        ((0, 2, 4), "fr-FR", "le lundi, le mercredi et le vendredi, de 9 h 30 à 12 h"),
        ((2,), "en-GB", "Wednesday, 09:30 to 12:00"),
    ],
)
def test_the_hours_are_said_in_words(weekdays: tuple[int, ...], locale: str, words: str) -> None:
    assert adviser_hours_in_words(AdviserHours(time(9, 30), time(12), frozenset(weekdays)), locale) == words


def test_nobodys_hours_have_no_words() -> None:
    assert adviser_hours_in_words(None, "fr-FR") == ""
