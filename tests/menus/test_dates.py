"""The dates of the monthly update, against the table of the domain (tests/data/calendar.tsv)."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Page, Turn
from helpline.identity import identity_of
from helpline.menus import gsm7
from helpline.menus.dates import (
    DATE_PLACEHOLDERS,
    DATED_PLACEHOLDERS,
    PARIS,
    date_values,
    longest_date_values,
    notice_now,
    today_in_paris,
    update_state,
    window_of,
)
from helpline.menus.pages import placeholders, put
from helpline.menus.prompts import Prompts, prepare
from helpline.menus.shapes import Calendar, Notice, Window
from helpline.menus.voice_form import over_say_limits, say_joined
from helpline.prompts_folder import load_folder
from helpline.sms.compose import compose
from tests.conftest import settings_for
from tests.menus.calendars import USUAL

RULE = Calendar(opens_day=28, opens_day_february=26, closes_day=15, overrides={})
DATA = Path(__file__).parent.parent / "data" / "calendar.tsv"
LONGEST = {
    "SERVICE_NAME": "M" * 13,
    "OPERATOR_NAME": "Centre communal d'action sociale d'Agens",
    "OPERATOR_PHONE": "+33 1 99 00 12 34",
    "VOICE_NUMBER": "+33199001234",
    "SMS_SENDER": "+33937001234",
}


def table() -> list[tuple[date, Window]]:
    with DATA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        (
            date.fromisoformat(row["month"] + "-01"),
            Window(date.fromisoformat(row["open"]), date.fromisoformat(row["close_midnight"])),
        )
        for row in rows
    ]


def days(first: date, count: int) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range(count))


def test_the_table_is_whole() -> None:
    assert len(table()) == 49
    assert table()[0][0] == date(2023, 12, 1)


@pytest.mark.parametrize(("month", "window"), table(), ids=lambda value: str(value)[:7])
def test_the_window_of_each_month_is_the_published_one(month: date, window: Window) -> None:
    assert window_of(RULE, month.year, month.month) == window


@pytest.mark.parametrize(("month", "window"), table(), ids=lambda value: str(value)[:7])
def test_each_day_around_a_window_has_its_state(month: date, window: Window) -> None:
    for day in days(window.opens - timedelta(days=2), 25):
        state = update_state(RULE, day)
        if day < window.opens:
            assert (state.state, state.window) == ("closed", window)
        elif day < window.closes:
            assert (state.state, state.window) == ("open", window)
        elif day == window.closes:
            assert (state.state, state.window, state.days_left) == ("last_day", window, 0)
        else:
            assert state.state == "closed"
            assert state.window.opens > day
        if day <= window.closes:
            assert state.month == month
            assert state.days_left == (window.closes - day).days


def test_no_day_of_five_years_is_without_a_state_and_windows_follow_each_other() -> None:
    seen = [update_state(RULE, day) for day in days(date(2024, 1, 1), 5 * 366)]
    for before, after in pairwise(seen):
        assert after.window.opens >= before.window.opens
        if before.state == "last_day":
            assert after.state == "closed"
    assert {state.state for state in seen} == {"open", "last_day", "closed"}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-12-15T22:59:59+00:00", date(2026, 12, 15)),
        ("2026-12-15T23:00:00+00:00", date(2026, 12, 16)),
        ("2026-06-15T21:59:59+00:00", date(2026, 6, 15)),
        ("2026-06-15T22:00:00+00:00", date(2026, 6, 16)),
        ("2026-10-25T00:30:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
        ("2026-03-28T22:59:59+00:00", date(2026, 3, 28)),
        ("2026-03-29T21:59:59+00:00", date(2026, 3, 29)),
        ("2026-12-31T23:30:00+00:00", date(2027, 1, 1)),
        ("2027-01-15T12:00:00-10:00", date(2027, 1, 15)),
        ("2027-01-15T13:00:00-10:00", date(2027, 1, 16)),
    ],
)
def test_a_day_is_a_day_in_france(moment: str, day: date) -> None:
    assert today_in_paris(datetime.fromisoformat(moment)) == day


def test_the_last_minute_counts_and_the_next_does_not() -> None:
    last = datetime(2027, 1, 15, 23, 59, 59, tzinfo=PARIS)
    assert update_state(RULE, today_in_paris(last)).state == "last_day"
    assert update_state(RULE, today_in_paris(last + timedelta(seconds=1))).state == "closed"


@pytest.mark.parametrize(
    ("day", "state", "left", "month"),
    [
        (date(2026, 12, 31), "open", 15, date(2026, 12, 1)),
        (date(2027, 1, 1), "open", 14, date(2026, 12, 1)),
        (date(2027, 1, 15), "last_day", 0, date(2026, 12, 1)),
        (date(2027, 1, 16), "closed", 30, date(2027, 1, 1)),
        (date(2028, 2, 25), "closed", 19, date(2028, 2, 1)),
        (date(2028, 2, 26), "open", 18, date(2028, 2, 1)),
        (date(2028, 2, 29), "open", 15, date(2028, 2, 1)),
        (date(2027, 2, 28), "open", 15, date(2027, 2, 1)),
        (date(2027, 3, 1), "open", 14, date(2027, 2, 1)),
    ],
)
def test_the_turn_of_the_year_and_leap_years(day: date, state: str, left: int, month: date) -> None:
    found = update_state(RULE, day)
    assert (found.state, found.days_left, found.month) == (state, left, month)


def test_an_exception_of_the_operator_counts() -> None:
    later = Window(date(2026, 11, 30), date(2026, 12, 18))
    calendar = replace(RULE, overrides={(2026, 11): later})
    assert update_state(calendar, date(2026, 11, 28)).state == "closed"
    assert update_state(calendar, date(2026, 12, 17)).window == later
    assert update_state(calendar, date(2026, 12, 18)).state == "last_day"
    assert update_state(calendar, date(2026, 12, 19)).window == Window(date(2026, 12, 28), date(2027, 1, 15))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)


def words(moment: datetime, locale: str = "fr-FR") -> dict[str, str]:
    return {name: words.replace("\u00a0", " ") for name, words in date_values(USUAL, moment, locale).items()}


def test_dates_are_whole_in_the_words_of_the_caller() -> None:
    moment = datetime(2026, 12, 10, 12, tzinfo=PARIS)
    assert words(moment) == {
        "opens": "samedi 28 novembre",
        "last_day": "mardi 15 décembre",
        "days_left": "5 jours",
        "month": "novembre",
        "next_reminder": "samedi 12 décembre",
        "next_last": "samedi 12 décembre",
        "next_opening": "lundi 28 décembre",
        "next_last_other": "mercredi 13 janvier",
        "erase_on": "dimanche 10 janvier",
    }
    assert words(moment, "en-GB") == {
        "opens": "Saturday 28 November",
        "last_day": "Tuesday 15 December",
        "days_left": "5 days",
        "month": "November",
        "next_reminder": "Saturday 12 December",
        "next_last": "Saturday 12 December",
        "next_opening": "Monday 28 December",
        "next_last_other": "Wednesday 13 January",
        "erase_on": "Sunday 10 January",
    }
    tomorrow = datetime(2026, 12, 14, 12, tzinfo=PARIS)
    assert words(tomorrow)["days_left"] == "1 jour"
    assert words(tomorrow, "en-GB")["days_left"] == "1 day"


@pytest.mark.parametrize(
    ("moment", "reminder", "last"),
    [
        ("2026-11-28T07:59:59+00:00", "samedi 28 novembre", "samedi 12 décembre"),
        ("2026-11-28T08:00:00+00:00", "mardi 8 décembre", "samedi 12 décembre"),
        ("2026-11-28T22:59:59+00:00", "mardi 8 décembre", "samedi 12 décembre"),
        ("2026-11-28T23:00:00+00:00", "mardi 8 décembre", "samedi 12 décembre"),
        ("2026-12-12T08:00:00+00:00", "mercredi 16 décembre", "mercredi 13 janvier"),
        ("2027-04-30T12:00:00+00:00", "lundi 10 mai", "jeudi 13 mai"),
        ("2027-04-16T06:59:59+00:00", "vendredi 16 avril", "jeudi 13 mai"),
        ("2027-04-16T07:00:00+00:00", "mercredi 28 avril", "jeudi 13 mai"),
    ],
)
def test_the_next_reminder_changes_when_the_hours_of_its_day_begin(moment: str, reminder: str, last: str) -> None:
    found = date_values(USUAL, datetime.fromisoformat(moment), "fr-FR")
    assert (found["next_reminder"], found["next_last"]) == (reminder, last)


@pytest.mark.parametrize(
    ("day", "erased"),
    [
        (date(2026, 12, 31), "dimanche 31 janvier"),
        (date(2027, 1, 31), "dimanche 28 février"),
        (date(2028, 1, 30), "mardi 29 février"),
        (date(2027, 8, 1), "mercredi 1er septembre"),
    ],
)
def test_an_answer_is_awaited_for_a_month(day: date, erased: str) -> None:
    assert words(noon(day))["erase_on"] == erased


def test_a_page_without_a_reminder_needs_no_waves() -> None:
    found = date_values(RULE, noon(date(2026, 12, 10)), "fr-FR")
    assert found["last_day"] == "mardi 15 décembre"
    with pytest.raises(ValueError, match="'waves'"):
        found["next_reminder"]
    assert found.get("place") is None
    assert tuple(found) == DATE_PLACEHOLDERS


@pytest.fixture(scope="module", params=["demo", "longest"])
def prompts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    """The prompts as callers get them; also for the operator with the longest names."""
    folder = tmp_path_factory.mktemp("prompts")
    settings = settings_for(folder)
    loaded = load_folder(settings.prompts_dir, settings.languages, identity_of(settings)).prompts
    if request.param == "demo":
        return loaded
    return prepare(loaded.menus, identity_of(settings_for(folder, **LONGEST)))


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_no_date_is_longer_than_the_longest_that_pages_are_cut_for(locale: str) -> None:
    longest = longest_date_values(locale)
    for day in days(date(2026, 1, 1), 6 * 366):
        for name, text in date_values(USUAL, noon(day), locale).items():
            assert gsm7.septets(gsm7.to_gsm7(text)) <= gsm7.septets(gsm7.to_gsm7(longest[name])), (day, name)


def what_is_said_of_the_day(
    text: str, words: dict[str, str], notice: Notice | None, now: datetime
) -> tuple[object, ...]:
    """All that makes a message another one on another day; `words` are those of the day in its language."""
    names = placeholders(text)
    if set(names) & set(DATED_PLACEHOLDERS) - {"day", "time"}:
        return (now,)
    return (now.year, notice, *(words.get(name) for name in names))


LONGEST_ANSWERS = (("day", "2029-09-26"), ("time", "22:58"))  # mercredi 26 septembre 2029, in the places of a kind


def test_every_text_of_every_day_of_two_years_is_at_most_two_segments(prompts: Prompts) -> None:
    menus, too_long = prompts.menus, []
    looked_at: set[tuple[object, ...]] = set()
    for day in days(date(2026, 11, 1), 731):
        context = Context("sms", datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        notice = notice_now(menus.calendar, context.now)
        words_of = {
            code: date_values(menus.calendar, context.now, language.locale)
            for code, language in menus.languages.items()
        }
        for (node, code), form in prompts.forms.items():
            for number, page in enumerate(form.sms):
                if "{" not in page.text and day != date(2026, 11, 1):
                    continue
                if "{place}" in page.text:
                    continue
                said = what_is_said_of_the_day(page.text, words_of[code], notice, context.now)
                if (node, code, number, said) in looked_at:  # the very same message as on another day
                    continue
                looked_at.add((node, code, number, said))
                here = Session(language=code, place=Place(node), form=LONGEST_ANSWERS)
                turn = Turn(here, (Page(Place(node, number)),))
                for message in compose(prompts, turn, context):
                    left = [name for name in ("{", "}") if name in message]
                    if gsm7.segments(message) > 2 or not gsm7.is_gsm7(message) or left:
                        too_long.append((day, node, code, number, message))
    assert too_long == []


def test_everything_that_is_said_fits_into_a_say_on_the_longest_day(prompts: Prompts) -> None:
    too_long = []
    for (node, code), form in prompts.forms.items():
        longest = longest_date_values(prompts.menus.languages[code].locale)
        for number, page in enumerate(form.voice):
            if over_say_limits(put(say_joined(page.body, page.keys), longest)):
                too_long.append((node, code, number))
    assert too_long == []
