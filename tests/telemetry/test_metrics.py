"""`GET /metrics`: who may read it, and that Prometheus can."""

from __future__ import annotations

import math
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from helpline.app import create_app
from helpline.settings import load_settings
from helpline.telemetry.counters import Counters
from helpline.telemetry.metrics import MayRead, Measure, Sample, Times, as_text, counting_requests, metrics_routes
from tests.conftest import Server, settings_for
from tests.settings.given import LIVE

TOKEN = "a token of some thirty characters"


def client(token: str = "", for_this_machine: bool = True) -> FlaskClient:
    app = Flask(__name__)
    measures = [Measure("helpline_up", "gauge", "Up.", (Sample(1),))]
    app.register_blueprint(metrics_routes(MayRead(token, for_this_machine), lambda: measures))
    return app.test_client()


def status(asked: FlaskClient, address: str = "127.0.0.1", host: str = "localhost:8000", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    got = asked.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers={"Host": host, **named})
    assert got.status_code == 200 or b"helpline_" not in got.data
    return got.status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_without_a_token_a_program_on_this_machine_may_read(address: str, host: str) -> None:
    assert status(client(), address, host) == 200


def test_without_a_token_nobody_may_where_a_web_server_stands_in_front() -> None:
    assert status(client(for_this_machine=False)) == 403
    assert status(client(TOKEN, for_this_machine=False), Authorization=f"Bearer {TOKEN}") == 200


def test_without_a_token_a_helpline_for_real_lets_nobody_in_and_a_demo_this_machine(tmp_path: Path) -> None:
    assert status(create_app(load_settings(LIVE | {"VAR_DIR": str(tmp_path)})).test_client()) == 403
    assert status(create_app(settings_for(tmp_path)).test_client(), host="localhost") == 200


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.2", "203.0.113.7", "2001:db8::1", "", "nonsense"])
def test_without_a_token_nobody_else_may(address: str) -> None:
    assert status(client(), address) == 403


@pytest.mark.parametrize(
    "name", ["X_Forwarded_For", "X_Forwarded_Host", "X_Forwarded_Proto", "X_Real_IP", "Forwarded", "Via"]
)
@pytest.mark.parametrize("value", ["127.0.0.1", "203.0.113.7", ""])
def test_who_comes_through_a_web_server_on_this_machine_is_not_from_here(name: str, value: str) -> None:
    assert status(client(), **{name: value}) == 403


@pytest.mark.parametrize("host", ["helpline.example.org", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org"])
def test_who_asked_for_another_address_is_not_from_here(host: str) -> None:
    assert status(client(), host=host) == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.7"])
def test_with_a_token_only_who_sends_it_may_read_from_anywhere(address: str) -> None:
    asked = client(TOKEN)
    for right in (f"Bearer {TOKEN}", f"bearer  {TOKEN} "):
        assert status(asked, address, "helpline.example.org", Authorization=right, X_Forwarded_For="203.0.113.7") == 200
    for wrong in ("", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ", "Bearer é"):
        assert status(asked, address, Authorization=wrong) == 401
    assert status(asked, address) == 401


def test_a_running_server_knows_who_asks_from_its_own_machine(server: Server) -> None:
    def asked(**headers: str) -> int:
        wanted = urllib.request.Request(f"http://127.0.0.1:{server.port}/metrics", headers=headers)
        try:
            with urllib.request.urlopen(wanted, timeout=20) as got:
                assert b"helpline_database_up 1.0" in got.read()
                return int(got.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    assert asked() == 200
    assert asked(Via="1.1 in-front") == 403
    assert asked(Host="helpline.example.org") == 403


def test_it_is_what_prometheus_reads() -> None:
    odd = 'a "quoted"\nline \\ with {braces}'
    text = as_text(
        [
            Measure("helpline_turns", "counter", "Turns.\nOf callers.", (Sample(3, {"channel": "sms", "odd": odd}),)),
            Measure("helpline_age_seconds", "gauge", "Age.", (Sample(1.5), Sample(0, {"queue": "bulk"}))),
            Measure("helpline_nothing", "counter", "Nothing yet.", ()),
            Times("helpline_carrier_seconds", "Time.", (({"channel": "sms"}, {math.inf: 1, 0.1: 2, 1.0: 3}, 4.25),)),
        ]
    ).decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    (turns,) = found["helpline_turns"].samples
    assert (found["helpline_turns"].type, turns.name, turns.value) == ("counter", "helpline_turns_total", 3)
    assert turns.labels == {"channel": "sms", "odd": odd}
    assert [(each.labels, each.value) for each in found["helpline_age_seconds"].samples] == [
        ({}, 1.5),
        ({"queue": "bulk"}, 0),
    ]
    times = found["helpline_carrier_seconds"]
    assert times.type == "histogram"
    assert [(each.name.rpartition("_")[2], each.labels.get("le"), each.value) for each in times.samples] == [
        ("bucket", "0.1", 2),
        ("bucket", "1", 5),
        ("bucket", "+Inf", 6),
        ("count", None, 6),
        ("sum", None, 4.25),
    ]


def test_requests_are_counted_by_route_and_status() -> None:
    app, counters = Flask(__name__), Counters()
    app.register_blueprint(metrics_routes(MayRead(TOKEN), list))
    app.after_request(counting_requests(counters))

    @app.get("/fails/<what>")
    def fails(what: str) -> str:
        raise RuntimeError(what)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    for path in ("/metrics", "/nowhere/+33639980001", "/fails/+33639980001"):
        app.test_client().get(path)
    assert {inside for _, inside in counters.take()} == {
        "route=/metrics,status=401",
        "route=none,status=404",
        "route=/fails/<what>,status=500",
    }
