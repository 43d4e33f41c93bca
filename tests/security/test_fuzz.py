"""Every route with whatever anybody may send it: an answer, never a 5xx, and nothing that was not foreseen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app

from helpline.authentication import EDITOR, EVERYBODY, READER, TWILIO
from helpline.consent.once import effect_key
from helpline.consent.withdrawal import LONGEST_KEY
from helpline.conversation.turn import Context, Effect
from helpline.demo.door import WHOM
from tests.conftest import Line
from tests.demo.demos import demo_app, demo_settings
from tests.desk.conftest import desk as desk
from tests.desk.people import Desk, Person, token_of
from tests.fresh_logs import captured_logs
from tests.phone import new_number
from tests.security.odd_requests import LARGE, OddRequest, Route, odd_request, routes_of, signed_request

Logged = list[MutableMapping[str, Any]]
ODD: Any = {"max_examples": 400, "suppress_health_check": list(HealthCheck)}
randoms = st.randoms(use_true_random=True)


@dataclass
class Told:
    """What an application answered so far, and what it logged as its own fault."""

    app: Flask
    logged: Logged
    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)

    def ask(self, request: OddRequest, cookie: str = "", lacking: tuple[int, ...] = ()) -> int:
        """`lacking`: what is answered where something is away that this test has not started."""
        status = self._asked(request, cookie)
        assert [line for line in self.logged if line["log_level"] in ("error", "critical")] == [], request
        self.logged.clear()
        assert status < 500 or status in lacking, (status, request)
        self.statuses[status] += 1
        return status

    def _asked(self, request: OddRequest, cookie: str) -> int:
        path, _, query = request.target.partition("?")
        environ: dict[str, object] = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": cookie,
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(request.body),
            "wsgi.input_terminated": True,
            "wsgi.errors": None,
        }
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers}
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
        if request.is_chunked:
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        else:
            environ["CONTENT_LENGTH"] = str(len(request.body))
        given, status, _ = run_wsgi_app(self.app, environ)
        if hasattr(given, "close"):
            given.close()
        return int(status.split()[0])


@pytest.fixture
def logged() -> Iterator[Logged]:
    with captured_logs() as lines:
        yield lines


def routes(app: Flask, *whom: str) -> list[Route]:
    found = [route for route in routes_of(app) if route.whom in whom]
    assert found
    return found


def test_nobody_in_particular_breaks_a_route(line: Line, logged: Logged) -> None:
    told, everywhere = Told(line.app, logged), routes_of(line.app)

    @settings(**ODD)
    @given(randoms)
    def ask(random: Random) -> None:
        route = random.choice(everywhere)
        told.reached.add(route.rule)
        told.ask(odd_request(random, route))

    ask()
    assert told.reached == {route.rule for route in everywhere}
    assert {200, 403, 404, 405} <= set(told.statuses)


def test_what_twilio_signed_breaks_no_route(line: Line, logged: Logged) -> None:
    told, signed = Told(line.app, logged), routes(line.app, TWILIO)

    @settings(**ODD)
    @given(randoms)
    def ask(random: Random) -> None:
        told.ask(signed_request(random, random.choice(signed), "http://localhost", new_number))

    ask()
    assert told.statuses[200] > told.statuses.total() / 2, told.statuses


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_an_operator_breaks_no_page(desk: Desk, role: str, logged: Logged) -> None:
    told, pages = Told(desk.app, logged), routes(desk.app, READER, EDITOR, EVERYBODY)
    sat: list[tuple[str, str]] = [sit_down(desk, role, 0)]

    @settings(**ODD)
    @given(randoms)
    def ask(random: Random) -> None:
        route = random.choice(pages)
        cookie, token = sat[-1]
        told.ask(odd_request(random, route, [("csrf_token", token)]), cookie)
        if route.rule == "/desk/sign-out":
            sat.append(sit_down(desk, role, len(sat)))

    ask()
    assert {200, 303, 404} <= set(told.statuses), told.statuses


def sit_down(desk: Desk, role: str, number: int) -> tuple[str, str]:
    """The cookie and the token of an operator who is in."""
    person: Person = desk.person(f"Operator {number}", role)  # type: ignore[arg-type]
    page = person.browser.open("/desk/people")
    cookie = person.browser.client.get_cookie("desk")
    assert cookie
    return f"desk={cookie.value}", token_of(page.text)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    return demo_app(demo_settings(tmp_path / "demo"))


def test_nobody_breaks_the_demo(demo: Flask, logged: Logged) -> None:
    told, pages = Told(demo, logged), routes(demo, WHOM)
    ours = (("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/json"))

    @settings(**ODD)
    @given(randoms)
    def ask(random: Random) -> None:
        request = odd_request(random, random.choice(pages))
        if random.random() < 0.7:
            bodies = (
                b'{"body": "menu"}',
                b'{"to": "2026-12-12T12:00:00+00:00"}',
                b'{"to": "\\ud800"}',
                b'{"to": 1e400}',
            )
            more = (b'{"digits": "\\u0000"}', b'{"body": ["x"]}', b'{"back": 1}', request.body)
            request = OddRequest(request.method, request.target, ours, random.choice(bodies + more))
        told.ask(request, lacking=(503,))  # its carrier does not run here

    ask()
    assert {404, 405} <= set(told.statuses), told.statuses


@pytest.mark.parametrize("is_chunked", [False, True])
def test_what_is_larger_than_64_kb_is_refused_everywhere(line: Line, is_chunked: bool, logged: Logged) -> None:
    told, body = Told(line.app, logged), b"From=%2B33639980001&Body=" + b"x" * LARGE
    for route in routes(line.app, TWILIO):
        path = route.rule.replace("<", "").replace(">", "")
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", "A" * 27 + "="))
        assert told.ask(OddRequest("POST", path, headers, body, is_chunked)) == 413


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize("is_in", [False, True])
def test_no_form_of_the_desk_that_is_larger_than_64_kb_is_taken(
    desk: Desk, is_chunked: bool, is_in: bool, logged: Logged
) -> None:
    told, (cookie, token) = Told(desk.app, logged), sit_down(desk, "editor", 0)
    body = f"csrf_token={token}&reason=".encode() + b"x" * LARGE
    for route in routes(desk.app, READER, EDITOR, EVERYBODY):
        path = route.rule.replace("<", "").replace(">", "")
        headers = (("Content-Type", "application/x-www-form-urlencoded"),)
        status = told.ask(OddRequest("POST", path, headers, body, is_chunked), cookie if is_in else "")
        assert status in ((404, 405, 411, 413) if is_in else (303, 403, 404, 405, 411, 413)), (path, status)
    assert told.statuses[411 if is_chunked else 413] or not is_in


def test_two_effects_of_a_call_with_an_absurd_id_keep_their_outcomes_apart() -> None:
    absurd = Context("voice", datetime(2026, 12, 3, tzinfo=UTC), "a" * 5000)
    first, second = (effect_key(Effect(name, ()), absurd) for name in ("person", "erase"))
    assert first != second
    assert max(len(first), len(second)) <= LONGEST_KEY
