"""What the page with the phones says and does when something is refused to it."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Desk, Handset

EVENTS = re.compile(r"/phone/[^/]+/events")
# When the looks that were to wait began, in milliseconds.
BEGUN = (
    "performance.getEntriesByType('resource').filter((each) => each.name.includes('wait=20'))"
    ".map((each) => each.startTime)"
)
# As in a browser that hears nothing.
DEAF = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"


def a_phone(last: int) -> tuple[str, str]:
    return f"+336399813{last:02}", f"/?phone=06399813{last:02}"


def menu_is_told(page: Page, number: str) -> Handset:
    phone = Handset(page, number)
    phone.push("Call")
    expect(phone.words).to_contain_text("Bonjour.")
    phone.push("1")
    expect(phone.words).to_contain_text("Ici Relais Droits, pas France Travail.")
    return phone


def test_why_a_look_is_refused_is_told_in_the_servers_own_words(desk: Desk) -> None:
    number, address = a_phone(1)
    why = "This phone holds a text that cannot be read."
    with desk.page(address) as page:
        phone = Handset(page, number)
        page.route(EVENTS, lambda route: route.fulfill(status=400, json={"message": why}))
        page.reload()
        expect(phone.connection).to_have_text(why)
        page.unroute(EVENTS)
        expect(phone.connection).to_be_empty()
    told = [said for said in desk.complaints if "status of 400" in said]
    assert told
    desk.complaints[:] = [said for said in desk.complaints if said not in told]


def test_a_page_that_was_not_let_wait_pauses_before_it_looks_again(desk: Desk) -> None:
    number, address = a_phone(2)

    def at_once(route: Route) -> None:
        answer = route.fetch(url=route.request.url.replace("wait=20", "wait=0"))
        route.fulfill(response=answer, headers={**answer.headers, "retry-after": "1"})

    with desk.page(address) as page:
        page.route(EVENTS, at_once)
        page.reload()
        while len(begun := page.evaluate(BEGUN)) < 4:
            page.wait_for_timeout(100)
        expect(Handset(page, number).connection).to_be_empty()
        page.unroute_all(behavior="ignoreErrors")
    # By the browser's own clock: however late this test is told, the page paused three times.
    assert begun[3] - begun[0] > 2900


def test_half_a_letter_is_refused_and_the_phone_goes_on(desk: Desk) -> None:
    number, address = a_phone(3)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Text")
        told = page.evaluate(
            """async (path) => {
              const how = { method: "POST", headers: { "Content-Type": "application/json" } };
              return (await fetch(path, { ...how, body: '{"body": "actu \\\\ud800"}' })).json();
            }""",
            f"/phone/{quote(number)}/texts",
        )
        assert "half a character" in json.dumps(told)
        phone.write("menu")
        expect(phone.bubbles).to_have_count(2)
    desk.complaints[:] = [said for said in desk.complaints if "status of 400" not in said]


def test_speak_is_offered_only_where_the_browser_can_listen(desk: Desk) -> None:
    number, address = a_phone(4)
    with desk.page(address) as page:
        page.add_init_script(DEAF)
        page.reload()
        phone = menu_is_told(page, number)
        expect(phone.itself.get_by_role("button", name="Hang up", exact=True).first).to_be_enabled()
        assert phone.itself.locator(".soft.left").inner_text() == ""
        phone.push("Hang up")


def test_a_microphone_that_may_not_be_used_is_told_and_the_keys_go_on(desk: Desk) -> None:
    number, address = a_phone(5)
    with desk.page(address) as page:
        phone = menu_is_told(page, number)
        phone.push("Speak")
        expect(phone.notice).to_contain_text("may not use the microphone")
        expect(phone.itself.get_by_role("button", name="Speak", exact=True)).to_be_enabled()
        expect(phone.words.get_by_text("(silence)")).to_have_count(0)
        phone.push("2")
        expect(phone.words).to_contain_text("Connexion au site.")
        phone.push("Hang up")


def test_who_is_offered_to_speak_is_told_once_who_may_hear_it(desk: Desk) -> None:
    number, address = a_phone(7)
    why = "Speak: some browsers send what the microphone hears to their maker."
    with desk.page(address) as page:
        phone = menu_is_told(page, number)
        expect(phone.notice).to_have_text(why)
        expect(phone.itself.get_by_role("button", name="Speak", exact=True)).to_have_attribute("title", why)
        phone.push("Hang up")
        page.reload()
        phone = menu_is_told(page, number)
        expect(phone.itself.get_by_role("button", name="Speak", exact=True)).to_be_enabled()
        expect(phone.notice).to_be_empty()
        phone.push("Hang up")


def test_a_call_waits_on_after_a_key_that_the_web_did_not_hear(desk: Desk) -> None:
    number, address = a_phone(8)
    with desk.page(address) as page:
        phone = menu_is_told(page, number)
        page.route("**/keys", lambda route: route.abort())
        phone.push("2")
        expect(phone.notice).to_have_text("The helpline does not answer just now. Please try again in a moment.")
        page.unroute("**/keys")
        expect(phone.words.get_by_text("(silence)")).to_have_count(1)
        phone.push("2")
        expect(phone.words).to_contain_text("Connexion au site.")
        phone.push("Hang up")


def test_who_blocked_the_texts_at_the_carrier_is_told_how_to_undo_it(desk: Desk) -> None:
    number, address = a_phone(9)

    def is_blocked(route: Route) -> None:
        answer = route.fetch(url=route.request.url.replace("wait=20", "wait=1"))
        route.fulfill(response=answer, json={**answer.json(), "is_blocked": True})

    with desk.page(address) as page:
        blocked = Handset(page, number).itself.locator(".blocked")
        expect(blocked).to_be_hidden()
        page.route(EVENTS, is_blocked)
        page.reload()
        expect(blocked).to_be_visible()
        expect(blocked).to_have_text("Texts blocked (STOP). Text START to undo it.")
        page.unroute_all(behavior="ignoreErrors")
        page.reload()
        expect(blocked).to_be_hidden()


def test_the_whole_phone_and_what_stands_beside_it_are_in_sight(desk: Desk) -> None:
    for width, height in ((1280, 900), (1024, 800)):
        with desk.page("/?phone=0639981306", viewport={"width": width, "height": height}) as page:
            phone = Handset(page, "+33639981306").itself
            assert page.evaluate("document.documentElement.scrollWidth") == width
            shell, aside = phone.locator(".shell").bounding_box(), page.locator("aside").bounding_box()
            assert shell is not None
            assert aside is not None
            assert shell["y"] + shell["height"] <= height
            assert shell["x"] + shell["width"] < aside["x"]
