"""Appointments, papers, calls, pages by SMS and invitations on the page's phones, against the helpline as it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from helpline.menus.dated import dated_waves
from helpline.menus.waves import Wave, next_allowed
from helpline.menus.windows import PARIS
from tests.browser.conftest import Desk, Handset, Helpline, a_demo
from tests.reminders.bench import shipped_prompts

CALENDAR = shipped_prompts().menus.calendar
LANDLINE, ITS_ADDRESS = "+33199005679", "/?phone=0199005679"


@pytest.fixture(scope="module")
def helpline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helpline]:
    """A demo that also calls back."""
    with a_demo(tmp_path_factory.mktemp("demo"), CALL_BACK_MISSED="1") as demo:
        yield demo


@pytest.fixture
def travelling(desk: Desk) -> Iterator[Desk]:
    yield desk
    desk.helpline.travel({"back": True})


def a_phone(last: int) -> tuple[str, str]:
    return f"+336399813{last:02}", f"/?phone=06399813{last:02}"


def in_days(days: int) -> date:
    return (datetime.now(PARIS) + timedelta(days=days)).date()


def first_reminder(kind: str, occurrence: str) -> Wave:
    return dated_waves(CALENDAR, kind, occurrence)[0]


def travel_behind(desk: Desk, wave: Wave) -> None:
    """Late in the hours of its day, when it was everybody's turn."""
    desk.helpline.travel({"to": (wave.spread_until + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")})


def texting(page: Page, number: str, *texts: str) -> Handset:
    phone = Handset(page, number)
    phone.push("Text")
    for text in texts:
        phone.write(text)
    return phone


def text_that_came(phone: Handset, words: str) -> str:
    expect(phone.bubbles.last.locator(".body")).to_contain_text(words)
    return phone.last_text()


def test_an_appointment_is_noted_reminded_of_and_ended(travelling: Desk) -> None:
    number, address = a_phone(1)
    day = in_days(20)
    with travelling.page(address) as page:
        phone = texting(page, number, f"rdv {day:%d/%m/%Y} 14h30")
        assert "à 14 h 30" in phone.last_text()
        phone.write("1")
        assert "C'est noté : rendez-vous" in phone.last_text()
        travel_behind(travelling, first_reminder("appointment", f"{day}T14:30"))
        reminder = text_that_came(phone, "Prenez les papiers de la lettre")
        assert "France Travail" not in reminder
        phone.write("2")
        assert "3949" in phone.last_text()
        phone.write("fait")
        assert "Ce rappel est fini" in phone.last_text()


def test_a_paper_is_noted_reminded_of_without_naming_what_it_is_and_listed(travelling: Desk) -> None:
    number, address = a_phone(2)
    day = in_days(300)
    with travelling.page(address) as page:
        phone = texting(page, number, f"TITRE {day:%d/%m/%Y}", "1")
        assert "C'est noté : fin du papier" in phone.last_text()
        travel_behind(travelling, first_reminder("paper", f"{day}"))
        reminder = text_that_came(phone, "votre papier")
        assert not re.search("titre|séjour|récépissé", reminder, re.IGNORECASE)
        phone.write("rappel")
        assert "Papier qui finit" in phone.last_text()
        phone.write("1")
        phone.write("rappel")
        assert "Papier qui finit" not in phone.last_text()


def test_a_landline_is_called_about_its_appointment_and_says_by_key_that_it_is_done(travelling: Desk) -> None:
    day = in_days(20)
    with travelling.page(ITS_ADDRESS) as page:
        phone = Handset(page, LANDLINE)
        phone.push("Call")
        for hears, keys in (
            ("Bonjour.", "1"),
            ("Ici Relais Droits", "4"),
            ("Rendez-vous.", "5"),
            ("Tous sont obligatoires.", "3"),
            ("Rappel de rendez-vous, la veille", f"{day:%d%m}"),
            ("Quelle heure ?", "1430"),
            ("Rappels gratuits de Relais Droits", "1"),
        ):
            expect(phone.words).to_contain_text(hears)
            phone.screen.focus()
            page.keyboard.type(keys)
        expect(phone.words).to_contain_text("Nous vous appellerons")
        phone.push("Hang up")
        expect(phone.itself.locator(".call .state")).to_have_text("ended")
        travel_behind(travelling, first_reminder("appointment", f"{day}T14:30"))
        expect(phone.itself.locator(".call .state")).to_have_text("is calling")
        phone.push("Answer")
        expect(phone.words).to_contain_text("Rappel demandé avec ce numéro")
        phone.push("7")
        expect(phone.words).to_contain_text("Ce rappel est fini")


def test_the_page_that_is_heard_comes_by_key_8_and_not_to_a_landline(desk: Desk) -> None:
    number, address = a_phone(3)
    with desk.page(f"{address}&phone=0199005678") as page:
        for phone, told in (
            (Handset(page, number), "arrive avec ces mots"),
            (Handset(page, "+33199005678"), "ne reçoit pas de"),
        ):
            phone.push("Call")
            for hears, key in (("Bonjour.", "1"), ("Ici Relais Droits", "4"), ("Rendez-vous.", "2")):
                expect(phone.words).to_contain_text(hears)
                phone.push(key)
            expect(phone.words).to_contain_text("carte d'identité")
            phone.push("8")
            expect(phone.words).to_contain_text(told)
            phone.push("Hang up")
        mobile = Handset(page, number)
        mobile.push("Read")
        expect(mobile.bubbles.last.locator(".body")).to_contain_text("carte d'identité")


def test_who_texts_appel_or_hangs_up_while_it_rings_is_called_back(desk: Desk) -> None:
    number, address = a_phone(4)
    missed, its_address = a_phone(5)
    with desk.page(address) as page:
        phone = texting(page, number, "APPEL")
        expect(phone.itself.locator(".call .state")).to_have_text("is calling")
        phone.push("Answer")
        expect(phone.words).to_contain_text("Relais Droits")
        phone.push("Hang up")
    with desk.page(its_address) as page:
        phone = Handset(page, missed)
        phone.push("Call")
        expect(phone.itself.locator(".call .state")).to_have_text("calling …")
        phone.push("Hang up")
        expect(phone.itself.locator(".call .state")).to_have_text("is calling")
        phone.push("Decline")


def test_who_signed_a_paper_form_is_invited_and_says_yes(travelling: Desk, tmp_path: Path) -> None:
    number, address = a_phone(6)
    signed = tmp_path / "forms.csv"
    signed.write_text(f"number,language,form,signed\n{number},fr,PONT-1,{in_days(-3)}\n", encoding="utf-8")
    with travelling.page(address) as page:
        phone = texting(page, number, "menu")
        travelling.helpline.command("callers", "import", str(signed), "--yes")
        due = next_allowed(CALENDAR, datetime.now(UTC)).astimezone(PARIS) + timedelta(minutes=5)
        travelling.helpline.travel({"to": due.strftime("%Y-%m-%dT%H:%M")})
        text_that_came(phone, "Vous avez signé")
        phone.write("1")
        assert "c'est noté : tous les rappels" in phone.last_text()
