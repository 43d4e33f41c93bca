"""What many tests share: a real Valkey, one helpline in this process, one real server."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from redis import Redis
from xdist.remote import Producer

from helpline import app as app_module
from helpline import prompts_folder
from helpline.app import create_app
from helpline.background import Background, Task
from helpline.conversation.ears import Ears
from helpline.menus.faults import Fault
from helpline.menus.forms import Identity
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Menus
from helpline.prompts_folder import Loaded, inspect_folder, load_folder
from helpline.records.migrate import upgrade
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings, load_settings
from helpline.wiring import Parts, wire
from tests.databases import (  # noqa: F401
    database_url,
    engine,
    engine_of_module,
    postgresql,
    postgresql_engine,
    postgresql_url,
    postgresql_with_tables,
    sqlite_engine,
    sqlite_url,
    sqlite_with_tables,
)
from tests.phone import SECOND_TOKEN, TOKEN, Phone, flask_post, http_post
from tests.proxy import Wire
from tests.server.running import Running, free_port, running, wait_until
from tests.sharing_out import ByFile, place

SHIPPED = Path(__file__).parent.parent / "prompts"
NEVER_EDITED = {SHIPPED}  # prompts folders; a module may add one that it makes for all of its tests

settings.register_profile(
    "helpline",
    deadline=None,
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("helpline")

THURSDAY = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


class Compiled(BytecodeCache):
    """The templates of pages, as Python: each of a thousand apps would compile them anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": Compiled()}


class Clock:
    """The time that a helpline in this process goes by."""

    def __init__(self) -> None:
        self.now = THURSDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Line:
    """A helpline in this process, on a Valkey behind a wire."""

    app: Flask
    clock: Clock
    wire: Wire
    valkey: EmbeddedValkey

    def phone(self) -> Phone:
        return Phone(flask_post(self.app))

    def kept(self) -> dict[str, str]:
        """Everything that Valkey holds of callers, but for the set of those who were there."""
        with redis_of(self.valkey) as client:
            return {key: client.get(key) for key in client.keys("*") if client.type(key) == "string"}

    def seconds_left(self) -> dict[str, int]:
        with redis_of(self.valkey) as client:
            return {key: client.ttl(key) for key in client.keys("*")}

    def counts(self) -> dict[str, int]:
        return dict(self.app.test_client().get("/readyz").get_json()["counts_of_this_process"])


def redis_of(valkey: EmbeddedValkey) -> Redis:
    """A client of our own, past every wire."""
    return Redis.from_url(valkey.url, decode_responses=True)


def settings_for(folder: Path, **environ: str) -> Settings:
    """Settings of a helpline for tests."""
    given = {
        "VAR_DIR": str(folder),
        "HELPLINE_ENV": "demo",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_AUTH_TOKEN_SECONDARY": SECOND_TOKEN,
    }
    return load_settings(given | environ)


def started_valkey(folder: Path) -> Iterator[EmbeddedValkey]:
    valkey = EmbeddedValkey(folder)
    valkey.start()
    yield valkey
    valkey.stop()


_ears_of = Ears.of
_EARS: deque[tuple[Menus, Ears]] = deque(maxlen=4)


@cache
def _loaded_once(folder: Path, languages: tuple[str, ...], identity: Identity) -> Loaded:
    return load_folder(folder, languages, identity)


@cache
def _inspected_once(
    folder: Path, languages: tuple[str, ...], identity: Identity
) -> tuple[Prompts | None, tuple[Fault, ...]]:
    prompts, faults = inspect_folder(folder, languages, identity)
    return prompts, tuple(faults)


@pytest.fixture(autouse=True)
def _prompts_that_nobody_edits_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take a second, and are a value. Who edits them edits a copy."""

    def load(folder: Path, languages: tuple[str, ...], identity: Identity) -> Loaded:
        return (_loaded_once if folder in NEVER_EDITED else load_folder)(folder, languages, identity)

    def inspect(folder: Path, languages: tuple[str, ...], identity: Identity) -> tuple[Prompts | None, list[Fault]]:
        prompts, faults = (_inspected_once if folder in NEVER_EDITED else inspect_folder)(folder, languages, identity)
        return prompts, list(faults)

    monkeypatch.setattr(prompts_folder, "load_folder", load)
    monkeypatch.setattr(prompts_folder, "inspect_folder", inspect)


@pytest.fixture(autouse=True)
def _ears_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the same menus: what is made of them takes half a second, and is a value too."""

    def of(menus: Menus) -> Ears:
        for known, ears in _EARS:
            if known is menus:
                return ears
        _EARS.append((menus, _ears_of(menus)))
        return _EARS[-1][1]

    monkeypatch.setattr(Ears, "of", of)


@pytest.fixture(autouse=True)
def _no_helpline_outlives_its_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one that was made for a test does in the background would bring its journal into the next one's database."""
    begun: list[Background] = []
    wired: list[Parts] = []

    def background(*tasks: Task, **more: Any) -> Background:
        begun.append(Background(*tasks, **more))
        return begun[-1]

    def wire_and_know(*given: Any, **more: Any) -> Parts:
        wired.append(wire(*given, **more))
        return wired[-1]

    monkeypatch.setattr(app_module, "Background", background)
    monkeypatch.setattr(app_module, "wire", wire_and_know)
    yield
    for each in begun:
        each.stop()
    for parts in wired:
        parts.engine.dispose()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """Of several processes each runs whole files, for which `--dist loadfile` stands."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A Valkey that no test stops."""
    yield from started_valkey(tmp_path_factory.mktemp("shared") / "valkey")


@pytest.fixture(scope="session")
def shared_line(tmp_path_factory: pytest.TempPathFactory, shared_valkey: EmbeddedValkey) -> Iterator[Line]:
    wire = Wire(shared_valkey.url.removeprefix("unix://"))
    clock = Clock()
    settings = settings_for(tmp_path_factory.mktemp("line"), REDIS_URL=wire.url)
    upgrade(settings.database_url)
    app = create_app(settings, now=clock)
    yield Line(app, clock, wire, shared_valkey)
    wire.close()


@pytest.fixture
def line(shared_line: Line) -> Iterator[Line]:
    """A helpline that nobody has texted yet, at a fixed time."""
    shared_line.clock.now = THURSDAY
    with redis_of(shared_line.valkey) as client:
        client.flushall()
    yield shared_line
    shared_line.wire.forward()
    shared_line.app.test_client().get("/readyz")  # it asks whether Redis is there, so that callers do not wait for it


@pytest.fixture
def phone(line: Line) -> Phone:
    return line.phone()


@dataclass
class Server:
    """A helpline as it runs for callers, with a Valkey of its own that tests may stop."""

    valkey: EmbeddedValkey
    port: int
    running: Running
    valkey_runs: bool = True

    def phone(self, timeout: float = 20) -> Phone:
        return Phone(http_post(self.port, timeout), base=f"http://127.0.0.1:{self.port}")

    def counts(self) -> dict[str, int]:
        """What was counted; the server has one process."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as got:
            return dict(json.load(got)["counts_of_this_process"])

    def kill_valkey(self) -> None:
        os.kill(self.valkey_pid, signal.SIGKILL)
        self.valkey.wait()
        self.valkey_runs = False

    def start_valkey(self) -> None:
        """Valkey is back, with what it had kept."""
        if not self.valkey_runs:
            self.valkey.start()
            self.valkey_runs = True

    @contextmanager
    def hanging_valkey(self) -> Iterator[None]:
        """Valkey stands still: it takes connections and answers nothing."""
        os.kill(self.valkey_pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.valkey_pid, signal.SIGCONT)

    @property
    def valkey_pid(self) -> int:
        return int(self.valkey.pid_file.read_text())


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    upgrade(settings_for(folder).database_url)
    port = free_port()
    for valkey in started_valkey(folder / "valkey"):
        environ = {
            "PORT": str(port),
            "REDIS_URL": valkey.url,
            "VAR_DIR": str(folder),
            "HELPLINE_ENV": "demo",
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_AUTH_TOKEN_SECONDARY": SECOND_TOKEN,
            "WEB_CONCURRENCY": "1",
        }
        with running([sys.executable, "-m", "helpline.server.web"], folder / "output", environ) as process:
            wait_until(lambda: _is_ready(port, process), lambda: process.output)
            yield Server(valkey, port, process)
            process.end()


def _is_ready(port: int, process: Running) -> bool:
    assert process.process.poll() is None, process.output
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as got:
        return bool(got.status == 200)
    return False


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The server, with its Valkey running and empty."""
    with redis_of(shared_server.valkey) as client:
        client.flushall()
    yield shared_server
    shared_server.start_valkey()
