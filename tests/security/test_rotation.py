"""Secrets are changed on a running line, step by step as the documents say, and nobody is lost by it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from helpline import app as app_module
from helpline.app import create_app
from helpline.consent.retention import retention
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.records.sealing import key_mark
from helpline.records.tables import callers, messages
from helpline.reminders.delivery import deliver
from helpline.reminders.planning import plan
from helpline.reminders.report_ids import report_id, report_mark
from helpline.wiring import Parts, wire
from tests.carrier.odd_carrier import OddCarrier, odd_carrier, reply
from tests.conftest import Clock, settings_for
from tests.databases import address
from tests.desk.people import Browser, Desk
from tests.phone import FORM, SIGNATURE, TOKEN, Parameters, Phone, Reply, flask_post, form, signature
from tests.reminders.bench import SEALING
from tests.reminders.conftest import redis  # noqa: F401
from tests.reminders.people import paris

DOCS = Path(__file__).parents[2] / "docs"
NEW_TOKEN = "a1" * 16
LAST_WAVE, MISSED_WAVE = paris(2026, 12, 12, 18, 30), paris(2026, 12, 16, 18, 30)


def commands(heading: str) -> list[str]:
    """The blocks of commands below a heading of docs/operating.md: how to begin, and how to end."""
    chapter = (DOCS / "operating.md").read_text(encoding="utf-8").partition(f"### {heading}\n")[2]
    return re.findall(r"```\n(.*?)```", chapter.partition("\n### ")[0], re.DOTALL)


@dataclass
class SignedBy(Phone):
    """A phone behind a Twilio that signs with a token of its own."""

    token: str = TOKEN

    def send(self, target: str, parameters: Parameters, headers: Mapping[str, str] | None = None) -> Reply:
        target = target.partition("#")[0]  # what follows is for Twilio only, and not signed
        signed = signature(self.base + target, parameters, self.token)
        return self.post(target, form(parameters), {"Content-Type": FORM, SIGNATURE: signed, **(headers or {})})


@dataclass
class Helpline:
    """One that is started again with the settings of its environment file, on the same data."""

    folder: Path
    engine: Engine
    redis: Redis
    carrier: OddCarrier
    clock: Clock = field(default_factory=Clock)
    wired: list[Parts] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "helpline.env"

    def start(self) -> None:
        lines = dict(line.split("=", 1) for line in self.file.read_text().splitlines())
        socket = self.redis.connection_pool.connection_kwargs["path"]
        usual = {
            "REDIS_URL": f"unix://{socket}",
            "DATABASE_URL": address(self.engine),
            "TWILIO_AUTH_TOKEN_SECONDARY": "",
        }
        settings = settings_for(self.folder, TWILIO_API_URL=self.carrier.url, **(usual | lines))
        self.app = create_app(settings, now=self.clock)
        self.parts: Parts = wire(settings, self.clock, redis=self.redis)
        self.wired.append(self.parts)

    def follow(self, commands: str) -> None:
        """Do what the document says, and start again."""
        script = commands.replace("/etc/helpline.env", str(self.file)).replace("NEW\n", f"{NEW_TOKEN}\n")
        subprocess.run(["bash", "-euc", script], check=True, env=os.environ)
        self.start()

    def phone(self, other: Phone | None = None, token: str = TOKEN) -> SignedBy:
        """A phone; `other` is the same one, before the line was started again."""
        post = flask_post(self.app)
        return (
            SignedBy(post, number=other.number, call=other.call, token=token) if other else SignedBy(post, token=token)
        )

    def sends(self) -> list[str]:
        """Plan and send what is due now; to whom."""
        plan(self.engine, self.parts.consent.calendar(), self.clock())
        before = len(self.carrier.asked)
        self.carrier.answer = lambda asked: asked.sendall(reply(201, f'{{"sid": "SM{secrets.token_hex(16)}"}}'))
        deliver(self.parts.sender, "bulk")
        return [asked.form["To"] for asked in self.carrier.asked[before:]]

    def report(self, phone: SignedBy, status: str) -> int:
        """The carrier's report about the last message; how it was answered."""
        columns = (callers.c.fingerprint, messages.c.kind, messages.c.occurrence, messages.c.wave)
        with self.engine.connect() as connection:
            sent = select(messages.c.id, messages.c.tries, messages.c.sid, *columns).join_from(messages, callers)
            row = connection.execute(sent.where(messages.c.sid.is_not(None)).order_by(messages.c.id.desc())).first()
        assert row
        mark = report_mark(self.parts.settings.fingerprint_key, *row[3:])
        told = [("MessageSid", row.sid), ("MessageStatus", status), ("To", phone.number)]
        return phone.send(f"/twilio/sms/status?message={report_id(row.id, row.tries, mark)}", told).status


@pytest.fixture
def helpline(engine: Engine, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Helpline]:  # noqa: F811
    """With the settings of an environment file, on each kind of database."""
    monkeypatch.setattr(app_module, "Passwords", lambda: Passwords(memory_kib=64))
    with odd_carrier() as carrier:
        made = Helpline(tmp_path, engine, redis, carrier)
        made.file.write_text(f"FINGERPRINT_KEY={'f' * 64}\nNUMBER_KEYS={SEALING}\nTWILIO_AUTH_TOKEN={TOKEN}\n")
        made.start()
        yield made
        for parts in made.wired:
            parts.engine.dispose()


def signs_up(phone: Phone) -> None:
    assert "1 Oui" in phone.text("RAPPEL")[0]
    assert "c'est noté" in phone.text("1")[0]


def test_twilios_token_is_changed_while_people_text_and_call(helpline: Helpline) -> None:
    begin, end = commands("Twilio's token")
    texting, calling, reminded = helpline.phone(), helpline.phone(), helpline.phone()
    signs_up(reminded)
    assert "1 Oui" in texting.text("RAPPEL")[0]
    heard = calling.dial()

    helpline.follow(begin)
    assert "c'est noté" in helpline.phone(texting).text("1")[0], "the question of before the change is answered"
    new_call = helpline.phone(calling, NEW_TOKEN)
    assert new_call.press(heard, "1").status == 200, "the call goes on, whichever token signs its next turn"
    assert helpline.phone(calling).press(heard, "1").status == 200
    helpline.clock.now = LAST_WAVE
    assert set(helpline.sends()) == {texting.number, reminded.number}
    assert helpline.report(helpline.phone(reminded), "delivered") == 204
    assert helpline.phone(texting).sms("STOP").status == 200

    helpline.follow(end)
    assert helpline.phone(reminded).sms("FAIT").status == 403, "the old token is of no use any more"
    assert helpline.report(helpline.phone(reminded), "delivered") == 403
    assert helpline.phone(reminded, NEW_TOKEN).sms("MENU").status == 200
    helpline.clock.now = MISSED_WAVE
    assert texting.number not in helpline.sends(), "who said stop under the old token is left alone"


def test_number_keys_are_changed_while_reminders_wait(helpline: Helpline) -> None:
    begin, end = commands("NUMBER_KEYS")
    reminded, stopping = helpline.phone(), helpline.phone()
    signs_up(reminded)
    signs_up(stopping)
    helpline.follow(begin)
    assert len(helpline.parts.settings.number_keys) == 2
    newcomer = helpline.phone()
    signs_up(newcomer)
    helpline.phone(stopping).text("STOP")
    helpline.clock.now = LAST_WAVE
    assert set(helpline.sends()) == {reminded.number, newcomer.number}

    parts = helpline.parts
    while not retention(
        helpline.engine, parts.sender.seals, [], helpline.clock(), parts.consent.calendar(), parts.consent.journal
    ).round_began:
        pass
    helpline.follow(end)
    (key,) = helpline.parts.settings.number_keys
    assert key != SEALING
    with helpline.engine.connect() as connection:
        marks = connection.scalars(select(callers.c.number_key).where(callers.c.number.is_not(None))).all()
    assert set(marks) == {key_mark(key)}
    helpline.clock.now = MISSED_WAVE
    assert set(helpline.sends()) == {reminded.number, newcomer.number}
    assert "Gardez" not in helpline.phone(stopping).text("MENU")[0]


def test_secret_key_is_changed_while_an_operator_works_and_another_one_begins(helpline: Helpline) -> None:
    begin, end = commands("SECRET_KEY")
    helpline.follow(begin)
    desk = Desk(helpline.app, helpline.engine, keys_of(helpline.parts.settings.fingerprint_key), helpline.clock)
    anna, link, newcomer = desk.person("Anna"), desk.link("Bea"), desk.browser()
    begun = newcomer.open(link).text

    helpline.follow(begin)
    assert len(helpline.parts.settings.secret_keys) == 2
    desk.app = helpline.app
    taken_along(helpline, anna.browser, newcomer)
    assert anna.browser.open("/desk/").status_code == 200
    assert anna.browser.send("/desk/language", page="/desk/", language="en").status_code < 400
    assert newcomer.open(link).status_code == 200
    assert "csrf_token" in begun
    assert newcomer.send(link, form=begun, password="x", code="000000").status_code == 400, "heard: the password is bad"
    carla = desk.person("Carla")

    helpline.follow(end)
    taken_along(helpline, anna.browser, carla.browser)
    assert carla.browser.open("/desk/").status_code == 200, "a session of after the change goes on"
    phone = helpline.phone()
    signs_up(phone)


def taken_along(helpline: Helpline, *browsers: Browser) -> None:
    """These browsers go on with the helpline as it was started again, with their cookies."""
    for browser in browsers:
        cookies = browser.client._cookies
        browser.client = helpline.app.test_client()
        browser.client._cookies = cookies


def test_the_fingerprint_key_is_never_changed_and_the_document_says_so() -> None:
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    assert "`FINGERPRINT_KEY` never changes" in text
    assert [len(commands(heading)) for heading in ("Twilio's token", "NUMBER_KEYS", "SECRET_KEY")] == [2, 2, 2]
