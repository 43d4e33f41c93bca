"""What a stranger writes into headers that a web server in front of us would write, and who is believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from helpline.app import create_app
from helpline.authentication import EDITOR, EVERYBODY, READER, authentication_of
from helpline.carrier.signature import is_signed
from helpline.neighbours import is_neighbour
from helpline.operators import throttle
from helpline.settings import load_settings
from tests.demo.demos import demo_app, demo_settings
from tests.desk.conftest import desk as desk
from tests.desk.people import Browser, Desk, token_of
from tests.phone import FORM, SIGNATURE, TOKEN, form, signature
from tests.settings.given import LIVE

FEW = 4  # tries from one address, in the place of twenty
STRANGER, PROXY = "8.8.4.4", "10.0.0.2"
NEIGHBOURS = ["127.0.0.1", "10.0.0.2", "172.17.0.1", "192.168.1.1", "::1", "fd00::2", "::ffff:10.0.0.2", "", None]
STRANGERS = ["8.8.4.4", "2a01:e0a::1", "::ffff:8.8.4.4", "100.64.0.1", "nonsense"]
ELSEWHERE = "evil.example.org"
OTHERS = {
    "X-Forwarded-Host": ELSEWHERE,
    "X-Forwarded-Server": ELSEWHERE,
    "X-Forwarded-Prefix": f"//{ELSEWHERE}",
    "X-Original-URL": f"https://{ELSEWHERE}/",
    "X-Rewrite-URL": f"https://{ELSEWHERE}/",
    "Forwarded": f"for=127.0.0.1;host={ELSEWHERE};proto=https",
}
HOSTS = {"Host": {"Host": ELSEWHERE}, "what proxies write": OTHERS}


@pytest.mark.parametrize("remote", NEIGHBOURS)
def test_what_a_neighbour_says_of_the_address_is_believed(remote: str | None) -> None:
    assert is_neighbour(remote)
    assert let_in(remote)


@pytest.mark.parametrize("remote", STRANGERS)
def test_what_a_stranger_says_of_the_address_is_not(remote: str) -> None:
    """What was signed for another helpline of the same account gets in nowhere else."""
    assert not is_neighbour(remote)
    assert not let_in(remote)
    assert let_in(remote, forwarded=False)


def let_in(remote: str | None, forwarded: bool = True) -> bool:
    """Whether a text that was signed for the other address is; `forwarded`: that address is told by a header only."""
    body = [("MessageSid", "SM1"), ("From", "+33639980001"), ("Body", "menu")]
    headers = {SIGNATURE: signature(f"https://{ELSEWHERE}/twilio/sms", body)}
    base = f"https://{ELSEWHERE}"
    if forwarded:
        base, headers = "http://localhost", headers | {"X-Forwarded-Host": ELSEWHERE, "X-Forwarded-Proto": "https"}
    builder = EnvironBuilder("/twilio/sms", base, method="POST", data=form(body), content_type=FORM, headers=headers)
    environ = builder.get_environ() | ({} if remote is None else {"REMOTE_ADDR": remote})
    return is_signed(Request(environ), [TOKEN], "")


@pytest.fixture
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "OF_ADDRESS", FEW)


def tries(desk: Desk, remote: str, forwarded: list[str]) -> list[int]:
    """What each of so many sign-ins is answered with, each under another name."""
    browser = desk.browser()
    token = token_of(browser.open("/desk/sign-in").text)
    return [
        browser.client.post(
            "/desk/sign-in",
            data={"csrf_token": token, "name": f"Nobody {number}", "password": "x", "code": "000000"},
            headers={"X-Forwarded-For": told, "X-Real-IP": told, "Forwarded": f"for={told}", "True-Client-IP": told},
            environ_overrides={"REMOTE_ADDR": remote},
        ).status_code
        for number, told in enumerate(forwarded)
    ]


@pytest.mark.parametrize(
    ("remote", "forwarded"),
    [
        (STRANGER, "203.0.113.{}"),  # who is not behind a web server writes what he likes
        (PROXY, "203.0.113.{}, 8.8.8.8"),  # the web server adds whom it heard
        (PROXY, "127.0.0.{},8.8.8.8"),
        (PROXY, "nonsense {}"),
        (PROXY, "203.0.113.{}, "),
        (STRANGER, "127.0.0.1{}"),
    ],
)
@pytest.mark.usefixtures("few_tries")
def test_who_guesses_is_held_back_whatever_he_calls_himself(desk: Desk, remote: str, forwarded: str) -> None:
    answers = tries(desk, remote, [forwarded.format(number) for number in range(FEW + 3)])
    assert answers == [403] * FEW + [429] * 3


@pytest.mark.usefixtures("few_tries")
def test_whom_the_web_server_in_front_heard_are_told_apart(desk: Desk) -> None:
    assert tries(desk, PROXY, [f"8.8.8.{number}" for number in range(FEW + 3)]) == [403] * (FEW + 3)


def pages(desk: Desk) -> list[str]:
    stated = authentication_of(desk.app)
    return [
        rule.rule.replace("<", "").replace(">", "")
        for rule in desk.app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and stated[f"{rule} ({rule.endpoint})"] in (EVERYBODY, READER, EDITOR)
    ]


@pytest.mark.parametrize("header", HOSTS)
def test_no_page_leads_to_the_address_that_a_stranger_named(desk: Desk, header: str) -> None:
    """The links of pages, what they lead on to, and the cookies are the helpline's own, whatever was asked for."""
    for browser in (desk.browser(), desk.person("Anna").browser):
        for page in [*pages(desk), desk.link(f"Boris {id(browser)}")]:
            answer = browser.client.get(page, headers=HOSTS[header])
            assert ELSEWHERE not in answer.text + str(answer.headers), page
            assert (answer.location or "/desk/").startswith("/desk/"), page


@pytest.mark.parametrize("header", HOSTS)
def test_no_form_leads_to_the_address_that_a_stranger_named(desk: Desk, header: str) -> None:
    browser: Browser = desk.person("Anna").browser
    token = token_of(browser.open("/desk/people").text)
    for path, fields in {
        "/desk/language": {"language": "en", "back": f"//{ELSEWHERE}/desk/"},
        "/desk/people": {"number": "06 39 98 01 23"},
        "/desk/notice/down": {"notice": "1"},
        "/desk/sign-out": {},
    }.items():
        answer = browser.client.post(path, data={"csrf_token": token, **fields}, headers=HOSTS[header])
        assert ELSEWHERE not in answer.text + str(answer.headers), path


@pytest.mark.parametrize("back", ["https:{}", "//{}", "\\\\{}", "/desk\\..\\\\{}", "/\\{}", "javascript:{}", "/desk"])
def test_who_chooses_a_language_stays_here(desk: Desk, back: str) -> None:
    browser = desk.person("Anna").browser
    token = token_of(browser.open("/desk/people").text)
    fields = {"csrf_token": token, "language": "en", "back": back.format(ELSEWHERE)}
    assert browser.client.post("/desk/language", data=fields).location == "/desk/"


@pytest.mark.parametrize("scheme", ["http", "https, http", "", "HTTP", "ftp"])
def test_for_real_callers_cookies_are_for_https_whatever_a_header_says(tmp_path: Path, scheme: str) -> None:
    app = create_app(load_settings(LIVE | {"VAR_DIR": str(tmp_path)}))
    answer = app.test_client().get("/desk/sign-in", headers={"X-Forwarded-Proto": scheme, "X-Forwarded-Ssl": "off"})
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Host"])
@pytest.mark.parametrize("remote", [STRANGER, PROXY])
def test_nobody_is_taken_for_a_program_of_this_machine_by_what_he_says(
    tmp_path: Path, remote: str, header: str
) -> None:
    client = demo_app(demo_settings(tmp_path / "demo")).test_client()
    for value in ("127.0.0.1", "::1", "localhost", "for=127.0.0.1"):
        answer = client.get(
            "/metrics", headers={header: value, "Host": "localhost"}, environ_overrides={"REMOTE_ADDR": remote}
        )
        assert answer.status_code == 403
        ready = client.get(
            "/readyz", headers={header: value, "Host": "localhost"}, environ_overrides={"REMOTE_ADDR": remote}
        )
        assert "turn" not in str(ready.get_json()["counts_of_this_process"])
