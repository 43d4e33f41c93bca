"""An operator finds a person who signed up by the simulated phone, stops them, hands their data over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Handset
from tests.browser.test_operators_desk import LARGEST, LOADED, faults, is_narrow, signed_in


def a_phone(last: int) -> tuple[str, str, str]:
    """Its number, its address on the page, and the number as people write it."""
    return f"+336399818{last:02}", f"/?phone=06399818{last:02}", f"06 39 98 18 {last:02}"


def signs_up(page: Page, number: str) -> Handset:
    phone = Handset(page, number)
    phone.push("Text")
    phone.write("rappel")
    phone.write("1")
    assert "Merci, c'est noté" in phone.last_text()
    return phone


def look_up(page: Page, written: str) -> None:
    page.goto("/desk/")
    page.get_by_role("link", name="Personnes").click()
    page.get_by_label("Numéro de téléphone").fill(written)
    page.get_by_role("button", name="Chercher").click()


def test_somebody_who_signed_up_is_found_and_stopped_and_hears_of_it(desk: Desk) -> None:
    number, address, written = a_phone(1)
    with desk.page(address) as handset, signed_in(desk, "Nadia", locale="fr-FR") as page:
        phone = signs_up(handset, number)
        look_up(page, written)
        expect(page.locator("h1")).to_have_text("06 ·· ·· ·· 01")
        expect(page.locator(".verdict")).to_have_text("Cette personne reçoit des rappels.")
        expect(page.locator("blockquote").last).to_contain_text("1 Oui, tous")
        page.get_by_role("link", name="Arrêter les rappels").click()
        page.get_by_role("link", name="Non, revenir").click()
        expect(page.locator(".verdict")).to_have_text("Cette personne reçoit des rappels.")
        page.get_by_role("link", name="Arrêter les rappels").click()
        page.get_by_role("button", name="Oui, arrêter").click()
        expect(page.get_by_role("status")).to_have_text("C’est arrêté. Un SMS le confirme à la personne.")
        expect(page.locator(".verdict")).to_have_text("Cette personne ne veut plus rien recevoir.")
        expect(phone.bubbles.last.locator(".body")).to_contain_text("c'est fini, vous n'aurez plus de rappels")
        assert "639981801" not in page.url
        page.get_by_role("link", name="Journal").click()
        expect(page.locator(".trail li").first).to_contain_text("Nadia a arrêté les rappels d’une personne")


def test_their_data_is_a_file_for_them(desk: Desk, tmp_path: Path) -> None:
    number, address, written = a_phone(2)
    with desk.page(address) as handset, signed_in(desk, "Odile", locale="fr-FR") as page:
        signs_up(handset, number)
        look_up(page, written)
        page.get_by_role("link", name="Remettre ses données").click()
        with page.expect_download() as to_read:
            page.get_by_role("button", name="Fichier à lire et à imprimer").click()
        assert to_read.value.suggested_filename.startswith("vos-donnees-")
        to_read.value.save_as(tmp_path / "read.html")
        assert number in (tmp_path / "read.html").read_text(encoding="utf-8")
        with page.expect_download() as for_programs:
            page.get_by_role("button", name="Fichier pour un programme (JSON)").click()
        for_programs.value.save_as(tmp_path / "data.json")
        assert json.loads((tmp_path / "data.json").read_text(encoding="utf-8"))["number"] == number


def test_each_page_of_a_person_is_for_everybody_small_and_from_here(desk: Desk) -> None:
    number, address, written = a_phone(3)
    how: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "locale": "fr-FR"}
    with desk.page(address) as handset, signed_in(desk, "Jo", **how) as page:

        def look() -> None:
            assert faults(page) == [], page.url
            assert is_narrow(page), page.url
            loaded = [name.removeprefix(desk.helpline.url) for name in page.evaluate(LOADED)]
            assert {name for name in loaded[1:] if not name.startswith("/desk/static/")} == set()
            assert sum(len(page.request.get(name).body()) for name in loaded) < LARGEST

        signs_up(handset, number)
        page.goto("/desk/people")
        look()
        page.get_by_label("Numéro de téléphone").fill("12")
        page.get_by_role("button", name="Chercher").click()
        expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas un numéro de téléphone.")
        assert faults(page) == []
        desk.complaints[:] = [said for said in desk.complaints if "400" not in said]  # of each refusal
        look_up(page, written)
        look()
        for link in ("Remettre ses données", "Arrêter les rappels", "Effacer"):
            page.get_by_role("link", name=link).click()
            look()
            if link != "Effacer":
                page.go_back()
        page.get_by_role("button", name="Oui, effacer").click()
        expect(page.get_by_role("status")).to_contain_text("C’est effacé.")
        for folded in page.locator("summary").all():
            folded.click()
        look()
