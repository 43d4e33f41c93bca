"""Reminders at the desk, in a browser: a wave is held back and let go, everything is paused, by everybody's means."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from helpline.menus.waves import Wave, next_wave
from helpline.menus.windows import PARIS
from tests.browser.conftest import Desk, Helpline, a_demo
from tests.browser.test_operators_desk import LARGEST, LOADED, faults, signed_in
from tests.menus.calendars import USUAL

PATHS = ("/desk/reminders", "/desk/reminders/pause", "/desk/reminders/message", "/desk/reminders/test")
STATES = {"delivered": 60, "accepted": 12, "planned": 40, "undelivered": 5, "skipped": 8}


def filled(helpline: Helpline, wave: Wave) -> None:
    """Messages of that wave which nobody sends: they are due in the evening."""
    at = int(wave.begins.timestamp())
    with closing(sqlite3.connect(helpline.database, timeout=30)) as database, database:
        place = 0
        for state, count in STATES.items():
            for _ in range(count):
                place += 1
                caller = database.execute(
                    "INSERT INTO callers(fingerprint, number, number_key, language, spread, last_seen, created_at) "
                    "VALUES (?, 'sealed', 'key', 'fr', 65535, ?, ?)",
                    [f"{place:032x}", at, at - 86400],
                ).lastrowid
                database.execute(
                    "INSERT INTO subscriptions(caller_id, kind, scope, since) VALUES (?, 'update', 'all', ?)",
                    [caller, at - 86400],
                )
                reason = {"undelivered": "30003", "skipped": "done"}.get(state, "")
                moments = [at + 9 * 3600, int(wave.not_after.timestamp()), at]
                database.execute(
                    "INSERT INTO messages(caller_id, kind, occurrence, wave, queue, state, reason, due_at, not_after, "
                    "changed_at) VALUES (?, 'update', ?, ?, 'bulk', ?, ?, ?, ?, ?)",
                    [caller, wave.occurrence, wave.name, state, reason, *moments],
                )


@pytest.fixture(scope="module")
def helpline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helpline]:
    """A demo of its own, which is filled, and stays where it travelled to."""
    with a_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def wave(helpline: Helpline) -> Wave:
    """It is its first morning, and its messages are in many states."""
    found = next_wave(USUAL, datetime.now(PARIS), "all")
    filled(helpline, found)
    helpline.travel({"to": (found.begins + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")})
    return found


def test_a_wave_is_held_and_let_go_and_everything_paused(desk: Desk, wave: Wave) -> None:
    with signed_in(desk, "Hawa", locale="fr-FR") as page:
        page.get_by_role("link", name="Rappels", exact=True).click()
        expect(page.locator("h1")).to_have_text("Rappels")
        opened(page, "/desk/reminders")
        one = page.locator(".wave", has_text="à envoyer")
        one.locator("summary", has_text="Retenir cette vague").click()
        one.get_by_label("Pourquoi ?").fill("une date est fausse")
        one.get_by_role("button", name="Retenir").click()
        expect(page.get_by_role("status")).to_have_text("C’est retenu. Plus rien de cette vague ne part.")
        held = page.locator(".wave", has_text="Retenue par Hawa")
        expect(held).to_contain_text("Raison : une date est fausse")
        expect(held).to_contain_text("40 retenus")
        held.get_by_role("button", name="Laisser partir").click()
        expect(page.get_by_role("status")).to_have_text("La vague repart, aux heures prévues.")
        page.get_by_role("link", name="Mettre tous les envois en pause").click()
        page.get_by_label("Pourquoi ?").fill("un doute")
        page.get_by_role("button", name="Tout mettre en pause").click()
        expect(page.locator(".verdict")).to_contain_text("Tous les envois sont en pause")
        page.get_by_role("button", name="Reprendre les envois").click()
        expect(page.get_by_role("status")).to_have_text("Les envois reprennent.")
        page.goto("/desk/audit")
        expect(page.locator(".trail li").first).to_contain_text("Hawa a repris les envois")


def opened(page: Page, path: str) -> None:
    """A page of Reminders, once it is counted."""
    page.goto(path)
    while page.get_by_text("Le calcul des chiffres est en cours").count():
        page.wait_for_timeout(200)
        page.goto(path)


def is_narrow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= 320"))


def test_each_page_is_for_everybody_and_for_small_phones(desk: Desk, wave: Wave) -> None:
    with signed_in(desk, "Ines", viewport={"width": 320, "height": 640}, locale="fr-FR") as page:
        for path in PATHS:
            opened(page, path)
            for folded in page.locator("summary").all():
                folded.click()
            assert faults(page) == [], path
            assert is_narrow(page), path
            page.goto(path)
            loaded = [name.removeprefix(desk.helpline.url) for name in page.evaluate(LOADED)]
            assert set(loaded) <= {path, *(f"/desk/static/{name}" for name in ("desk.css", "waves.css", "icon.svg"))}
            assert sum(len(page.request.get(name).body()) for name in loaded) < LARGEST
