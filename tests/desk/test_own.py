"""An operator changes their own password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from helpline.operators.audit import entries
from helpline.operators.throttle import OF_BROWSER
from tests.desk.people import PASSWORD, Desk, Person

NEW = "cinq autres mots sans lien"


def change(desk: Desk, person: Person, new: str = NEW, password: str = PASSWORD, code: str = "") -> TestResponse:
    """Send the form; the code of this moment unless another is given."""
    return person.browser.send("/desk/own", password=password, new=new, code=code or person.code(desk.clock.now))


def later(desk: Desk) -> None:
    """So that the app shows another code."""
    desk.clock.now += timedelta(seconds=30)


def acts(desk: Desk) -> list[tuple[str, str]]:
    with desk.engine.connect() as connection:
        return [(entry.who, entry.what) for entry in entries(connection, 50)]


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_from_then_on_only_the_new_one_lets_them_in(desk: Desk, role: str) -> None:
    anna = desk.person(role=role)  # type: ignore[arg-type]
    answer = change(desk, anna)
    assert (answer.status_code, answer.location) == (303, "/desk/own?changed=1")
    assert "Votre mot de passe est changé." in anna.browser.open(answer.location).text
    assert acts(desk)[0] == ("Anna", "password_changed")
    anna.browser = desk.browser()
    later(desk)
    assert anna.sign_in(desk.clock.now).status_code == 403
    later(desk)
    assert anna.sign_in(desk.clock.now, password=NEW).status_code == 303


def test_every_other_session_of_theirs_ends_and_nobody_elses(desk: Desk) -> None:
    anna, boris = desk.person(), desk.person("Boris")
    elsewhere = Person("Anna", desk.browser(), anna.secret)
    assert elsewhere.sign_in(desk.clock.now).status_code == 303
    later(desk)
    assert change(desk, anna).status_code == 303
    assert elsewhere.browser.open("/desk/").status_code == 303
    assert anna.browser.open("/desk/").status_code == 200
    assert boris.browser.open("/desk/").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"password": "not the one of before"}, {"code": "000000"}, {"code": "ABCD-EFGH-JKMN"}, {"password": ""}]
)
def test_who_does_not_know_the_old_one_or_has_no_app_changes_nothing(desk: Desk, wrong: dict[str, str]) -> None:
    anna = desk.person()
    assert change(desk, anna, **wrong).status_code == 403
    assert acts(desk)[0] == ("Anna", "sign_in_failed")
    assert anna.browser.open("/desk/").status_code == 200
    anna.browser = desk.browser()
    later(desk)
    assert anna.sign_in(desk.clock.now).status_code == 303


def test_a_code_counts_once(desk: Desk) -> None:
    anna = desk.person()
    code = anna.code(desk.clock.now)
    assert change(desk, anna, code=code).status_code == 303
    assert change(desk, anna, PASSWORD + " encore", NEW, code).status_code == 403


def test_a_recovery_code_stands_in_for_the_app_once(desk: Desk) -> None:
    anna = desk.person()
    assert change(desk, anna, code=anna.recovery_codes[0]).status_code == 303
    assert change(desk, anna, PASSWORD, NEW, anna.recovery_codes[0]).status_code == 403


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("short", "C’est trop court : 12 caractères au moins."),
        ("motdepasse2026", "parmi les premiers que l’on essaie"),
        (PASSWORD, "C’est le même mot de passe."),
    ],
)
def test_what_will_not_do_is_refused_in_words_and_not_shown_again(desk: Desk, new: str, told: str) -> None:
    anna = desk.person()
    answer = change(desk, anna, new)
    assert answer.status_code == 400
    assert told in answer.text
    assert "Rien n’est changé." in answer.text
    assert new not in answer.text
    later(desk)
    assert change(desk, anna).status_code == 303


def test_who_sits_at_somebodys_open_browser_cannot_guess_for_long(desk: Desk) -> None:
    anna = desk.person()
    for _ in range(OF_BROWSER):
        assert change(desk, anna, password="not the one of before").status_code == 403
    held_back = change(desk, anna)
    assert held_back.status_code == 429
    assert "Trop d’essais. Réessayez dans 15 min." in held_back.text
    assert held_back.headers["Retry-After"] == "900"


def test_their_name_leads_there(desk: Desk) -> None:
    assert 'href="/desk/own"' in desk.person().browser.open("/desk/").text
