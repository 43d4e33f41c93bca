"""Every route of the helpline, walked as nobody, as a reader and as an editor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from helpline.authentication import EDITOR, EVERYBODY, METRICS, READER, TWILIO, authentication_of
from helpline.demo.door import WHOM
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.demo.demos import demo_app, demo_settings
from tests.desk.people import Browser, Desk, token_of

METHODS = ("GET", "POST")
SIGN_IN = "303 /desk/sign-in"


@dataclass(frozen=True)
class Met:
    """What meets nobody, a reader and an editor. Forms are sent empty, with the right token."""

    whom: str
    nobody: str
    reader: str
    editor: str


def all_alike(whom: str, what: str) -> Met:
    return Met(whom, what, what, what)


OPEN = {
    "GET /metrics": all_alike(METRICS, "401"),  # being an operator lets nobody in
    "GET /healthz": all_alike(EVERYBODY, "200"),
    "GET /readyz": all_alike(EVERYBODY, "200"),
    "GET /audio/<language>/<file>": all_alike(EVERYBODY, "404"),
    "GET /desk/static/<file>": all_alike(EVERYBODY, "404"),
    "GET /desk/link/<token>": all_alike(EVERYBODY, "404"),
    "POST /desk/link/<token>": all_alike(EVERYBODY, "404"),
    "GET /desk/sign-in": Met(EVERYBODY, "200", "303 /desk/", "303 /desk/"),
    "POST /desk/sign-in": all_alike(EVERYBODY, "403"),
    "POST /desk/sign-out": all_alike(EVERYBODY, SIGN_IN),
    "POST /desk/language": all_alike(EVERYBODY, "303 /desk/"),
}
SIGNED = {
    f"POST /twilio/{name}": all_alike(TWILIO, "403")
    for name in (
        *("sms", "sms/status", "voice", "voice/ours/<where>"),
        *("voice/turn/<where>", "voice/silence/<where>", "voice/status"),
        "voice/dialled/<where>",
        "voice/adviser/<step>",
        "voice/bridge/<step>/<language>/<request_id>/<token>",
    )
}
OF_OPERATORS = {
    "GET /desk/": Met(READER, SIGN_IN, "200", "200"),
    "GET /desk/requests": Met(READER, SIGN_IN, "200", "200"),
    "GET /desk/requests/<request_id>": Met(READER, SIGN_IN, "404", "404"),
    "POST /desk/requests/<request_id>/take": Met(EDITOR, SIGN_IN, "403", "404"),
    "POST /desk/requests/<request_id>": Met(EDITOR, SIGN_IN, "403", "404"),
    "POST /desk/requests/<request_id>/result": Met(EDITOR, SIGN_IN, "403", "404"),
    "GET /desk/reminders": Met(READER, SIGN_IN, "200", "200"),
    "POST /desk/reminders/hold": Met(EDITOR, SIGN_IN, "403", "303 /desk/reminders?told=too_late"),
    "POST /desk/reminders/let-go": Met(EDITOR, SIGN_IN, "403", "303 /desk/reminders"),
    "GET /desk/reminders/pause": Met(EDITOR, SIGN_IN, "403", "200"),
    "POST /desk/reminders/pause": Met(EDITOR, SIGN_IN, "403", "400"),
    "POST /desk/reminders/resume": Met(EDITOR, SIGN_IN, "403", "303 /desk/reminders"),
    "GET /desk/reminders/message": Met(READER, SIGN_IN, "200", "200"),
    "POST /desk/reminders/message": Met(READER, SIGN_IN, "404", "404"),
    "GET /desk/reminders/test": Met(EDITOR, SIGN_IN, "403", "200"),
    "POST /desk/reminders/test": Met(EDITOR, SIGN_IN, "403", "400"),
    "GET /desk/notice": Met(READER, SIGN_IN, "200", "200"),
    "POST /desk/notice": Met(EDITOR, SIGN_IN, "403", "400"),
    "POST /desk/notice/down": Met(EDITOR, SIGN_IN, "403", "303 /desk/notice"),
    "GET /desk/leaflet": Met(READER, SIGN_IN, "200", "200"),
    "GET /desk/prompts": Met(READER, SIGN_IN, "200", "200"),
    "GET /desk/prompts/<node>": Met(READER, SIGN_IN, "404", "404"),
    "GET /desk/prompts-check": Met(READER, SIGN_IN, "200", "200"),
    "GET /desk/facts": Met(READER, SIGN_IN, "200", "200"),
    "GET /desk/facts/<fact>": Met(READER, SIGN_IN, "404", "404"),
    "POST /desk/facts/<fact>/reviewed": Met(EDITOR, SIGN_IN, "403", "404"),
    "GET /desk/people": Met(READER, SIGN_IN, "200", "200"),
    "POST /desk/people": Met(READER, SIGN_IN, "400", "400"),
    "GET /desk/people/<reference>": Met(READER, SIGN_IN, "404", "404"),
    **{
        f"{method} /desk/people/<reference>/{act}": Met(EDITOR, SIGN_IN, "403", "404")
        for method in METHODS
        for act in ("stop", "erase", "export")
    },
    "GET /desk/audit": Met(EDITOR, SIGN_IN, "403", "200"),
    "GET /desk/own": Met(READER, SIGN_IN, "200", "200"),
    "POST /desk/own": Met(READER, SIGN_IN, "400", "400"),
}
EVERYTHING = OPEN | SIGNED | OF_OPERATORS


def walked(browser: Browser, route: str) -> str:
    method, _, path = route.partition(" ")
    path = path.replace("<", "").replace(">", "")
    if method == "GET":
        return _told(browser.open(path))
    token = token_of(browser.open("/desk/link/none").text)
    return _told(browser.client.post(path, data={"csrf_token": token}))


def _told(answer: TestResponse) -> str:
    return f"{answer.status_code} {answer.location or ''}".strip()


def routes(desk: Desk) -> dict[str, str]:
    stated = authentication_of(desk.app)
    return {
        f"{method} {rule}": stated[f"{rule} ({rule.endpoint})"]
        for rule in desk.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & set(METHODS))
    }


def test_every_route_says_who_may_use_it(desk: Desk) -> None:
    assert routes(desk) == {route: met.whom for route, met in EVERYTHING.items()}


@pytest.mark.parametrize("route", EVERYTHING)
def test_nobody(desk: Desk, route: str) -> None:
    assert walked(desk.browser(), route) == EVERYTHING[route].nobody


def test_a_reader(desk: Desk) -> None:
    for place, (route, met) in enumerate(EVERYTHING.items()):
        browser = desk.person(f"Reader {place}", "reader").browser
        assert walked(browser, route) == met.reader, route


def test_an_editor(desk: Desk) -> None:
    for place, (route, met) in enumerate(EVERYTHING.items()):
        browser = desk.person(f"Editor {place}", "editor").browser
        assert walked(browser, route) == met.editor, route


def test_no_form_is_taken_without_the_token_of_a_page_of_ours(desk: Desk) -> None:
    browser = desk.person().browser
    page = token_of(browser.open("/desk/").text)
    of_another = token_of(desk.person("Boris").browser.open("/desk/").text)
    forms = [route.split()[1] for route in EVERYTHING if route.startswith("POST /desk")]
    assert len(forms) >= 4
    for path in forms:
        for token in ("", "x", of_another):
            assert browser.client.post(path, data={"csrf_token": token}).status_code == 403, path
        for site in ("cross-site", "same-site", "none"):
            sent = browser.client.post(path, data={"csrf_token": page}, headers={"Sec-Fetch-Site": site})
            assert sent.status_code == 403, path
    assert browser.open("/desk/").status_code == 200  # and nobody was signed out by it


def test_a_demo_has_the_same_desk(desk: Desk, tmp_path: Path, shared_valkey: EmbeddedValkey) -> None:
    demo = demo_app(demo_settings(tmp_path / "demo", REDIS_URL=shared_valkey.url))
    stated = authentication_of(demo)
    assert {route: whom for route, whom in stated.items() if whom != WHOM} == authentication_of(desk.app)
    assert demo.test_client().get("/desk/sign-in").status_code == 200
