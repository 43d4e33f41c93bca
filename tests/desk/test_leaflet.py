"""The leaflet at the desk: one in each language, from what this helpline is set to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline.app import create_app
from helpline.desk import leaflet as leaflet_page
from helpline.desk.routes import STATIC
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import settings_for
from tests.databases import address
from tests.desk.people import Desk
from tests.phone import Phone, flask_post

PAGE = "/desk/leaflet"


def shown(page: str) -> list[str]:
    """The words of the sheet, piece by piece."""
    sheet = page.partition('<article class="sheet"')[2].partition("</article>")[0].partition(">")[2]
    return [piece.strip() for piece in re.sub(r"<[^>]+>", "\n", sheet).splitlines() if piece.strip()]


def test_it_shows_the_numbers_the_keys_and_the_words(desk: Desk) -> None:
    found = shown(desk.person(role="reader").browser.open(PAGE).text)
    for words in ("01 99 00 12 34", "38123", "Écrivez MENU au", "Actualisation du mois", "RAPPEL", "STOP", "Répéter"):
        assert words in found


def test_it_is_in_the_language_that_is_asked_for_whatever_the_desk_speaks(desk: Desk) -> None:
    browser = desk.person(language="en").browser
    french, english = browser.open(f"{PAGE}?language=fr").text, browser.open(f"{PAGE}?language=en").text
    assert '<article class="sheet" lang="fr">' in french
    assert "Appelez" in shown(french)
    assert "<h1>Leaflet</h1>" in french
    assert '<article class="sheet" lang="en">' in english
    assert "Appelez" not in shown(english)


@pytest.mark.parametrize(("asked", "language"), [("", "en"), ("?language=xx", "en"), ("?language=", "en")])
def test_unless_one_is_asked_for_it_is_in_the_language_of_the_desk(desk: Desk, asked: str, language: str) -> None:
    assert f'<article class="sheet" lang="{language}">' in desk.person(language="en").browser.open(PAGE + asked).text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_word_on_it_leads_where_it_says(desk: Desk, language: str) -> None:
    page = desk.person().browser.open(f"{PAGE}?language={language}").text
    post = flask_post(desk.app)
    topics = re.findall(r'class="label">([^<]+)</span> <b class="word">([^<]+)</b>', page)
    assert len(topics) == 5
    for number, (_, word) in enumerate(topics, start=1):
        by_word, by_number = Phone(post), Phone(post)
        by_word.text("EN" if language == "en" else "FR")
        by_number.text(language)  # answered with the main menu
        there = by_number.text(str(number))[0]
        got = by_word.text(word)[0]
        below = by_number.text("1")[0]  # where the entry itself has no single word, its first choice has
        assert got.splitlines()[:3] in (there.splitlines()[:3], below.splitlines()[:3]), word


def test_a_helpline_whose_texts_come_from_a_service_names_no_number_to_text(
    desk: Desk, tmp_path: Path, sqlite_engine: Engine, shared_valkey: EmbeddedValkey
) -> None:
    set_up = {"SMS_SENDER": "MG" + "0" * 32, "VOICE_NUMBER": "+33937000000", "OPERATOR_NAME": "<b>Le Pont</b>"}
    settings = settings_for(tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(sqlite_engine), **set_up)
    desk.app = create_app(settings, now=desk.clock)
    page = desk.person().browser.open(PAGE).text
    found = shown(page)
    assert "09 37 00 00 00" in found
    assert "Écrivez MENU au" not in found
    assert "STOP" not in found
    assert "Responsable : &lt;b&gt;Le Pont&lt;/b&gt;." in page


def test_every_pictogram_is_a_file_of_ours(desk: Desk) -> None:
    page = desk.person().browser.open(PAGE).text
    used = set(re.findall(r'src="/desk/static/(leaflet-[a-z]+\.svg)"', page))
    named = {f"leaflet-{name}.svg" for name in (*leaflet_page.PICTOGRAMS.values(), "more")}
    assert len(used) >= 8
    assert used | named <= {file.name for file in STATIC.iterdir()}
    for name in used | named:
        answer = desk.browser().open(f"/desk/static/{name}")
        assert answer.mimetype == "image/svg+xml"
        assert "script" not in answer.text
