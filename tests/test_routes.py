"""Nothing is left open by forgetting."""

from pathlib import Path

import pytest
from flask import Blueprint, Response

from helpline import app as app_module
from helpline.authentication import EVERYBODY, METRICS, TWILIO, authentication_of
from tests.conftest import Line, settings_for

OPEN = {"/healthz", "/readyz", "/audio/<language>/<file>"}
SIGNED = {
    "/twilio/sms",
    "/twilio/voice",
    "/twilio/voice/turn/<where>",
    "/twilio/voice/silence/<where>",
    "/twilio/voice/ours/<where>",
    "/twilio/voice/dialled/<where>",
    "/twilio/voice/adviser/<step>",
    "/twilio/voice/bridge/<step>/<language>/<request_id>/<token>",
    "/twilio/voice/status",
    "/twilio/sms/status",
}


def test_every_route_states_its_authentication(line: Line) -> None:
    """But for those of the desk, which tests/desk/test_who_may.py walks."""
    routes = {route.partition(" ")[0]: whom for route, whom in authentication_of(line.app).items()}
    stated = {route: whom for route, whom in routes.items() if not route.startswith("/desk/")}
    assert stated == dict.fromkeys(OPEN, EVERYBODY) | dict.fromkeys(SIGNED, TWILIO) | {"/metrics": METRICS}


def test_every_route_below_twilio_refuses_what_is_not_signed(line: Line) -> None:
    client = line.app.test_client()
    for rule in line.app.url_map.iter_rules():
        if str(rule).startswith("/twilio"):
            got = client.post(str(rule).replace("<where>", "x"))
            assert (got.status_code, got.data) == (403, b"")


def test_a_helpline_with_a_route_that_does_not_say_who_may_use_it_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful = Blueprint("forgetful", __name__)
    forgetful.get("/forgotten")(lambda: Response("secrets"))
    monkeypatch.setattr(app_module, "recording_routes", lambda *_: forgetful)
    with pytest.raises(RuntimeError, match="/forgotten"):
        app_module.create_app(settings_for(tmp_path))


def test_an_unknown_address_is_a_404(line: Line) -> None:
    client = line.app.test_client()
    for path in (
        "/",
        "/twilio",
        "/twilio/sms/",
        "/twilio/voice/turn/",
        "/twilio/voice/turn/a/b",
        "/static/x",
        "/%00",
        "/é",
    ):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
