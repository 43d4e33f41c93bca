"""A call request in a browser: asked for by text, taken at the desk, called through the helpline, done."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Desk, Handset
from tests.browser.test_operators_desk import LARGEST, LOADED, faults, is_narrow, signed_in

CALLER, OPERATOR = "0639981501", "0639981502"


def international(number: str) -> str:
    return f"+33{number[1:]}"


def asks(phone: Handset, words: str) -> None:
    """Ask by text to be called by a person."""
    phone.push("Text")
    phone.write(words)


def test_a_request_is_taken_called_and_done(desk: Desk) -> None:
    with desk.page(f"/?phone={CALLER}") as caller:
        asks(Handset(caller, international(CALLER)), "PARLER")
    with (
        signed_in(desk, "Hugo", locale="fr-FR") as page,
        desk.page(f"/?phone={OPERATOR}") as office,
    ):
        expect(page.locator(".parts .waits")).to_contain_text("Une personne attend d’être rappelée")
        page.get_by_role("link", name="Demandes d’appel").click()
        expect(page.locator(".requests li")).to_have_count(1)
        page.get_by_role("button", name=re.compile("Je m’en occupe")).click()
        expect(page.locator(".number dd")).to_have_text("06 39 98 15 01")
        page.get_by_label("Votre téléphone").fill(OPERATOR)
        page.get_by_role("button", name="Appeler", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Votre téléphone sonne.")
        own = Handset(office, international(OPERATOR))
        own.push("Answer")
        expect(own.words).to_contain_text("Appuyez sur une touche pour être mis en relation.")
        own.push("5")
        expect(own.words).to_contain_text("Nous appelons.")
        expect(own.itself.locator(".dialled")).to_have_text(f"{international(CALLER)} rings. What happens there?")
        own.push("They answer")
        expect(own.words).to_contain_text("L’appel est fini. Notez le résultat sur la page.")
        page.get_by_role("button", name="C’est fait").click()
        expect(page.get_by_role("status")).to_contain_text("la personne a été rappelée")
        expect(page.locator(".none")).to_have_text("Personne n’attend d’être rappelé.")
        page.get_by_role("link", name="Journal").click()
        told = page.locator(".trail li")
        expect(told.nth(0)).to_contain_text("Hugo a fini une demande d’appel")
        expect(told.nth(1)).to_contain_text("Hugo a appelé une personne")
        expect(told.nth(2)).to_contain_text("Hugo a pris une demande d’appel")


def test_it_is_for_everybody_and_for_small_phones(desk: Desk) -> None:
    for last, words in (("03", "PARLER"), ("04", "TALK")):
        with desk.page(f"/?phone=06399815{last}") as caller:
            asks(Handset(caller, f"+336399815{last}"), words)
    with signed_in(desk, "Sami", viewport={"width": 320, "height": 640}, locale="fr-FR") as page:

        def look() -> None:
            assert faults(page) == []
            assert is_narrow(page), page.url

        page.goto("/desk/requests")
        look()
        loaded = page.evaluate(LOADED)
        assert sum(len(page.request.get(name).body()) for name in loaded) < LARGEST
        page.locator(".requests form button").first.click()
        expect(page.locator(".number dd")).to_be_visible()
        look()
        page.get_by_label("Votre téléphone").fill("3949")
        page.get_by_role("button", name="Appeler", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas un numéro que le service appelle.")
        expect(page.get_by_label("Votre téléphone")).to_have_value("3949")
        look()
        desk.complaints[:] = [said for said in desk.complaints if "400 (Bad Request)" not in said]
        page.goto("/desk/requests")
        look()
        page.get_by_role("link", name=re.compile("Appeler, ou noter le résultat")).click()
        page.get_by_role("button", name="Pas de réponse").click()
        expect(page.get_by_role("status")).to_contain_text("de nouveau dans la liste")
        look()
