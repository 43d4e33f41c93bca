"""Operators at the desk in tests: a browser each, which follows links and sends forms as browsers do."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from helpline.operators import accounts
from helpline.operators.keys import Keys
from helpline.operators.operator import Role
from tests.conftest import Clock

PASSWORD = "quatre mots sans rapport"


@dataclass
class Browser:
    """Somebody's browser. `language` is the one that it asks for."""

    client: FlaskClient
    language: str = "fr"

    def open(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": self.language, **headers}, buffered=True)

    def send(self, path: str, page: str = "", page_seen: str = "", **fields: str) -> TestResponse:
        """Send a form with the token of that page; of the one that it is sent to, unless another is named or seen."""
        token = token_of(page_seen or self.open(page or path).text)
        return self.client.post(path, data={"csrf_token": token, **fields}, headers={"Accept-Language": self.language})


@dataclass
class Person:
    """An operator with a browser, a password and an app."""

    name: str
    browser: Browser
    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, now: datetime) -> str:
        return pyotp.TOTP(self.secret).at(now)

    def sign_in(self, now: datetime, **other: str) -> TestResponse:
        fields = {"name": self.name, "password": PASSWORD, "code": self.code(now), **other}
        return self.browser.send("/desk/sign-in", **fields)


@dataclass
class Desk:
    """A helpline's desk in this process, at a fixed time."""

    app: Flask
    engine: Engine
    keys: Keys
    clock: Clock

    def browser(self, language: str = "fr") -> Browser:
        return Browser(self.app.test_client(), language)

    def link(self, name: str = "Anna", role: Role = "editor") -> str:
        """Add an operator; the path of their link."""
        with self.engine.begin() as connection:
            return f"/desk/link/{accounts.add(connection, self.keys, name, role, 'a test', self.clock.now).token}"

    def person(self, name: str = "Anna", role: Role = "editor", language: str = "fr") -> Person:
        """Somebody who has used their link, and is signed in."""
        link, browser = self.link(name, role), self.browser(language)
        seen = browser.open(link).text
        person = Person(name, browser, secret_of(seen))
        shown = browser.send(link, page_seen=seen, password=PASSWORD, code=person.code(self.clock.now))
        assert shown.status_code == 200, shown.text
        person.recovery_codes = re.findall(r"<li><code>([A-Z0-9-]+)</code>", shown.text)
        self.clock.now += timedelta(seconds=30)  # the code that was used counts no more
        return person


def token_of(page: str) -> str:
    """The secret of a page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])


def secret_of(page: str) -> str:
    """What an app would read in the QR code, typed from the page."""
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1].replace(" ", "")
