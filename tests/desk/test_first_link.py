"""The one-time link, as a new operator opens it."""

from __future__ import annotations

import re

import pyotp
import pytest

from helpline.operators.links import VALID
from tests.desk.people import PASSWORD, Desk, Person, secret_of


def code_of(page: str, desk: Desk) -> str:
    return pyotp.TOTP(secret_of(page)).at(desk.clock.now)


def test_it_asks_for_a_password_and_shows_the_app_what_it_needs(desk: Desk) -> None:
    page = desk.browser().open(desk.link("Élodie")).text
    assert "Bienvenue, Élodie" in page
    assert "<svg" in page
    assert 'class="qr"' in page
    assert f"secret={secret_of(page)}" in page
    assert "style=" not in page


def test_looking_at_it_does_not_use_it_up(desk: Desk) -> None:
    link = desk.link()
    secrets = {secret_of(desk.browser().open(link).text) for _ in range(3)}
    assert len(secrets) == 1


def test_who_uses_it_is_in_and_gets_ten_codes_this_once(desk: Desk) -> None:
    anna = desk.person()
    assert len(set(anna.recovery_codes)) == 10
    assert anna.browser.open("/desk/").status_code == 200
    for path in ("/desk/", "/desk/audit"):
        assert not any(code in anna.browser.open(path).text for code in anna.recovery_codes)


def test_where_the_codes_are_shown_nothing_leads_to_another_language_and_so_away_from_them(desk: Desk) -> None:
    link, browser = desk.link(), desk.browser()
    page = browser.open(link).text
    assert 'action="/desk/language"' in page
    shown = browser.send(link, password=PASSWORD, code=code_of(page, desk)).text
    assert "Vos codes de secours" in shown
    assert 'action="/desk/language"' not in shown


def test_it_works_once(desk: Desk) -> None:
    link, browser = desk.link(), desk.browser("en")
    page = browser.open(link).text
    given = {"password": PASSWORD, "code": code_of(page, desk)}
    assert browser.send(link, **given).status_code == 200
    again = desk.browser("en")
    assert again.open(link).status_code == 404
    assert "This link is of no use any more" in again.send(link, page="/desk/sign-in", **given).text


def test_after_a_day_it_is_as_if_it_had_never_been(desk: Desk) -> None:
    link = desk.link()
    desk.clock.now += VALID
    old, never = desk.browser().open(link), desk.browser().open("/desk/link/never-was")
    assert (old.status_code, never.status_code) == (404, 404)
    without = [re.sub(r'value="[^"]*"', "", answer.text) for answer in (old, never)]
    assert without[0] == without[1]


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("short", "C’est trop court : 12 caractères au moins."),
        ("Relais Droits", "un nom que tout le monde connaît"),
        ("motdepasse2026", "parmi les premiers que l’on essaie"),
        ("y" * 201 + "abcdef", "C’est trop long"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words_and_not_shown_again(
    desk: Desk, password: str, told: str
) -> None:
    link, browser = desk.link(), desk.browser()
    answer = browser.send(link, password=password, code=code_of(browser.open(link).text, desk))
    assert answer.status_code == 400
    assert told in answer.text
    assert f'value="{password}"' not in answer.text
    assert desk.browser().open(link).status_code == 200


def test_a_wrong_code_changes_nothing(desk: Desk) -> None:
    link, browser = desk.link(), desk.browser()
    answer = browser.send(link, password=PASSWORD, code="000000")
    assert answer.status_code == 400
    assert "Ce code n’est pas le bon" in answer.text
    assert browser.open("/desk/").status_code == 303
    anna = Person("Anna", desk.browser(), secret_of(answer.text))
    assert anna.sign_in(desk.clock.now).status_code == 403
