"""The desk's own words: everything that a page says, in both languages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from helpline.desk import language
from helpline.desk.health import WHY_REFUSED
from helpline.desk.language import LANGUAGES, all_texts, words_in
from helpline.desk.pages import PAGES
from helpline.operators.audit import What
from helpline.operators.passwords import Refusal
from tests.conftest import THURSDAY
from tests.desk.people import Desk

TEMPLATES = Path(language.__file__).parent / "templates" / "desk"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", all_texts())
def test_each_is_there_in_every_language_with_the_same_gaps(name: str) -> None:
    texts = all_texts()[name]
    assert set(texts) == set(LANGUAGES)
    assert all(texts.values())
    assert len({frozenset(fields(text)) for text in texts.values()}) == 1


def test_every_name_in_a_template_has_words() -> None:
    used = {
        name
        for file in TEMPLATES.glob("*.html")
        for name in re.findall(r"""\bt\(["']([a-z_]+\.[a-z_]+)["'][,)]""", file.read_text(encoding="utf-8"))
    }
    assert len(used) > 50
    assert used - set(all_texts()) == set()


def test_every_page_every_act_and_every_refusal_has_words() -> None:
    needed = [f"layout.page_{page.name}" for page in PAGES]
    needed += [f"audit.{what}" for what in get_args(What)]
    needed += [f"first_link.{refusal}" for refusal in get_args(Refusal)]
    needed += [f"health.why_{why}{end}" for why in (*WHY_REFUSED, "other") for end in ("", "_do")]
    assert set(needed) - set(all_texts()) == set()


@pytest.mark.parametrize(
    ("asked", "title"),
    [("fr", "Connexion"), ("en-GB,en;q=0.9", "Sign in"), ("de", "Connexion"), ("", "Connexion"), ("ar,en", "Sign in")],
)
def test_a_browser_is_answered_in_its_language_or_in_french(desk: Desk, asked: str, title: str) -> None:
    page = desk.browser(asked).open("/desk/sign-in").text
    assert f"<h1>{title}</h1>" in page


def test_a_language_that_was_chosen_stays_through_signing_in_and_out(desk: Desk) -> None:
    browser = desk.browser("fr")
    answer = browser.send("/desk/language", page="/desk/sign-in", language="en", back="/desk/sign-in")
    assert answer.location == "/desk/sign-in"
    assert '<html lang="en">' in browser.open("/desk/sign-in").text
    anna = desk.person(language="fr")
    anna.browser.send("/desk/language", page="/desk/", language="en", back="/desk/")
    assert "<h1>Today</h1>" in anna.browser.open("/desk/").text
    anna.browser.send("/desk/sign-out", page="/desk/")
    anna.sign_in(desk.clock.now)
    assert "<h1>Today</h1>" in anna.browser.open("/desk/").text


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org/", "/phone", "", "/deskx", "/desk"])
def test_choosing_a_language_leads_nowhere_else(desk: Desk, back: str) -> None:
    answer = desk.browser().send("/desk/language", page="/desk/sign-in", language="en", back=back)
    assert answer.location == "/desk/"


def test_numbers_and_days_are_written_as_people_do() -> None:
    french, english = words_in("fr"), words_in("en")
    assert (french.number(12345), english.number(12345)) == ("12\u202f345", "12,345")
    assert (french.day(date(2026, 12, 3)), english.day(date(2026, 12, 3))) == (
        "jeudi 3 décembre 2026",
        "Thursday, 3 December 2026",
    )
    assert french.moment(THURSDAY) == "3 déc. 2026, 10:00"  # in France
