"""The operators' desk in a browser: from the one-time link to the end of a session, for everybody."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from helpline.operators import accounts
from helpline.operators.keys import keys_of
from helpline.operators.sessions import IDLE
from helpline.records.engine import open_records
from helpline.settings import load_settings
from tests.browser.conftest import Desk, Helpline

PASSWORD = "quatre mots sans rapport"
LARGEST = 100_000  # bytes of a page with all that it loads
PAGES = ("/desk/", "/desk/own", "/desk/audit")  # those of the other tests beside this one have their own
OF_READERS = ["Today", "People", "Call requests", "Reminders", "Notice", "Leaflet", "Prompts", "Facts"]
BY: dict[Literal["light", "dark"], dict[str, Any] | None] = {"light": None, "dark": {"runOnly": ["color-contrast"]}}


@dataclass
class Operator:
    """Somebody with an app."""

    name: str
    link: str
    secret: str = ""

    def code(self, ahead: float = 0) -> str:
        return pyotp.TOTP(self.secret).at(int(time.time() + ahead))

    def begin(self, page: Page) -> None:
        """Use the link, up to the recovery codes."""
        page.goto(self.link)
        self.secret = page.locator(".secret").inner_text().replace(" ", "")
        page.locator("#password").fill(PASSWORD)
        page.locator("#code").fill(self.code())
        page.locator("main .button").click()
        expect(page.locator(".codes li")).to_have_count(10)


def added(helpline: Helpline, name: str) -> Operator:
    """As the command does, without the start of a process for each."""
    settings = load_settings(helpline.environ)
    engine, keys = open_records(settings.database_url), keys_of(settings.fingerprint_key)
    with engine.begin() as connection:
        link = accounts.add(connection, keys, name, "editor", "a test", datetime.now(UTC))
    engine.dispose()
    return Operator(name, f"/desk/link/{link.token}")


def added_by_command(helpline: Helpline, name: str, *more: str) -> Operator:
    told = json.loads(helpline.command("operators", "add", name, "--json", *more))
    return Operator(name, "/desk/link/" + told["link"].partition("/desk/link/")[2])


@contextmanager
def signed_in(desk: Desk, name: str, **how: Any) -> Iterator[Page]:
    with desk.page("/desk/sign-in", **how) as page:
        added(desk.helpline, name).begin(page)
        page.goto("/desk/")
        yield page


def test_from_the_link_to_the_end_of_a_session(desk: Desk) -> None:
    anna = added_by_command(desk.helpline, "Anna Martin", "--role", "editor")
    with desk.page(anna.link, locale="fr-FR") as page:
        expect(page.locator("h1")).to_have_text("Bienvenue, Anna Martin")
        anna.begin(page)
        expect(page.locator("h1")).to_have_text("Vos codes de secours")
        page.get_by_role("link", name="Je les ai notés : continuer").click()
        expect(page.locator("h1")).to_have_text("Aujourd’hui")
        expect(page.locator(".verdict")).to_have_text("Tout fonctionne.")
        page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text("Today")
        expect(page.locator(".verdict")).to_have_text("All is well.")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("link", name="Audit trail").click()
        expect(page.locator(".trail li").first).to_contain_text("Anna Martin chose a password")
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(re.compile("/desk/sign-in$"))
        page.get_by_label("Name").fill("anna martin")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Code from your app").fill(anna.code(ahead=30))  # the one before it was used
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("h1")).to_have_text("Today")
        with closing(sqlite3.connect(desk.helpline.database)) as database, database:
            database.execute("UPDATE operator_sessions SET seen_at = seen_at - ?", [int(IDLE / timedelta(seconds=1))])
        page.reload()
        expect(page.get_by_role("status")).to_have_text("Your session is over. Sign in again to go on.")


def test_a_link_elsewhere_leads_in_and_signs_nobody_out(desk: Desk) -> None:
    with signed_in(desk, "Gabrielle", locale="en-GB") as page:
        for path, shown in (("/desk/audit", "Audit trail"), ("/desk/sign-in", "Today")):
            page.goto(f"http://localhost:{desk.helpline.port}/")  # another site than 127.0.0.1
            page.evaluate("(address) => { location.href = address }", f"{desk.helpline.url}{path}")
            expect(page.locator("h1")).to_have_text(shown)


def test_a_reader_is_not_offered_what_is_for_editors(desk: Desk) -> None:
    boris = added_by_command(desk.helpline, "Boris")
    with desk.page(boris.link, locale="en-GB") as page:
        boris.begin(page)
        expect(page.get_by_role("navigation").get_by_role("link")).to_have_text(OF_READERS)


def test_a_paused_helpline_says_so_until_it_goes_on(desk: Desk) -> None:
    with signed_in(desk, "Carla", locale="fr-FR") as page:
        desk.helpline.command("reminders", "pause", "--reason", "un mot faux")
        page.reload()
        waits = page.locator(".parts .waits")
        expect(waits).to_contain_text("une personne de l’équipe a mis l’envoi en pause")
        expect(waits).to_contain_text("Raison : un mot faux.")
        expect(waits).to_contain_text("À faire : Quand tout est prêt, ouvrez « Rappels » : « Reprendre les envois ».")
        desk.helpline.command("reminders", "resume")
        page.reload()
        expect(page.locator(".verdict")).to_have_text("Tout fonctionne.")


def test_it_works_by_keyboard_and_the_frame_can_be_skipped(desk: Desk) -> None:
    with signed_in(desk, "Dana", locale="en-GB") as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator("summary").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("columnheader", name="Day")).to_be_visible()


def faults(page: Page) -> list[tuple[str, list[str]]]:
    """By light; and by dark, where colours are another matter and nothing else is."""
    found = []
    for scheme, options in BY.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        told = Axe().run(page, options=options).response
        assert len(told["passes"]) > (10 if scheme == "light" else 0)
        found += [(one["id"], [node["html"] for node in one["nodes"]]) for one in told["violations"]]
    return found


def is_narrow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= 320"))


def test_every_page_is_for_everybody_and_for_small_phones(desk: Desk) -> None:
    eli = added(desk.helpline, "Eli")
    how: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "fr-FR"}
    with desk.page("/desk/sign-in", **how) as page:

        def look() -> None:
            assert faults(page) == []
            assert is_narrow(page), page.url

        look()
        page.goto(eli.link)
        look()
        eli.begin(page)
        look()
        for path in PAGES:
            page.goto(path)
            for folded in page.locator("summary").all():
                folded.click()
            look()
        desk.helpline.command("reminders", "pause")
        page.goto("/desk/")
        look()
        desk.helpline.command("reminders", "resume")


# Everything that a page loaded, itself the first.
LOADED = "performance.getEntries().filter((entry) => entry.decodedBodySize !== undefined).map((entry) => entry.name)"


def test_no_page_loads_much_or_from_elsewhere(desk: Desk) -> None:
    with signed_in(desk, "Fatou") as page:
        for path in PAGES:
            page.goto(path)
            loaded = [name.removeprefix(desk.helpline.url) for name in page.evaluate(LOADED)]
            assert set(loaded) <= {path, "/desk/static/desk.css", "/desk/static/icon.svg"}
            assert loaded[:2] == [path, "/desk/static/desk.css"]
            sizes = [len(page.request.get(name).body()) for name in loaded]
            assert min(sizes) > 100
            assert sum(sizes) < LARGEST
