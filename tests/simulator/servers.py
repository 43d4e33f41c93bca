"""Servers for the phone in the terminal: the real helpline, and one whose answers a test chooses."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner, Result
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from helpline.app import create_app
from helpline.cli import main
from helpline.date.moved import DemoDate
from helpline.records.migrate import upgrade
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings, load_settings

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
READ_FROM_SHELL = ("HELPLINE_ENV", "HELPLINE_HOST", "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")


@dataclass(frozen=True)
class Server:
    """A server that answers on a port of this machine, and the environment of a terminal beside it."""

    port: int
    env: Mapping[str, str | None]

    def talk(self, *options: str, typed: str = "", **env: str) -> Result:
        """`helpline talk` with what is typed, as through a pipe."""
        return CliRunner().invoke(main, ["talk", *options], input=typed, env={**self.env, **env})


@contextmanager
def helpline_server(folder: Path, **settings: str) -> Iterator[Server]:
    """The whole helpline with a Valkey of its own, on Thursday 10 December 2026."""
    valkey = EmbeddedValkey(folder / "valkey")
    valkey.start()
    try:
        given = {"VAR_DIR": str(folder), "REDIS_URL": valkey.url, **settings}
        app = create_app(load_settings(given), now=lambda: NOW)
        with _served(app) as port:
            yield Server(port, _terminal(folder, port) | settings)
    finally:
        valkey.stop()


@contextmanager
def demo_server(folder: Path, real: datetime) -> Iterator[Server]:
    """A demo with its time machine and its tables, for which `real` is the real date."""
    valkey = EmbeddedValkey(folder / "valkey")
    valkey.start()
    try:
        settings = load_settings({"VAR_DIR": str(folder), "REDIS_URL": valkey.url, "VOICE_SPEECH": "1"})
        upgrade(settings.database_url)
        date = partial(_date_where, real)
        with patch("helpline.app.date_of", date), patch("helpline.date.of_settings.date_of", date):
            app = create_app(settings)
        with _served(app) as port:
            yield Server(port, _terminal(folder, port))
    finally:
        valkey.stop()


@contextmanager
def phones_page(folder: Path, carrier: str) -> Iterator[int]:
    """The port of a demo's page whose phones are those of that carrier, whoever answers their webhooks."""
    valkey = EmbeddedValkey(folder / "valkey")
    valkey.start()
    try:
        given = {"VAR_DIR": str(folder), "REDIS_URL": valkey.url, "TWILIO_API_URL": carrier}
        with _served(create_app(load_settings(given))) as port:
            yield port
    finally:
        valkey.stop()


def _date_where(real: datetime, settings: Settings) -> DemoDate:
    return DemoDate(settings.var_dir, lambda: real)


@dataclass
class Canned:
    """Gives prepared answers by path, and keeps what it was asked. An answer is TwiML, or a status."""

    answers: Mapping[str, str | int]
    content_type: str = "text/xml"
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    signed: list[tuple[dict[str, str], str]] = field(default_factory=list)  # the same, with their signatures
    earlier: set[str] = field(default_factory=set)  # calls of tests that are over: what comes of them late is not kept

    @Request.application
    def app(self, request: Request) -> Response:
        if request.path == "/healthz":
            return Response("{}")
        form = request.form.to_dict()
        if form.get("CallSid") not in self.earlier:
            self.asked.append((request.path, form))
            self.signed.append((form, request.headers.get("X-Twilio-Signature", "")))
        answer = self.answers.get(request.path, 204)
        if isinstance(answer, int):
            return Response(status=answer)
        return Response(f"<Response>{answer}</Response>", content_type=self.content_type)

    def forms(self, path: str) -> list[dict[str, str]]:
        return [form for asked, form in self.asked if asked == path]

    def begin(self, answers: Mapping[str, str | int]) -> None:
        """For the next test: other answers, and nothing asked yet."""
        self.earlier |= {form["CallSid"] for _, form in self.asked if "CallSid" in form}
        self.answers = answers
        self.asked.clear()
        self.signed.clear()


@contextmanager
def canned_server(folder: Path, canned: Canned) -> Iterator[Server]:
    with _served(canned.app) as port:
        yield Server(port, _terminal(folder, port))


@contextmanager
def _served(app: object) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _terminal(folder: Path, port: int) -> dict[str, str | None]:
    return {**dict.fromkeys(READ_FROM_SHELL), "VAR_DIR": str(folder), "PORT": str(port)}
