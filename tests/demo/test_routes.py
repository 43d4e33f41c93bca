"""The routes of the demo's page: who may use them, what they pass on, and what they say to a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from helpline.app import create_app
from helpline.authentication import authentication_of
from helpline.demo.carrier_client import Answer, CarrierClient
from helpline.demo.door import POLICY, WHOM, hosts_of
from helpline.settings import load_settings
from tests.conftest import Line
from tests.server.running import free_port

OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
ANNA = "%2B33639980001"


@pytest.fixture
def app(tmp_path: Path, line: Line) -> Flask:
    """A demo whose carrier is away."""
    carrier = f"http://127.0.0.1:{free_port()}"
    return create_app(load_settings({"VAR_DIR": str(tmp_path), "REDIS_URL": line.wire.url, "TWILIO_API_URL": carrier}))


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def every_post(app: Flask) -> list[str]:
    rules = [
        str(rule) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("demo.") and "POST" in rule.methods
    ]
    assert len(rules) == 4
    return [
        rule.replace("<number>", ANNA).replace("<sid>", "CA" + "0" * 32).replace("<done>", "silence") for rule in rules
    ]


def test_every_route_of_the_page_says_whom_it_is_for(app: Flask) -> None:
    stated = {route: whom for route, whom in authentication_of(app).items() if "(demo." in route}
    assert len(stated) == 8
    assert set(stated.values()) == {WHOM}


def test_the_page_runs_nothing_that_is_not_its_own(client: FlaskClient) -> None:
    got = client.get("/?phone=0639980001&phone=anonymous&phone=%3Cscript%3E")
    assert (got.status_code, got.mimetype) == (200, "text/html")
    assert got.headers["Content-Security-Policy"] == POLICY
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in POLICY
    assert re.findall(r"<script(?![^>]* src=\"/demo/)|<style| style=| on\w+=", got.text) == []
    assert re.findall(r"(?:src|href)=\"(?!/demo/|/\?phone=|/\")", got.text) == []
    assert got.text.count("<article") == 2
    assert "&lt;script&gt;: no phone number" in got.text


def test_short_numbers_are_told_that_they_are_no_phones_here(client: FlaskClient) -> None:
    got = client.get("/?phone=112&phone=anna").text
    assert "anna: no phone number" in got
    assert "112: a short number, and short numbers are no phones here" in got
    assert got.count('role="alert"') == 1


@pytest.mark.parametrize("file", ["page.css", "phone.css", "page.js", "phone.js", "icon.svg"])
def test_what_the_page_needs_comes_from_here_and_is_asked_for_again(client: FlaskClient, file: str) -> None:
    with client.get(f"/demo/{file}") as got:
        assert (got.status_code, got.headers["Cache-Control"]) == (200, "no-cache")
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", got.text) == []
    with client.get(f"/demo/{file}", headers={"If-None-Match": got.headers["ETag"]}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("file", ["routes.py", "..%2froutes.py", "nothing.js"])
def test_nothing_else_is_served(client: FlaskClient, file: str) -> None:
    assert client.get(f"/demo/{file}").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "192.168.1.5", "[", ""])
def test_a_name_that_is_not_ours_gets_nothing(client: FlaskClient, host: str) -> None:
    for path in ("/", "/phone/date", f"/phone/{ANNA}/events"):
        got = client.get(path, headers={"Host": host})
        assert got.status_code in (400, 403)
        assert "<article" not in got.text


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machine_is_ours_by_each_of_its_names(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("environ", "ours", "others"),
    [
        ({"PUBLIC_URL": "http://demo.example:8000"}, ["demo.example:8000", "localhost"], ["evil.example", "10.0.0.7"]),
        ({"HELPLINE_HOST": "10.0.0.7"}, ["10.0.0.7:8000"], ["10.0.0.8", "evil.example"]),
        ({"HELPLINE_HOST": "0.0.0.0"}, ["10.0.0.7:8000", "[fe80::1]:8000"], ["evil.example"]),
    ],
)
def test_a_demo_that_is_shown_to_others_is_known_by_what_its_settings_say(
    tmp_path: Path, environ: Mapping[str, str], ours: list[str], others: list[str]
) -> None:
    is_ours = hosts_of(load_settings({"VAR_DIR": str(tmp_path), **environ}))
    assert [is_ours(host) for host in ours] == [True] * len(ours)
    assert [is_ours(host) for host in others] == [False] * len(others)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_somebody_elses_page_can_do_nothing(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    for path in every_post(app):
        assert client.post(path, json={}, headers=headers).status_code == 403
    if "Sec-Fetch-Site" in headers and headers["Sec-Fetch-Site"] != "none":
        assert client.get(f"/phone/{ANNA}/events", headers=headers).status_code == 403
        assert client.get("/", headers=headers).status_code == 200


def test_only_json_is_taken(app: Flask, client: FlaskClient) -> None:
    for path in every_post(app):
        assert client.post(path, data="body=actu", headers=OURS, content_type="text/plain").status_code == 415
        assert client.post(path, data="{", headers=OURS, content_type="application/json").status_code == 400
        assert client.post(path, json=["body"], headers=OURS).status_code == 400


@pytest.mark.parametrize(
    "body", ["[" * 15_000, '{"body":' * 1_500 + "1" + "}" * 1_500, '{"to":' + "[" * 900 + "]" * 900 + "}"]
)
def test_json_that_is_too_deep_is_refused_in_words(app: Flask, client: FlaskClient, body: str) -> None:
    for path in every_post(app):
        if path.endswith(("/calls", "/silence")) and "to" in body:
            continue  # what they are told is not looked at
        got = client.post(path, data=body, headers=OURS, content_type="application/json")
        assert got.status_code == 400
        assert got.get_json()["message"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("texts", "body"), (f"calls/CA{'0' * 32}/speech", "words"), (f"calls/CA{'0' * 32}/keys", "keys")],
)
def test_half_a_letter_is_refused_before_a_phone_keeps_it(client: FlaskClient, path: str, name: str) -> None:
    got = client.post(
        f"/phone/{ANNA}/{path}",
        data=f'{{"{name}": "actu \\ud800"}}',
        headers=OURS,
        content_type="application/json",
    )
    assert got.status_code == 400
    assert "half a character" in got.get_json()["message"]


def test_no_number_is_logged_when_something_unexpected_happens(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: CarrierClient, *path: str, **__: object) -> Answer:
        raise LookupError(f"nothing at {path}")

    monkeypatch.setattr(CarrierClient, "post", fail)
    monkeypatch.setattr(CarrierClient, "get", fail)
    with capture_logs() as logged:
        for got in (
            client.get(f"/phone/{ANNA}/events"),
            client.post(f"/phone/{ANNA}/texts", json={"body": "actu"}, headers=OURS),
        ):
            assert got.status_code == 500
            assert "The demo failed" in got.get_json()["message"]
    assert [(each["route"], each["error"]) for each in logged] == [
        ("demo.events", "LookupError"),
        ("demo.text", "LookupError"),
    ]
    assert "639980001" not in f"{logged} {caplog.text}"


@pytest.mark.parametrize(
    ("path", "told", "status"),
    [
        (f"/phone/{ANNA}/texts", {"body": " "}, 400),
        (f"/phone/{ANNA}/texts", {"body": 1}, 400),
        ("/phone/anna/texts", {"body": "actu"}, 404),
        ("/phone/..%2Faccounts/calls", {}, 404),
        (f"/phone/{ANNA}/calls/CA1/silence", {}, 404),
        (f"/phone/{ANNA}/calls/CA{'0' * 32}/steal", {}, 404),
        (f"/phone/{ANNA}/calls/CA{'0' * 32}/keys", {}, 400),
        (f"/phone/{ANNA}/calls/CA{'0' * 32}/keys", {"keys": 1}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_here(
    client: FlaskClient, path: str, told: dict[str, object], status: int
) -> None:
    assert client.post(path, json=told, headers=OURS).status_code == status


def test_a_carrier_that_is_away_is_said_in_words(client: FlaskClient) -> None:
    for got in (
        client.get(f"/phone/{ANNA}/events"),
        client.post(f"/phone/{ANNA}/texts", json={"body": "actu"}, headers=OURS),
    ):
        assert got.status_code == 503
        assert "comes back by itself" in got.get_json()["message"]


def test_a_carrier_that_is_not_on_this_machine_is_never_asked(tmp_path: Path, line: Line) -> None:
    app = create_app(load_settings({"VAR_DIR": str(tmp_path), "REDIS_URL": line.wire.url}))
    got = app.test_client().post(f"/phone/{ANNA}/texts", json={"body": "actu"}, headers=OURS)
    assert got.status_code == 503
    assert "not on this machine" in got.get_json()["message"]


def test_the_time_machine_goes_forward_and_back(client: FlaskClient) -> None:
    today = client.get("/phone/date").get_json()
    assert not today["travelled"]
    year = int(today["local"][:4]) + 1
    there = client.post("/phone/date", json={"to": f"{year}-12-10T09:55"}, headers=OURS).get_json()
    assert there["travelled"]
    assert there["now"].startswith(f"{year}-12-10T09:55")
    assert there["now"].endswith("+01:00")
    assert client.get("/phone/date").get_json()["local"] == f"{year}-12-10T09:55"
    assert client.post("/phone/date", json={"back": True}, headers=OURS).get_json()["local"][:10] == today["local"][:10]


@pytest.mark.parametrize("to", ["2020-01-01T10:00", "9999-01-01T10:00", "soon", "", None, 5, "2027-02-30T10:00"])
def test_the_time_machine_says_where_it_cannot_go(client: FlaskClient, to: object) -> None:
    got = client.post("/phone/date", json={"to": to}, headers=OURS)
    assert got.status_code == 400
    assert len(got.get_json()["message"]) > 20
    assert not client.get("/phone/date").get_json()["travelled"]


def test_a_date_that_cannot_be_kept_is_said_in_words(client: FlaskClient, tmp_path: Path) -> None:
    assert client.post("/phone/date", json={"to": tomorrow(client)}, headers=OURS).status_code == 200
    (tmp_path / "demo-date.json").unlink()
    (tmp_path / "demo-date.json").mkdir()
    got = client.post("/phone/date", json={"to": tomorrow(client)}, headers=OURS)
    assert (got.status_code, got.mimetype) == (503, "application/json")
    assert "cannot be written" in got.get_json()["message"]


def tomorrow(client: FlaskClient) -> str:
    stops: list[dict[str, str]] = client.get("/phone/date").get_json()["stops"]
    return stops[0]["to"]
