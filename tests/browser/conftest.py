"""A whole helpline as `helpline server` runs it, and a browser that looks at its page.

One of each serves all of these tests, each of which has numbers and operators of its own. A module whose tests change
the others' helpline has a `helpline` of its own.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from helpline.menus.windows import PARIS
from tests.server.running import Running, free_port, running, wait_until

PATIENCE = 30_000  # milliseconds that only a test that fails waits
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    "--renderer-process-limit=1",
]
OF_THE_MACHINE = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that kill the carrier and travel in time come last: after them the helpline is another one."""
    items.sort(key=lambda item: item.path == Path(__file__).parent / "test_phones.py")


@dataclass
class Helpline:
    """A demo that runs."""

    port: int
    program: Running
    environ: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> str:
        """What a command says that is given the same settings."""
        program = str(Path(sys.executable).parent / "helpline")
        ran = subprocess.run([program, *words], env=self.environ, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    @property
    def database(self) -> Path:
        return Path(self.environ["VAR_DIR"]) / "demo.db"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self, name: str) -> list[int]:
        """The processes of that name that were started, in order."""
        told = [line for line in self.program.output.splitlines() if f"{name} started (pid=" in line]
        return [int(line.split("pid=")[1].rstrip(")")) for line in told]

    def call(self, number: str, twiml: str = "", rings: int = 30, **more: str) -> None:
        """Have the carrier call a phone, as the helpline does."""
        carrier = self.program.output.partition("carrier listens on ")[2].split()[0]
        form = {"To": number, "From": "+33199001234", "Twiml": twiml, "Timeout": str(rings), **more}
        account = "AC" + "0" * 32
        request = urllib.request.Request(
            f"{carrier}/2010-04-01/Accounts/{account}/Calls.json",
            urlencode(form).encode(),
            {"Authorization": "Basic " + base64.b64encode(f"{account}:x".encode()).decode()},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 201

    def travel(self, told: dict[str, Any]) -> None:
        """Use the time machine."""
        headers = {"Content-Type": "application/json", "Origin": self.url}
        request = urllib.request.Request(f"{self.url}/phone/date", json.dumps(told).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200


def is_up(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
        return "last_tick_seconds" in json.load(answer)["parts"].get("reminders", {})
    return False


@contextmanager
def a_demo(folder: Path, **environ: str) -> Iterator[Helpline]:
    """`helpline server`, once all of its parts work."""
    port = free_port()
    env = {**OF_THE_MACHINE, "PORT": str(port), "VAR_DIR": str(folder / "var"), "WEB_CONCURRENCY": "1", **environ}
    command = [str(Path(sys.executable).parent / "helpline"), "server"]
    with running(command, folder / "output", env) as program:
        program.wait_for("is ready")
        wait_until(lambda: is_up(port), lambda: program.output)
        yield Helpline(port, program, env)


@pytest.fixture(scope="package")
def helpline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Helpline]:
    with a_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser on this machine: install one of {', '.join(NAMES)} (scripts/test does where it may)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Desk:
    """Opens pages as one person's browser does, and keeps what the browser complained about."""

    helpline: Helpline
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(self, address: str, **how: Any) -> Iterator[Page]:
        context: BrowserContext = self.browser.new_context(base_url=self.helpline.url, **how)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.goto(address)
        yield page
        context.close()


@pytest.fixture
def desk(browser: Browser, helpline: Helpline) -> Iterator[Desk]:
    expect.set_options(timeout=PATIENCE)
    desk = Desk(helpline, browser)
    yield desk
    lost = [said for said in desk.complaints if "net::ERR" in said or "503" in said]
    assert [said for said in desk.complaints if said not in lost] == []


@dataclass
class Handset:
    """A phone on the page, as a person uses it."""

    page: Page
    number: str

    @property
    def itself(self) -> Locator:
        return self.page.locator(f'article[data-number="{self.number}"]')

    @property
    def screen(self) -> Locator:
        return self.itself.locator(".screen")

    @property
    def words(self) -> Locator:
        return self.itself.locator(".words")

    @property
    def bubbles(self) -> Locator:
        return self.itself.locator(".bubble")

    @property
    def notice(self) -> Locator:
        return self.itself.locator(".notice")

    @property
    def connection(self) -> Locator:
        return self.itself.locator(".connection")

    def push(self, name: str) -> None:
        """A key, by what it says."""
        self.itself.get_by_role("button", name=name, exact=True).click()

    def write(self, words: str) -> None:
        """Send a text, and wait for one more bubble of ours and one more of theirs."""
        before = self.bubbles.count()
        self.itself.locator("textarea").fill(words)
        self.push("Send")
        expect(self.bubbles.nth(before + 1)).to_be_visible()

    def last_text(self) -> str:
        return self.bubbles.last.locator(".body").inner_text()


def twentieth(helpline_date: datetime) -> str:
    """The morning of the 20th of next month: no window is open, the next one is far, and it lies ahead."""
    next_month = helpline_date.astimezone(PARIS).replace(day=1) + timedelta(days=32)
    return next_month.strftime("%Y-%m-20T09:55")
