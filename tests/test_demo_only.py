"""Pages and routes of the demo exist in demo mode only, and where no token of Twilio's is set."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from helpline.app import create_app
from helpline.date.moved import DemoDate
from helpline.date.of_settings import clock_of
from helpline.kept_secrets import DEMO_TOKEN
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import EXAMPLES, NEEDED_LIVE, Settings, load_settings
from helpline.wiring import wire
from tests.demo.demos import demo_app, demo_settings
from tests.phone import TOKEN, Phone, flask_post

# But for the desk, whose routes `tests/desk/test_who_may.py` names one by one.
OF_HELPLINE = {
    *("/healthz", "/readyz", "/metrics", "/audio/<language>/<file>"),
    *("/twilio/sms", "/twilio/sms/status"),
    *("/twilio/voice", "/twilio/voice/turn/<where>", "/twilio/voice/silence/<where>", "/twilio/voice/status"),
    *("/twilio/voice/ours/<where>", "/twilio/voice/dialled/<where>", "/twilio/voice/adviser/<step>"),
    "/twilio/voice/bridge/<step>/<language>/<request_id>/<token>",
}
DESK = "/desk/"
LIVE = {name: EXAMPLES[name] for name in NEEDED_LIVE} | {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "FINGERPRINT_KEY": "ab" * 32,
    "NUMBER_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "PUBLIC_URL": "http://localhost",
}
FOR_REAL = {
    "in production": LIVE | {"HELPLINE_ENV": "production"},
    "with a token": {"HELPLINE_ENV": "demo", "TWILIO_AUTH_TOKEN": TOKEN},
    "with a second token": {"HELPLINE_ENV": "demo", "TWILIO_AUTH_TOKEN_SECONDARY": TOKEN},
}
for_real = pytest.mark.parametrize("environ", FOR_REAL.values(), ids=FOR_REAL)
MOVED = timedelta(days=100)
ANSWERED = {200, 503}  # 503: no carrier runs beside it
FROM_ITS_PAGE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
SHOWN = ("/", "/demo/phone.js", "/demo/page.css", "/phone/date", "/phone/+33639980001/events")
DONE = {"/phone/date": {"back": True}, "/phone/+33639980001/texts": {"body": "menu"}, "/phone/+33639980001/calls": {}}


@dataclass
class Helpline:
    """A helpline for real callers, in a folder where a demo was before: its secret and its date lie there."""

    settings: Settings
    app: Flask


def settings_in(folder: Path, valkey: EmbeddedValkey, environ: dict[str, str]) -> Settings:
    """In a folder where a demo was, in the year to come."""
    (folder / DEMO_TOKEN).write_text(TOKEN, encoding="ascii")
    DemoDate(folder).travel_to(datetime.now(UTC) + MOVED)
    return load_settings({**environ, "VAR_DIR": str(folder), "REDIS_URL": valkey.url})


@pytest.fixture(scope="module", params=FOR_REAL.values(), ids=FOR_REAL)
def helpline(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_valkey: EmbeddedValkey
) -> Helpline:
    settings = settings_in(tmp_path_factory.mktemp("real"), shared_valkey, request.param)
    return Helpline(settings, create_app(settings))


def is_today(moment: datetime) -> bool:
    return abs(moment - datetime.now(UTC)) < timedelta(days=1)


def test_a_demo_has_the_page_and_the_date_of_the_file(tmp_path: Path, shared_valkey: EmbeddedValkey) -> None:
    DemoDate(tmp_path).travel_to(datetime.now(UTC) + MOVED)
    settings = demo_settings(tmp_path, REDIS_URL=shared_valkey.url)
    app = demo_app(settings)
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    assert rules - OF_HELPLINE >= {"/", "/phone/date", "/phone/<number>/texts", "/phone/<number>/calls"}
    client = app.test_client()
    shown = datetime.fromisoformat(client.get("/phone/date").get_json()["now"])
    sender = wire(settings).sender
    for moment in (shown, clock_of(settings)(), sender.clock()):
        assert is_today(moment - MOVED)
    assert len(sender.course().stretches) == 1


def test_what_a_demo_shows_and_does_is_not_there_for_real_callers(
    helpline: Helpline, tmp_path: Path, shared_valkey: EmbeddedValkey
) -> None:
    rules = {str(rule) for rule in helpline.app.url_map.iter_rules()}
    assert {rule for rule in rules if not rule.startswith(DESK)} == OF_HELPLINE
    demo = demo_app(demo_settings(tmp_path, REDIS_URL=shared_valkey.url)).test_client()
    client = helpline.app.test_client()
    for path in SHOWN:
        assert demo.get(path, buffered=True).status_code in ANSWERED, path
        assert client.get(path, headers=FROM_ITS_PAGE).status_code == 404, path
    for path, told in DONE.items():
        assert demo.post(path, json=told, headers=FROM_ITS_PAGE).status_code in ANSWERED, path
        assert client.post(path, json=told, headers=FROM_ITS_PAGE).status_code == 404, path


def test_real_callers_have_todays_date_whatever_a_file_says(helpline: Helpline) -> None:
    sender = wire(helpline.settings).sender
    assert is_today(clock_of(helpline.settings)())
    assert is_today(sender.clock())
    assert sender.course().stretches == ()


def test_what_a_turn_understood_is_never_told_to_a_real_carrier(helpline: Helpline) -> None:
    phone = Phone(flask_post(helpline.app))
    first = phone.dial()
    answers = [phone.sms("menu"), phone.sms("1"), first, phone.press(first, "1"), phone.wait(first)]
    assert {answer.status for answer in answers} == {200}
    assert not any("turn" in name.lower() for answer in answers for name in answer.headers)


@for_real
def test_no_module_of_the_demo_is_even_loaded(
    environ: dict[str, str], tmp_path: Path, shared_valkey: EmbeddedValkey
) -> None:
    settings_in(tmp_path, shared_valkey, environ)
    program = """
import json, sys
from helpline.app import create_app
from helpline.settings import load_settings
from helpline.date.of_settings import clock_of
import workers.clock, workers.worker
settings = load_settings(json.loads(sys.argv[1]))
create_app(settings).test_client().get("/readyz")
clock_of(settings)()
of_demo = ("helpline.demo", "helpline.simulator", "helpline.date.moved")
print(json.dumps([name for name in sys.modules if name.startswith(of_demo)]))
"""
    given = {**environ, "VAR_DIR": str(tmp_path), "REDIS_URL": shared_valkey.url}
    ran = subprocess.run([sys.executable, "-c", program, json.dumps(given)], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout.splitlines()[-1]) == []
