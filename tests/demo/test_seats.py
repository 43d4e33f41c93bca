"""Who waits at the demo's page keeps no thread that a webhook needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import RawIOBase
from pathlib import Path
from threading import Event, Semaphore, Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from helpline.app import create_app
from helpline.demo.seats import MOST_ACTING, MOST_LOOKING
from helpline.server.web import THREADS
from helpline.settings import load_settings
from tests.conftest import Line
from tests.server.running import PATIENCE

OURS = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
ANNA = "/phone/+33639980001"
TOO_MANY = 8


class QuietCarrier(ThreadingHTTPServer):
    """A carrier on whose phones nothing happens until `news`: a look that may wait does so."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _QuietHandler)
        self.news, self.waiting = Event(), Semaphore(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _QuietHandler(BaseHTTPRequestHandler):
    server: QuietCarrier

    def do_GET(self) -> None:
        if parse_qs(urlsplit(self.path).query)["wait"] != ["0"]:
            self.server.waiting.release()
            self.server.news.wait(PATIENCE)
        body = json.dumps({"events": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class SlowBody(RawIOBase):
    """A body of which nothing comes until somebody lets it."""

    def __init__(self) -> None:
        self.go_on, self.awaited = Event(), Semaphore(0)

    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        self.awaited.release()
        self.go_on.wait(PATIENCE)
        return 0


@pytest.fixture
def carrier() -> Iterator[QuietCarrier]:
    with QuietCarrier() as carrier:
        Thread(target=carrier.serve_forever, daemon=True).start()
        yield carrier
        carrier.news.set()
        carrier.shutdown()


@pytest.fixture
def app(tmp_path: Path, line: Line, carrier: QuietCarrier) -> Flask:
    return create_app(
        load_settings({"VAR_DIR": str(tmp_path), "REDIS_URL": line.wire.url, "TWILIO_API_URL": carrier.url})
    )


def until(many: int, reached: Semaphore) -> None:
    for _ in range(many):
        assert reached.acquire(timeout=PATIENCE)


def look(app: Flask) -> TestResponse:
    return app.test_client().get(f"{ANNA}/events?wait=20")


def post(app: Flask, body: RawIOBase, headers: Mapping[str, str] | None = None, length: str = "20") -> TestResponse:
    told = {"Content-Type": "application/json", **OURS, **(headers or {})}
    environ = {"wsgi.input": body, "CONTENT_LENGTH": length}
    return app.test_client().post(f"{ANNA}/texts", headers=told, environ_overrides=environ)


def test_looks_that_wait_leave_threads_to_the_webhooks_and_the_others_are_answered_at_once(
    app: Flask, carrier: QuietCarrier
) -> None:
    assert MOST_LOOKING + MOST_ACTING <= THREADS // 2
    with ThreadPoolExecutor(MOST_LOOKING) as threads:
        waiting = [threads.submit(look, app) for _ in range(MOST_LOOKING)]
        until(MOST_LOOKING, carrier.waiting)
        for _ in range(TOO_MANY):
            answer = look(app)
            assert (answer.status_code, answer.headers["Retry-After"]) == (200, "1")
        carrier.news.set()
        assert {(each.result().status_code, each.result().headers.get("Retry-After")) for each in waiting} == {
            (200, None)
        }
    assert "Retry-After" not in look(app).headers


def test_bodies_that_come_slowly_leave_threads_to_the_webhooks(app: Flask) -> None:
    slow = SlowBody()
    with ThreadPoolExecutor(MOST_ACTING) as threads:
        waiting = [threads.submit(post, app, slow) for _ in range(MOST_ACTING)]
        until(MOST_ACTING, slow.awaited)
        for _ in range(TOO_MANY):
            answer = post(app, slow)
            assert answer.status_code == 503
            assert "in a moment" in answer.get_json()["message"]
        slow.go_on.set()
        assert {each.result().status_code for each in waiting} == {400}
    assert post(app, slow).status_code == 400


@pytest.mark.parametrize(
    ("headers", "length", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, "20", 403),
        ({"Host": "evil.example"}, "20", 403),
        ({"Content-Type": "text/plain"}, "20", 415),
        ({}, "16385", 413),
        ({"Transfer-Encoding": "chunked"}, "", 411),
    ],
)
def test_a_body_that_is_not_wanted_is_not_read(app: Flask, headers: dict[str, str], length: str, status: int) -> None:
    body = SlowBody()
    body.go_on.set()
    answer = post(app, body, headers, length)
    assert (answer.status_code, bool(answer.get_json()["message"])) == (status, True)
    assert not body.awaited.acquire(blocking=False)


def test_who_was_refused_keeps_no_place(app: Flask) -> None:
    refusals: list[Callable[[], TestResponse]] = [
        lambda: app.test_client().post(f"{ANNA}/texts", data="{", headers=OURS, content_type="application/json"),
        lambda: app.test_client().post("/phone/anna/texts", json={"body": "actu"}, headers=OURS),
    ]
    for refusal in refusals:
        assert {refusal().status_code for _ in range(MOST_ACTING + 1)} <= {400, 404}
