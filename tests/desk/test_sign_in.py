"""Signing in and out as a browser does it, and what the browser is told and given."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from helpline.app import create_app
from helpline.desk.guard import HEADERS
from helpline.operators import accounts, sessions, throttle
from helpline.settings import load_settings
from tests.desk.people import PASSWORD, Desk, Person, token_of
from tests.test_demo_only import LIVE


def signed_out(desk: Desk, **who: str) -> Person:
    person = desk.person(**who)  # type: ignore[arg-type]
    assert person.browser.send("/desk/sign-out", page="/desk/").location == "/desk/sign-in"
    return person


def cookies_of(answer: TestResponse) -> SimpleCookie:
    return SimpleCookie("\n".join(answer.headers.getlist("Set-Cookie")))


def test_name_password_and_code_lead_to_today(desk: Desk) -> None:
    anna = signed_out(desk)
    answer = anna.sign_in(desk.clock.now)
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert "Anna" in anna.browser.open("/desk/").text


def test_its_address_may_be_typed_without_the_last_slash(desk: Desk) -> None:
    """No redirect, which behind a web server would lead from https to http."""
    assert desk.person().browser.open("/desk").status_code == 200
    assert desk.browser().open("/desk").location == "/desk/sign-in"


def test_what_is_wrong_is_not_told(desk: Desk) -> None:
    anna = signed_out(desk)
    wrong = [
        anna.sign_in(desk.clock.now, password="another one"),
        anna.sign_in(desk.clock.now, code="000000"),
        anna.sign_in(desk.clock.now, name="Boris"),
    ]
    pages = {answer.text.replace("Boris", "Anna").partition('name="csrf_token"')[0] for answer in wrong}
    assert {answer.status_code for answer in wrong} == {403}
    assert len({page.partition("<form")[0] for page in pages}) == 1
    assert "n’est pas le bon" in wrong[0].text
    assert "another one" not in wrong[0].text


def test_who_guesses_too_often_is_told_to_wait_in_the_same_words_for_any_name(desk: Desk) -> None:
    signed_out(desk)
    held: list[TestResponse] = []
    for name in ("Anna", "Boris"):
        browser = desk.browser("en")
        for _ in range(throttle.OF_NAME):
            browser.send("/desk/sign-in", name=name, password="a guess", code="000000")
        held.append(browser.send("/desk/sign-in", name=name, password="a guess", code="000000"))
    assert [answer.status_code for answer in held] == [429, 429]
    assert [answer.headers["Retry-After"] for answer in held] == ["900", "900"]
    assert "Too many attempts. Try again in 15 min." in held[0].text


def test_the_browser_in_which_she_signed_in_is_not_held_back_by_a_stranger(desk: Desk) -> None:
    anna = signed_out(desk)
    stranger = desk.browser()
    for _ in range(throttle.OF_NAME + 1):
        stranger.send("/desk/sign-in", name="Anna", password="a guess", code="000000")
    anna_elsewhere = Person("Anna", desk.browser(), anna.secret)
    assert anna_elsewhere.sign_in(desk.clock.now).status_code == 429
    assert anna.sign_in(desk.clock.now).location == "/desk/"


def test_a_recovery_code_leads_in_and_says_how_many_are_left(desk: Desk) -> None:
    anna = signed_out(desk, language="en")
    answer = anna.sign_in(desk.clock.now, code=anna.recovery_codes[0])
    assert answer.status_code == 200
    assert "You have 9 left." in answer.text
    assert anna.browser.open("/desk/").status_code == 200


@pytest.mark.parametrize("pause", [sessions.IDLE, sessions.LONGEST])
def test_a_session_that_is_over_leads_to_the_door_and_says_so(desk: Desk, pause: timedelta) -> None:
    anna = desk.person()
    desk.clock.now += pause
    answer = anna.browser.open("/desk/")
    assert (answer.status_code, answer.location) == (303, "/desk/sign-in?over=1")
    assert "Votre session est terminée" in anna.browser.open(answer.location).text
    assert anna.browser.open("/desk/").location == "/desk/sign-in"


def test_who_is_removed_is_out_at_the_next_click(desk: Desk) -> None:
    anna = desk.person()
    with desk.engine.begin() as connection:
        accounts.remove(connection, "Anna", "a test", desk.clock.now)
    assert anna.browser.open("/desk/").location == "/desk/sign-in?over=1"


def test_a_cookie_from_before_signing_out_is_worth_nothing(desk: Desk) -> None:
    anna = desk.person()
    kept = anna.browser.client.get_cookie("desk")
    assert kept is not None
    anna.browser.send("/desk/sign-out", page="/desk/")
    anna.browser.client.set_cookie("desk", kept.value)
    assert anna.browser.open("/desk/").status_code == 303


def test_signing_in_leaves_no_cookie_as_it_was(desk: Desk) -> None:
    """Whoever put a cookie into her browser before shares neither her session nor the token of her forms."""
    anna = signed_out(desk)
    browser = anna.browser
    old_token = token_of(browser.open("/desk/sign-in").text)
    before = browser.client.get_cookie("desk")
    anna.sign_in(desk.clock.now)
    after = browser.client.get_cookie("desk")
    assert before
    assert after
    assert before.value != after.value
    assert browser.client.post("/desk/language", data={"csrf_token": old_token}).status_code == 403
    other = desk.browser()
    other.client.set_cookie("desk", before.value)
    assert other.open("/desk/").status_code == 303


@pytest.mark.parametrize("path", ["/desk/", "/desk/audit?before=3", "/desk/sign-in", "/desk/link/none"])
def test_who_comes_by_a_link_from_elsewhere_is_asked_to_come_again_and_given_no_other_cookie(
    desk: Desk, path: str
) -> None:
    """The browser keeps back a strict cookie then; one of ours in its place would sign her out."""
    answer = desk.browser().open(path, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert f'<meta http-equiv="refresh" content="0; url={path}">' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_cookies_are_for_the_server_only(desk: Desk) -> None:
    anna = signed_out(desk)
    cookies = cookies_of(anna.sign_in(desk.clock.now))
    assert set(cookies) == {"desk", "desk-browser"}
    for cookie in cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
        assert not cookie["secure"]  # http://localhost has no other way
        assert "Anna" not in cookie.value
        assert PASSWORD not in cookie.value


def test_for_real_callers_cookies_and_pages_are_for_https_only(tmp_path: Path) -> None:
    given = {
        **LIVE,
        "HELPLINE_ENV": "production",
        "PUBLIC_URL": "https://helpline.example.org",
        "VAR_DIR": str(tmp_path),
    }
    app = create_app(load_settings(given))
    answer = app.test_client().get("/desk/sign-in", base_url="https://helpline.example.org")
    (cookie,) = cookies_of(answer).values()
    assert (cookie.key, cookie["secure"], cookie["httponly"]) == ("__Host-desk", True, True)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_helpline_for_real_callers_on_its_own_machine_has_secure_cookies_too(tmp_path: Path) -> None:
    app = create_app(load_settings({**LIVE, "HELPLINE_ENV": "production", "VAR_DIR": str(tmp_path)}))
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_every_page_says_what_a_browser_may_do_with_it(desk: Desk) -> None:
    anna = desk.person()
    for path in ("/desk/", "/desk/audit", "/desk/link/none", "/desk/static/desk.css", "/desk/static/none"):
        answer = anna.browser.open(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
        assert answer.headers["Cache-Control"] == ("no-cache" if path.endswith(".css") else "no-store")
    assert "script-src" not in HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
