"""The facts: which are to be looked at again, and who looked when."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from helpline.desk.fact_reviews import (
    Review,
    half_a_year_after,
    hash_of,
    how_many_due,
    last_reviews,
    note_review,
    reviews_of,
    standing,
    standings,
)
from helpline.desk.facts import A_PAGE, linked
from helpline.menus.shapes import Fact
from helpline.operators.audit import entries
from helpline.records.desk_tables import fact_reviews
from tests.desk.people import Browser, Desk
from tests.desk.test_prompts import folder_of, words_of

CHECKED = date(2026, 6, 3)
FACT = Fact("F001", {"fr": "Il pleut.", "en": "It rains."}, "a source", "holds", CHECKED, {})


def seen(day: date, who: str = "Anna", fact: Fact = FACT) -> Review:
    return Review(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), who, hash_of(fact))


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 11, 22), date(2027, 5, 22)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 6, 30), date(2026, 12, 30)),
    ],
)
def test_half_a_year_after_a_day(day: date, later: date) -> None:
    assert half_a_year_after(day) == later


def test_a_fact_is_overdue_from_the_day_after_half_a_year() -> None:
    assert standing(FACT, None, date(2026, 12, 3)).why == ""
    assert standing(FACT, None, date(2026, 12, 4)).why == "overdue"


def test_the_later_look_counts_at_the_desk_or_in_the_file() -> None:
    at_the_desk = standing(FACT, seen(date(2026, 9, 1)), date(2026, 12, 4))
    assert (at_the_desk.last, at_the_desk.who, at_the_desk.why) == (date(2026, 9, 1), "Anna", "")
    in_the_file = standing(FACT, seen(date(2026, 5, 1)), date(2026, 12, 3))
    assert (in_the_file.last, in_the_file.who) == (CHECKED, "")


def test_a_sentence_that_changed_since_its_review_is_to_be_looked_at_again() -> None:
    review = seen(date(2026, 9, 1))
    changed = replace(FACT, statements={**FACT.statements, "en": "It snows."})
    assert standing(changed, review, date(2026, 9, 2)).why == "changed"
    checked_since = replace(changed, checked=date(2026, 9, 2))
    assert standing(checked_since, review, date(2026, 9, 2)).why == ""


def test_what_is_due_comes_first_the_longest_without_a_look_before_the_others() -> None:
    days = {"F1": date(2026, 11, 1), "F2": date(2026, 4, 2), "F3": date(2026, 10, 1), "F4": date(2026, 4, 1)}
    facts = [replace(FACT, id=name, checked=day) for name, day in days.items()]
    found = standings(facts, {}, date(2026, 12, 3))
    assert [(each.fact.id, each.why) for each in found] == [
        ("F4", "overdue"),
        ("F2", "overdue"),
        ("F1", ""),
        ("F3", ""),
    ]


def test_the_last_review_of_each_fact_is_read_whatever_its_name(engine: Engine) -> None:
    now = datetime(2026, 9, 1, 12, tzinfo=UTC)
    long_name = replace(FACT, id="a-fact-with-a-long-name")
    with engine.begin() as connection:
        for who, fact, at in (("Anna", FACT, now), ("Boris", FACT, now + timedelta(days=1)), ("Carla", long_name, now)):
            note_review(connection, fact, who, at)
        assert [review.who for review in reviews_of(connection, "F001", 5)] == ["Boris", "Anna"]
        found = standings([FACT, long_name], last_reviews(connection), date(2026, 12, 4))
        assert [(each.fact.id, each.who) for each in found] == [("F001", "Boris"), (long_name.id, "Carla")]
        assert how_many_due(connection, [FACT, long_name, replace(FACT, id="F002")], date(2026, 12, 4)) == 1


def test_addresses_in_a_source_become_links_and_nothing_else_does() -> None:
    assert linked("See https://example.org/a?b=1, page 2 (javascript:x)") == [
        ("See ", False),
        ("https://example.org/a?b=1", True),
        (", page 2 (javascript:x)", False),
    ]
    assert linked("domain brief") == [("domain brief", False)]


def review(browser: Browser, fact: str, **other: str) -> str:
    page = browser.open(f"/desk/facts/{fact}").text
    mark = re.search(r'name="mark" value="([0-9a-f]{64})"', page)
    assert mark
    fields = {"mark": mark[1], **other}
    return browser.send(f"/desk/facts/{fact}/reviewed", page=f"/desk/facts/{fact}", **fields).location or ""


def test_an_editor_notes_that_a_fact_was_reviewed(desk: Desk) -> None:
    desk.clock.now = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
    anna = desk.person(language="en")
    before = anna.browser.open("/desk/facts").text
    due = re.search(r"Facts to review: (\d+)", before)
    assert due
    assert int(due[1]) == len(folder_of(desk).loaded.prompts.menus.facts)
    assert review(anna.browser, "F001") == "/desk/facts/F001?noted=yes"
    page = words_of(anna.browser.open("/desk/facts/F001?noted=yes").text)
    assert "Noted. Thank you. Next fact to review: C01" in page
    assert "Reviewed on 1 Jun 2027 by Anna, due after 1 Dec 2027" in page
    assert f"Facts to review: {int(due[1]) - 1}" in anna.browser.open("/desk/facts").text
    with desk.engine.connect() as connection:
        noted = entries(connection, 1)[0]
    assert (noted.who, noted.what, noted.about, noted.at) == ("Anna", "fact_reviewed", "F001", desk.clock.now)


def test_a_review_of_another_sentence_is_not_noted(desk: Desk) -> None:
    anna = desk.person(language="en")
    assert review(anna.browser, "F001", mark="0" * 64) == "/desk/facts/F001?noted=no"
    assert "Nothing was noted" in anna.browser.open("/desk/facts/F001?noted=no").text
    with desk.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(fact_reviews)) == 0


def test_a_reader_sees_the_facts_and_no_button(desk: Desk) -> None:
    boris = desk.person("Boris", "reader", language="en")
    page = boris.browser.open("/desk/facts/F001").text
    assert "Only editors can note that a fact was reviewed." in page
    assert "I checked: it holds" not in page


def test_every_fact_is_on_some_page_with_its_source_its_status_and_its_places(desk: Desk) -> None:
    menus = folder_of(desk).loaded.prompts.menus
    browser = desk.person(language="en").browser
    last = -(-len(menus.facts) // A_PAGE)
    assert last > 1
    pages = [browser.open(f"/desk/facts?page={number}") for number in range(1, last + 1)]
    assert all(len(page.data) < 60_000 for page in pages)
    shown = " ".join(words_of(page.text) for page in pages)
    for fact in menus.facts.values():
        assert f"{fact.id} {'changed since its source' if fact.status == 'changed' else fact.status}" in shown
        assert " ".join(fact.statements["en"].split()) in shown
        assert " ".join(fact.source.split()) in shown
        alone = browser.open(f"/desk/facts/{fact.id}").text
        citing = [node.id for node in menus.nodes.values() if fact.id in node.facts]
        assert citing
        assert all(f'href="/desk/prompts/{name}"' in alone for name in citing)


@pytest.mark.parametrize("number", ["0", "-1", "999", "x", ""])
def test_a_page_of_facts_that_is_not_there_is_the_nearest_one(desk: Desk, number: str) -> None:
    assert desk.person().browser.open(f"/desk/facts?page={number}").status_code == 200


def test_today_says_how_many_facts_are_due_and_calls_it_no_failure(desk: Desk) -> None:
    anna = desk.person(language="en")
    assert "Facts to review" not in anna.browser.open("/desk/").text
    before = anna.browser.open("/desk/").text.count('class="level"')
    desk.clock.now = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
    page = desk.person("Carla", language="en").browser.open("/desk/").text
    facts = len(folder_of(desk).loaded.prompts.menus.facts)
    assert f'<a href="/desk/facts">Facts to review: {facts}</a>' in page
    assert page.count('class="level"') == before
