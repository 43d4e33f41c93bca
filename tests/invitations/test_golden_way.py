"""From paper to reminders: a file is imported, the carrier takes the text, the person answers, and it is proven."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from redis import Redis

from helpline import wiring
from helpline.app import create_app
from helpline.cli import main
from helpline.consent.consent import Consent
from helpline.consent.kept import what_is_kept
from helpline.menus.windows import PARIS
from helpline.records.tables import messages
from helpline.reminders.delivery import deliver
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import settings_for
from tests.consent.people import SEALING, rows
from tests.databases import address
from tests.invitations.files import days_ago, file_of, form, number_of
from tests.phone import Phone, flask_post
from tests.reminders.bench import KEY, Clock
from tests.simulator.carrier_process import CarrierProcess

_places = itertools.count(501)
Sends = Callable[[], int]


@pytest.fixture
def place() -> int:
    """Which number somebody has, and which form."""
    return next(_places)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def helpline(
    known: Consent,
    folder: Path,
    shared_valkey: EmbeddedValkey,
    redis: Redis,
    carrier: CarrierProcess,
    clock: Clock,
    place: int,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Phone, Sends]]:
    """The phone of somebody who signed, and what sends what is due."""
    monkeypatch.setattr(wiring, "open_records", lambda url, patience: known.engine)  # one that the test closes
    settings = settings_for(
        folder / "var",
        DATABASE_URL=address(known.engine),
        REDIS_URL=shared_valkey.url,
        FINGERPRINT_KEY=KEY.decode(),
        NUMBER_KEYS=SEALING,
        TWILIO_API_URL=carrier.url,
        SMS_SENDER="38123",
    )
    parts = wiring.wire(settings, clock, redis=redis)
    phone = Phone(flask_post(create_app(settings, now=clock)), number=number_of(place))
    yield phone, lambda: deliver(parts.sender, "bulk").accepted
    # The application looks after its journal for as long as this process lives, and another test gets its database.
    shutil.rmtree(folder / "var")


@pytest.fixture
def due(known: Consent, folder: Path, clock: Clock, place: int) -> datetime:
    """When the invitation that was imported is due."""
    result = CliRunner().invoke(main, ["callers", "import", str(file_of(folder, [form(place)])), "--yes"])
    assert result.exit_code == 0, result.output
    (message,) = rows(known.engine, messages)
    clock.now = message.due_at
    return clock.now


def test_who_answers_yes_is_reminded_and_the_proof_tells_it_word_for_word(
    known: Consent, helpline: tuple[Phone, Sends], carrier: CarrierProcess, clock: Clock, due: datetime
) -> None:
    phone, send = helpline
    assert send() == 1
    (text,) = carrier.messages()
    assert text.to == phone.number
    assert send() == 0
    assert 9 <= due.astimezone(PARIS).hour < 19
    clock.pass_by(minutes=20)
    phone.text("1")
    kept = what_is_kept(known.engine, known.fingerprint(phone.number))
    assert kept.active is not None
    assert (kept.active.kind, kept.active.scope, kept.active.since) == ("update", "all", clock.now)
    asked, given = kept.proofs
    assert (asked.event, asked.channel, asked.heard) == ("asked", "paper", f"signed {days_ago(3)}")
    assert (given.event, given.channel, given.heard, given.text) == ("given", "sms", "1", text.body)


def test_a_yes_counts_a_day_later(
    known: Consent, helpline: tuple[Phone, Sends], carrier: CarrierProcess, clock: Clock, due: datetime
) -> None:
    phone, send = helpline
    assert send() == 1
    clock.pass_by(hours=30)
    phone.text("2")
    kept = what_is_kept(known.engine, known.fingerprint(phone.number))
    assert kept.active is not None
    assert kept.active.scope == "last"


def test_who_answers_stop_gets_nothing_more(
    known: Consent, helpline: tuple[Phone, Sends], due: datetime, folder: Path, place: int
) -> None:
    phone, send = helpline
    assert send() == 1
    phone.text("STOP")
    assert what_is_kept(known.engine, known.fingerprint(phone.number)).objection_reason == "stop"
    again = CliRunner().invoke(main, ["callers", "import", str(file_of(folder, [form(place)])), "--yes"])
    assert "line 2: said STOP" in again.stdout


def test_who_signs_up_before_the_text_goes_does_not_get_it(
    known: Consent, helpline: tuple[Phone, Sends], carrier: CarrierProcess, due: datetime
) -> None:
    phone, send = helpline
    phone.text("RAPPEL")
    phone.text("1")
    assert send() == 0
    assert carrier.messages() == []
    (message,) = [row for row in rows(known.engine, messages) if row.kind == "invite"]
    assert (message.state, message.reason) == ("skipped", "subscribed")


def test_a_word_that_is_no_answer_signs_nobody_up(known: Consent, helpline: tuple[Phone, Sends], due: datetime) -> None:
    phone, send = helpline
    assert send() == 1
    for words in ("merci", "c'est quoi", "peut-être"):
        phone.text(words)
    assert what_is_kept(known.engine, known.fingerprint(phone.number)).active is None
