"""The page with the phones, in a browser, against the helpline as it runs."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Handset, twentieth
from tests.server.running import wait_until


def a_phone(last: int) -> tuple[str, str]:
    """A number that nobody has, as the carrier knows it and as the page's address has it."""
    return f"+336399811{last:02}", f"/?phone=06399811{last:02}"


def test_a_text_is_answered_and_the_keys_write_the_next_one(desk: Desk) -> None:
    number, address = a_phone(1)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Text")
        phone.write("mot de passe")
        assert "passe" in phone.last_text()
        expect(phone.bubbles.last.locator(".foot")).to_contain_text(re.compile(r"[12] SMS"))
        phone.push("0")
        expect(phone.itself.locator("textarea")).to_have_value("0")
        phone.push("Send")
        expect(phone.bubbles).to_have_count(4)
        assert "1 Actualisation du mois" in phone.last_text()
        page.reload()
        phone.push("Text")
        expect(phone.bubbles).to_have_count(4)


def test_what_a_caller_writes_is_shown_and_never_run(desk: Desk) -> None:
    number, address = a_phone(2)
    evil = "<img src=x onerror=\"document.title='stolen'\"><b>actu</b>"
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Text")
        phone.write(evil)
        assert phone.bubbles.first.locator(".body").inner_text() == evil
        phone.itself.locator("summary").first.click()
        expect(phone.itself.locator(".log")).to_contain_text("POST /twilio/sms")
        phone.itself.get_by_text("Request", exact=True).first.click()
        expect(phone.itself.locator(".log dd").get_by_text(evil).first).to_be_visible()
        assert page.locator(".phone img").count() == 0
        assert page.title() != "stolen"


def test_a_call_is_led_by_keys_through_three_levels(desk: Desk) -> None:
    number, address = a_phone(3)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Call")
        expect(phone.words).to_contain_text("Pour le français, tapez 1.")
        phone.push("1")
        expect(phone.words).to_contain_text("Ici Relais Droits, pas France Travail.")
        phone.push("2")
        expect(phone.words).to_contain_text("Connexion au site.")
        expect(phone.words.locator("[aria-current]")).to_have_count(1)
        assert phone.words.locator(".line").first.get_attribute("lang") == "fr-FR"
        phone.push("2")
        expect(phone.words.locator(".pressed")).to_have_text(["1", "2", "2"])
        expect(phone.words).to_contain_text("Allez sur")
        expect(phone.itself.locator(".elapsed")).to_have_text(re.compile(r"\d:\d\d"))
        phone.itself.locator("summary").first.click()
        log = phone.itself.locator(".log")
        expect(log).to_contain_text("signin.password")
        log.get_by_text("TwiML", exact=True).first.click()
        expect(log.locator("pre").first).to_contain_text("<Gather")
        phone.push("Hang up")
        expect(phone.itself.locator(".call .state")).to_have_text("ended")
        expect(log).to_contain_text("outgoing, completed")


def test_who_says_nothing_is_asked_again(desk: Desk) -> None:
    number, address = a_phone(4)
    with desk.page("/?phone=anonymous") as page:
        page.clock.install()
        page.goto(address)
        phone = Handset(page, number)
        phone.push("Call")
        expect(phone.words).to_contain_text("Bonjour.")
        silence = phone.words.get_by_text("(silence)")
        for _ in range(30):
            if silence.count():
                break
            page.clock.run_for(3000)
        expect(silence.first).to_be_visible()
        expect(phone.words.get_by_text("Bonjour.")).to_have_count(2)


@pytest.fixture
def travelling(desk: Desk) -> Iterator[None]:
    desk.helpline.travel({"to": twentieth(datetime.now(UTC))})
    yield
    desk.helpline.travel({"back": True})


def test_who_signs_up_is_reminded_when_the_time_machine_arrives_and_says_fait(desk: Desk, travelling: None) -> None:
    number, address = a_phone(5)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Text")
        phone.write("rappel")
        phone.write("1")
        assert "Merci, c'est noté" in phone.last_text()
        phone.push("Back")
        page.get_by_role("button", name="First reminder: the update opens").click()
        expect(page.locator("#travel-told")).to_contain_text("It is now")
        expect(phone.notice).to_contain_text("New message: Relais Droits")
        expect(phone.itself.locator(".unread")).to_have_text(re.compile("1 new message"))
        expect(phone.itself.locator(".told .more.below")).to_be_visible()
        phone.push("Read")
        assert "est ouverte" in phone.last_text()
        # The screen is too small for the whole text: its end, where the choices are, is what is seen.
        thread, below = phone.itself.locator(".thread"), phone.itself.locator(".scrolls .more.below")
        assert thread.evaluate("list => list.scrollHeight - list.clientHeight - list.scrollTop") < 5
        expect(phone.itself.locator(".scrolls .more.above")).to_be_visible()
        expect(below).to_be_hidden()
        thread.evaluate("list => list.scrollTo(0, 0)")
        expect(below).to_be_visible()
        phone.write("fait")
        assert "Pas d'autre rappel" in phone.last_text()
        page.get_by_role("button", name="Back to today").click()
        expect(page.locator("#travelled")).to_be_hidden()
        assert str(datetime.now(UTC).year) in page.locator("#today").inner_text()


def test_two_phones_are_open_at_once_and_each_gets_what_is_its_own(desk: Desk) -> None:
    number, address = a_phone(6)
    with desk.page(address) as page:
        first, second = Handset(page, number), Handset(page, "+33639980002")
        first.push("Call")
        expect(first.words).to_contain_text("Bonjour.")
        page.get_by_role("link", name="Mobile 06 39 98 00 02").click()
        expect(page).to_have_url(re.compile(r"\?phone=0639981106&phone=0639980002$"))
        second.push("Text")
        second.write("menu")
        expect(first.itself.locator(".call .state")).to_have_text("in a call")
        expect(first.bubbles).to_have_count(0)
        expect(second.words.locator("p")).to_have_count(0)
        page.reload()
        expect(first.itself.locator(".call .state")).to_have_text("in a call")
        second.push("Text")
        expect(second.bubbles).to_have_count(2)
        page.get_by_role("link", name="Put away: Mobile 06 39 98 11 06").click()
        expect(page.locator(".phone")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"/\?phone=0639980002$"))


def test_a_landline_and_a_withheld_number_call_and_are_told_why_they_cannot_text(desk: Desk) -> None:
    with desk.page("/?phone=0199005678&phone=anonymous") as page:
        landline, withheld = Handset(page, "+33199005678"), Handset(page, "anonymous")
        landline.push("Text")
        expect(landline.notice).to_contain_text("is a landline")
        withheld.push("Text")
        expect(withheld.notice).to_contain_text("withholds the number")
        withheld.push("Call")
        expect(withheld.words).to_contain_text("Bonjour.")


def test_a_call_of_the_helpline_rings_and_is_answered_declined_or_missed(desk: Desk) -> None:
    number, address = a_phone(7)
    words = '<Response><Say language="fr-FR">Rappel de l\'actualisation.</Say></Response>'
    with desk.page(address) as page:
        phone = Handset(page, number)
        desk.helpline.call(number, words)
        expect(phone.itself.locator(".call .state")).to_have_text("is calling")
        phone.push("Answer")
        expect(phone.words).to_contain_text("Rappel de l'actualisation.")
        expect(phone.itself.locator(".call .state")).to_have_text("ended")
        desk.helpline.call(number, words)
        phone.push("Decline")
        expect(phone.itself.locator(".call .state")).to_have_text("busy")
        expect(phone.words.locator("p")).to_have_count(0)
        desk.helpline.call(number, words, rings=1)
        expect(phone.notice).to_have_text("Missed call")


def test_a_lost_connection_is_told_and_what_came_meanwhile_arrives(desk: Desk) -> None:
    number, address = a_phone(8)
    with desk.page(address) as page, desk.page(address) as other:
        phone, elsewhere = Handset(page, number), Handset(other, number)
        phone.push("Text")
        expect(phone.itself.locator(".thread")).to_be_visible()
        page.context.set_offline(True)
        expect(phone.connection).to_have_text("Connection lost. Trying again …")
        elsewhere.push("Text")
        elsewhere.write("menu")
        expect(phone.bubbles).to_have_count(0)
        page.context.set_offline(False)
        expect(phone.bubbles).to_have_count(2)
        expect(phone.connection).to_be_empty()


def test_a_phone_finds_its_texts_again_after_the_carrier_was_killed(desk: Desk) -> None:
    number, address = a_phone(9)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Text")
        phone.write("menu")
        before = desk.helpline.pids("carrier")
        os.kill(before[-1], signal.SIGKILL)
        expect(phone.connection).to_have_text("Connection lost. Trying again …")
        wait_until(lambda: len(desk.helpline.pids("carrier")) > len(before), lambda: desk.helpline.program.output)
        expect(phone.connection).to_be_empty()
        expect(phone.bubbles).to_have_count(2)
        phone.write("0")
        expect(phone.bubbles).to_have_count(4)


def test_a_call_that_was_cut_by_the_death_of_the_carrier_is_told_to_be_lost(desk: Desk) -> None:
    number, address = a_phone(11)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Call")
        expect(phone.words).to_contain_text("Bonjour.")
        os.kill(desk.helpline.pids("carrier")[-1], signal.SIGKILL)
        expect(phone.notice).to_have_text("Call lost")
        expect(phone.itself.locator(".home")).to_be_visible()
        expect(phone.connection).to_be_empty()


def test_numbers_of_the_helpline_are_written_as_people_in_france_write_them(desk: Desk) -> None:
    number, address = a_phone(13)
    with desk.page(address) as page:
        phone = Handset(page, number)
        phone.push("Call")
        expect(phone.itself.locator(".who")).to_have_text("01 99 00 12 34")
        phone.push("Hang up")


def test_the_sound_stays_switched_off_until_it_is_switched_on(desk: Desk) -> None:
    number, address = a_phone(10)
    with desk.page(address) as page:
        sound = Handset(page, number).itself.get_by_role("button", name="Sound")
        expect(sound).to_have_attribute("aria-pressed", "true")
        sound.click()
        page.reload()
        expect(sound).to_have_attribute("aria-pressed", "false")
        sound.click()
        expect(sound).to_have_attribute("aria-pressed", "true")
