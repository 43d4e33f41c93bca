"""The notice and the leaflet in a browser: put up at the desk, got first by callers; printed as one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import Engine

from helpline import app as app_module
from helpline.app import create_app
from helpline.desk import leaflet as leaflet_page
from helpline.leaflet.leaflet import Leaflet, Topic, Word
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.browser.conftest import Desk, Handset
from tests.browser.test_operators_desk import LARGEST, LOADED, faults, is_narrow, signed_in
from tests.conftest import Clock, settings_for
from tests.databases import address
from tests.desk.people import Desk as DeskHere

FRENCH = "Le site France Travail est en panne. Le 3949 répond."
ENGLISH = "The France Travail site is down. 3949 answers."
A4 = (595, 842)  # points
Scheme = Literal["light", "dark"]


def write(page: Page, french: str = FRENCH, english: str = ENGLISH) -> None:
    """Fill in the form, and look at the preview."""
    page.goto("/desk/notice")
    page.locator("#words-fr").fill(french)
    page.locator("#words-en").fill(english)
    page.get_by_role("button", name="See the preview").click()


def take_down(page: Page) -> None:
    page.goto("/desk/notice")
    page.get_by_role("button", name="Take the notice down").click()
    expect(page.get_by_text("No notice is up.")).to_be_visible()


@contextmanager
def a_phone(desk: Desk, last: int) -> Iterator[Handset]:
    with desk.page(f"/?phone=06399817{last:02}") as page:
        yield Handset(page, f"+336399817{last:02}")


def test_what_is_put_up_at_the_desk_is_what_callers_get_first(desk: Desk) -> None:
    with signed_in(desk, "Gwen", locale="en-GB") as page:
        write(page)
        expect(page.get_by_role("heading", name="Preview")).to_be_visible()
        expect(page.locator(".bubble").first).to_contain_text(FRENCH)
        page.get_by_role("button", name="Put this notice up").click()
        expect(page.locator(".words")).to_contain_text(ENGLISH)
        with a_phone(desk, 1) as phone:
            phone.push("Text")
            phone.write("menu")
            assert phone.last_text().startswith(FRENCH)
            phone.write("1")
            assert FRENCH not in phone.last_text()
        with a_phone(desk, 2) as phone:
            phone.push("Call")
            expect(phone.words.locator(".line").first).to_contain_text("Le site France Travail est en panne")
            phone.push("Hang up")
        take_down(page)
        with a_phone(desk, 3) as phone:
            phone.push("Text")
            phone.write("menu")
            assert "1 Actualisation du mois" in phone.last_text()
            assert FRENCH not in phone.last_text()
        page.goto("/desk/audit")
        expect(page.locator(".trail li").nth(1)).to_contain_text(f"Gwen put a notice up: 1 (fr: {FRENCH}")


def test_both_pages_are_for_everybody_and_for_small_phones(desk: Desk) -> None:
    how: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "en-GB"}
    with signed_in(desk, "Hana", **how) as page:

        def look() -> None:
            assert faults(page) == []
            assert is_narrow(page), page.url

        for path in ("/desk/notice", "/desk/leaflet?language=fr", "/desk/leaflet?language=en"):
            page.goto(path)
            look()
        write(page, french="Allez sur www.exemple.fr")
        expect(page.get_by_role("alert")).to_be_visible()
        refused = [said for said in desk.complaints if "400 (Bad Request)" in said]
        assert len(refused) == 1
        desk.complaints.remove(*refused)
        expect(page.get_by_role("alert")).to_have_text("The notice is not up. Mend what is marked.")
        expect(page.locator("#words-fr")).to_have_value("Allez sur www.exemple.fr")
        look()
        write(page)
        look()
        page.get_by_role("button", name="Put this notice up").click()
        look()
        take_down(page)


def test_neither_page_loads_much_or_from_elsewhere(desk: Desk) -> None:
    with signed_in(desk, "Ines") as page:
        for path in ("/desk/notice", "/desk/leaflet"):
            page.goto(path)
            loaded = [name.removeprefix(desk.helpline.url) for name in page.evaluate(LOADED)]
            assert all(name == path or name.startswith("/desk/static/") for name in loaded)
            sizes = [len(page.request.get(name).body()) for name in loaded]
            assert len(sizes) >= 3
            assert sum(sizes) < LARGEST


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """The sizes of the pages of a PDF."""
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == len(re.findall(rb"/MediaBox", pdf))
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def hidden_on_paper(page: Page) -> None:
    page.emulate_media(media="print")
    for what in ("body > header", ".chooser", "h1"):
        expect(page.locator(what)).to_be_hidden()
    expect(page.locator(".sheet")).to_be_visible()
    page.emulate_media(media="null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_leaflet_prints_as_one_page_of_a4_in_each_language(desk: Desk, scheme: Scheme) -> None:
    with signed_in(desk, f"Jana {scheme}", color_scheme=scheme, locale="en-GB") as page:
        page.goto("/desk/leaflet")
        expect(page.locator(".chooser a")).to_have_count(2)
        for code, name in (("fr", "Français"), ("en", "English")):
            page.locator(".chooser").get_by_role("link", name=name).click()
            expect(page.locator(f".sheet[lang={code}]")).to_be_visible()
            page.wait_for_load_state()
            assert pages_of(page.pdf(prefer_css_page_size=True)) == [A4]
            hidden_on_paper(page)


LONGEST = Leaflet(
    language="fr",
    service="W" * 13,
    sms="09 37 00 00 00",
    voice="+262 262 12 34 56",
    topics=tuple(
        Topic(place, str(number), "Actualisation mensuelle du mois", "ACTUALISATION DE CE MOIS-CI")
        for number, place in enumerate(leaflet_page.PICTOGRAMS, start=1)
    ),
    words=tuple(Word(place, "RAPPEL DU MOIS", "M" * 30) for place in ("remind", "talk", "stop", "menu")),
    about=(
        "Relais Droits, service indépendant. Nous ne sommes pas France Travail, ni une administration.",
        f"Responsable : {'M' * 40}.",
        "Recevoir nos SMS et nos appels est gratuit. Vos SMS et vos appels : prix normal, selon votre contrat.",
        "Nous ne demandons jamais de mot de passe, de code ni d'argent. Ni par SMS, ni par téléphone.",
    ),
)


# As many wrapped lines as there can be before the letters become smaller.
NEARLY_LONG = replace(
    LONGEST,
    topics=tuple(
        replace(each, label="Actualisation, mot de passe", keyword="ACTUALISATION DE CE MOIS")
        for each in LONGEST.topics
    ),
    words=tuple(replace(each, label="M" * 20) for each in LONGEST.words),
    about=tuple(line[:36] for line in LONGEST.about),
)


def served_by(client: FlaskClient) -> Any:
    """What answers a browser in the place of a server."""

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        got = client.get(f"{asked.path}?{asked.query}", buffered=True)
        route.fulfill(status=got.status_code, headers=dict(got.headers), body=got.get_data())

    return answer


@pytest.mark.parametrize(("words", "small"), [(LONGEST, True), (NEARLY_LONG, False)])
def test_it_stays_one_page_with_the_longest_words(
    words: Leaflet,
    small: bool,
    browser: Browser,
    tmp_path: Path,
    sqlite_engine: Engine,
    shared_valkey: EmbeddedValkey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))
    monkeypatch.setattr(leaflet_page, "leaflet_of", lambda *_: words)
    settings = settings_for(tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(sqlite_engine))
    clock = Clock()
    here = DeskHere(create_app(settings, now=clock), sqlite_engine, keys_of(settings.fingerprint_key), clock)
    context = browser.new_context()
    context.route("**/*", served_by(here.person().browser.client))
    page = context.new_page()
    page.goto("http://localhost/desk/leaflet")
    expect(page.locator(".sheet")).to_contain_text("+262 262 12 34 56")
    assert (page.locator(".sheet.long").count() == 1) == small
    assert pages_of(page.pdf(prefer_css_page_size=True)) == [A4]
    # Nothing is cut off at the side either.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1039})  # what is left of A4 within the margins
    assert page.evaluate("document.documentElement.scrollWidth <= 703")
    context.close()
