"""The page with the phones for everybody: by keyboard, on a small screen, with a screen reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Handset

NUMBER, ADDRESS = "+33639981120", "/?phone=0639981120"
OTHER, ITS_ADDRESS = "+33639981121", "/?phone=0639981121"


def tab_to(page: Page, selector: str) -> None:
    """Tab on until what is wanted has the focus."""
    for _ in range(60):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is never reached by Tab")


def test_a_call_and_a_text_need_no_mouse(desk: Desk) -> None:
    with desk.page(ADDRESS) as page:
        phone = Handset(page, NUMBER)
        tab_to(page, ".screen")
        page.keyboard.press("Enter")
        expect(phone.words).to_contain_text("Bonjour.")
        page.keyboard.press("1")
        expect(phone.words).to_contain_text("Ici Relais Droits")
        page.keyboard.press("*")
        expect(phone.words.locator(".pressed")).to_have_text(["1", "*"])
        page.keyboard.press("Escape")
        expect(phone.itself.locator(".call .state")).to_have_text("ended")
        page.keyboard.press("Escape")
        expect(phone.itself.locator(".home")).to_be_visible()
        page.keyboard.press("2")
        expect(phone.itself.locator("textarea")).to_have_value("2")
        tab_to(page, "textarea")
        page.keyboard.type("3 #*")
        expect(phone.itself.locator("textarea")).to_have_value(re.compile(r"3 #\*"))
        phone.itself.locator("textarea").fill("menu")
        page.keyboard.press("Enter")
        expect(phone.bubbles).to_have_count(2)
        page.keyboard.press("Escape")
        expect(phone.screen).to_be_focused()
        page.keyboard.press("Escape")
        expect(phone.itself.locator(".home")).to_be_visible()


def test_nothing_is_wider_than_a_small_phone(desk: Desk) -> None:
    def is_narrow(page: Page) -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= 320"))

    with desk.page(f"{ITS_ADDRESS}&phone=anonymous", viewport={"width": 320, "height": 640}, has_touch=True) as page:
        phone = Handset(page, OTHER)
        assert is_narrow(page)
        phone.push("Text")
        phone.write("actu")
        phone.itself.locator("summary").first.click()
        expect(phone.itself.locator(".log")).to_contain_text("POST /twilio/sms")
        for folded in phone.itself.locator(".log summary").all():
            folded.click()
        assert is_narrow(page)
        phone.push("Back")
        phone.push("Call")
        expect(phone.words).to_contain_text("Ici Relais Droits")
        assert is_narrow(page)


def test_what_happens_inside_scrolls_in_a_window_of_its_own_and_has_no_empty_rows(desk: Desk) -> None:
    with desk.page("/?phone=0639981122") as page:
        phone = Handset(page, "+33639981122")
        phone.push("Text")
        for _ in range(4):
            phone.write("menu")
        phone.itself.locator("summary").first.click()
        log = phone.itself.locator(".log")
        expect(log.locator("b", has_text="Text to the helpline")).to_have_count(4)
        for folded in log.locator("summary").all():
            folded.click()
        window = phone.itself.locator(".log-window")
        assert window.evaluate("each => each.scrollHeight > each.clientHeight && each.clientHeight <= 400")
        assert log.locator("dd").count() > 10
        assert [words for words in log.locator("dd").all_inner_texts() if words.strip() in ("", "–", "none")] == []
        assert violations(page) == []
        tab_to(page, ".log-window")


def test_the_page_is_coloured_from_edge_to_edge(desk: Desk) -> None:
    painted = "name => getComputedStyle(document.querySelector(name)).backgroundImage"
    with desk.page(ADDRESS, viewport={"width": 1920, "height": 1080}) as page:
        assert "gradient" in page.evaluate(painted, "html")
        assert page.evaluate(painted, "body") == "none"


def test_phone_and_keys_have_outlines_in_high_contrast(desk: Desk) -> None:
    width = "each => parseFloat(getComputedStyle(each).borderTopWidth)"
    with desk.page(ADDRESS, forced_colors="active") as page:
        phone = Handset(page, NUMBER).itself
        for part in (".shell", ".screen", ".soft.left", ".green", '[data-key="5"]'):
            assert phone.locator(part).evaluate(width) >= 1, part


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(desk: Desk, scheme: str) -> None:
    how: dict[str, Any] = {"color_scheme": scheme, "reduced_motion": "reduce"}
    with desk.page(f"{ADDRESS}&phone=0199005678&phone=nobody", **how) as page:
        phone, landline = Handset(page, NUMBER), Handset(page, "+33199005678")
        landline.push("Text")
        expect(landline.notice).not_to_be_empty()
        assert violations(page) == []
        phone.push("Text")
        phone.write("actu")
        phone.itself.locator("summary").first.click()
        phone.itself.locator(".log").get_by_text("TwiML", exact=True).first.click()
        landline.push("Call")
        expect(landline.words.locator(".is-said")).to_be_visible()
        assert violations(page) == []
        landline.push("Hang up")
        expect(landline.itself.locator(".call .state")).to_have_text("ended")
        desk.helpline.call("+33199005678", "<Response><Say>Bonjour</Say></Response>")
        expect(landline.itself.locator(".call .state")).to_have_text("is calling")
        assert violations(page) == []
        landline.push("Decline")
