"""Where the time machine offers to go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from helpline.demo.travel import Stop, next_last_day, stops_after
from helpline.menus.shapes import Calendar
from helpline.menus.windows import PARIS
from helpline.prompts_folder import PromptsFolder
from tests.conftest import Line


@pytest.fixture
def calendar(line: Line) -> Calendar:
    folder: PromptsFolder = line.app.extensions["prompts"]
    return folder.current().prompts.menus.calendar


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_it_offers_tomorrow_each_reminder_and_the_last_day_in_their_order(calendar: Calendar) -> None:
    stops = stops_after(at("2026-11-22T14:20"), calendar)
    assert [(stop.label, stop.to) for stop in stops] == [
        ("Tomorrow", "2026-11-23T09:55"),
        ("First reminder: the update opens", "2026-11-28T18:00"),
        ("Reminder in the middle", "2026-12-08T18:00"),
        ("Last reminder", "2026-12-12T18:00"),
        ("Last day to update", "2026-12-15T09:55"),
        ("Day after: if it was forgotten", "2026-12-16T18:00"),
    ]


def test_on_the_day_of_a_reminder_it_offers_the_hour_at_which_everybody_has_theirs(calendar: Calendar) -> None:
    stops = stops_after(at("2026-12-08T10:00"), calendar)
    assert Stop("Reminder in the middle", at("2026-12-08T18:00")) in stops


def test_a_reminder_that_an_edited_calendar_named_keeps_its_name(calendar: Calendar) -> None:
    edited = replace(calendar, waves=(replace(calendar.waves[0], name="documents"),))
    assert "Reminder: documents" in [stop.label for stop in stops_after(at("2026-11-22T14:20"), edited)]


def test_once_the_last_day_has_begun_it_offers_the_next_one(calendar: Calendar) -> None:
    assert next_last_day(at("2026-12-15T09:54"), calendar) == at("2026-12-15T09:55")
    assert next_last_day(at("2026-12-15T09:55"), calendar) == at("2027-01-15T09:55")


def test_a_stop_is_shown_as_people_say_it() -> None:
    stop = Stop("Tomorrow", at("2026-12-05T09:55"))
    assert (stop.shown, stop.to) == ("Sat 5 Dec, 09:55", "2026-12-05T09:55")
