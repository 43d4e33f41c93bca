"""The pages of the prompts and the facts in a browser: the map, a place read and heard, a fact reviewed."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_operators_desk import LARGEST, LOADED, faults, is_narrow, signed_in

PATHS = (
    "/desk/prompts",
    "/desk/prompts/contact",
    "/desk/prompts/update.when",
    "/desk/prompts/remind",
    "/desk/prompts-check",
    "/desk/facts",
    "/desk/facts/F105",
)
OURS = {f"/desk/static/{file}" for file in ("desk.css", "prompts.css", "listen.js", "icon.svg")}
# Keeps what would be read aloud: a machine that runs tests has no voice.
LISTENS = """
window.said = [];
window.speechSynthesis.speak = (words) => window.said.push([words.lang, words.text]);
"""


def test_the_pages_are_for_everybody_and_for_small_phones(desk: Desk) -> None:
    how: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "fr-FR"}
    with signed_in(desk, "Rosa", **how) as page:
        for path in PATHS:
            page.goto(path)
            for folded in page.locator("summary").all():
                folded.click()
            assert faults(page) == []
            assert is_narrow(page), path


def test_a_fact_that_is_due_stands_out_for_everybody(desk: Desk) -> None:
    how: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "fr-FR"}
    with closing(sqlite3.connect(desk.helpline.database)) as database, database:
        seen = "INSERT INTO fact_reviews (fact, at, who, statement_hash) VALUES ('F105', ?, 'Anna', 'another sentence')"
        database.execute(seen, [int(time.time())])
    with signed_in(desk, "Mia", **how) as page:
        page.get_by_role("link", name="Faits à revoir : ").click()
        expect(page.locator(".facts li").first).to_contain_text("F105")
        expect(page.locator(".facts li.due")).to_contain_text("phrase changée : à revoir")
        assert faults(page) == []
        page.get_by_role("link", name="F105").click()
        assert faults(page) == []
        page.get_by_role("button", name="J’ai vérifié : c’est exact").click()
        assert faults(page) == []
        assert is_narrow(page)


def test_no_page_loads_much_or_from_elsewhere(desk: Desk) -> None:
    with signed_in(desk, "Ibrahim") as page:
        for path in PATHS:
            page.goto(path)
            loaded = [name.removeprefix(desk.helpline.url) for name in page.evaluate(LOADED)]
            assert set(loaded) <= {path, *OURS}
            assert loaded[0] == path
            assert sum(len(page.request.get(name).body()) for name in loaded) < LARGEST


def test_from_the_map_to_a_place_and_to_its_facts(desk: Desk) -> None:
    with signed_in(desk, "Jeanne", locale="fr-FR") as page:
        page.get_by_role("link", name="Textes", exact=True).click()
        drawn = page.get_by_role("region", name="Le haut des menus")
        drawn.get_by_role("link", name="1 Actualisation du mois").click()
        expect(page.locator("h1")).to_have_text("Actualisation du mois")
        ways = page.locator("section", has=page.get_by_role("heading", name="Où mène cet endroit"))
        ways.get_by_role("link", name="Comment s'actualiser").click()
        expect(page.locator(".path")).to_contain_text("Actualisation du mois")
        expect(page.get_by_role("heading", name="English")).to_be_visible()
        facts = page.locator("section", has=page.get_by_role("heading", name="Les faits derrière ces mots"))
        name = facts.get_by_role("link").first.inner_text()
        facts.get_by_role("link").first.click()
        expect(page.locator("h1")).to_have_text(f"Fait {name}")
        page.get_by_role("button", name="J’ai vérifié : c’est exact").click()
        expect(page.get_by_role("status")).to_contain_text("C’est noté. Merci.")
        expect(page.locator("main")).to_contain_text("par Jeanne, à revoir après le")
        page.get_by_role("link", name="Journal").click()
        expect(page.locator(".trail li").first).to_contain_text(f"Jeanne a revu un fait: {name}")


def lines(page: Page, figure: int) -> list[str]:
    return page.locator("figure.said:has(.listen)").nth(figure).locator(".spoken span").all_inner_texts()


def test_the_browser_reads_aloud_what_a_call_says_in_its_language(desk: Desk) -> None:
    with signed_in(desk, "Khadija", locale="en-GB") as page:
        page.add_init_script(LISTENS)
        page.goto("/desk/prompts/contact")
        listen = page.locator(".listen")
        expect(listen.first).to_have_accessible_name("Listen Page 1 of 3, Français")
        listen.first.click()
        assert page.evaluate("window.said") == [["fr-FR", line] for line in lines(page, 0)]
        expect(listen.first).to_have_text("Stop Page 1 of 3, Français")
        last = listen.count() - 1
        page.evaluate("window.said = []")
        listen.nth(last).click()
        assert page.evaluate("window.said") == [["en-GB", line] for line in lines(page, last)]
        expect(listen.first).to_contain_text("Listen")
        listen.nth(last).click()
        expect(listen.nth(last)).to_contain_text("Listen")


def test_without_a_script_there_is_no_button_and_everything_is_read(desk: Desk) -> None:
    with signed_in(desk, "Lila", locale="en-GB", java_script_enabled=False) as page:
        page.goto("/desk/prompts/contact")
        expect(page.locator(".listen").first).to_be_hidden()
        expect(page.locator(".spoken").first).to_be_visible()
