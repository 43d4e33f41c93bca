"""A server whose answers a test chooses, the carrier beside it, and a phone that the helpline calls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from twilio.rest import Client

from helpline.simulator.carrier.calls_journal import KeptCall
from tests.server.running import wait_until
from tests.simulator.carrier_process import CarrierProcess
from tests.simulator.official_client import client_of
from tests.simulator.phone_at import PhoneAt, carrier_beside
from tests.simulator.servers import Canned, Server, canned_server

US = "+33199001234"
VOICE, STATUS = "/twilio/voice/reminder", "/twilio/voice/progress"
ASKED = '<Gather numDigits="1" action="/after"><Say voice="Polly.Lea" language="fr-FR">Bonjour</Say></Gather>'
ALL = ["initiated", "ringing", "answered", "completed"]
NUMBERS = itertools.count(1)


@dataclass
class Place:
    """A server whose answers a test chooses, the carrier beside it, and what the helpline has: the official client."""

    canned: Canned
    server: Server
    carrier: CarrierProcess

    @property
    def client(self) -> Client:
        return client_of(self.carrier)

    def url(self, path: str) -> str:
        return f"http://localhost:{self.server.port}{path}"

    def ring(self, to: PhoneAt, **more: Any) -> str:
        """Call a phone: the id of the call."""
        asked: dict[str, Any] = {"url": self.url(VOICE), "method": "POST", **more}
        return str(self.client.calls.create(to=to.number, from_=US, **asked).sid)

    def reported(self, **more: Any) -> dict[str, Any]:
        return {"status_callback": self.url(STATUS), "status_callback_event": ALL, **more}

    def told(self, number: int) -> list[dict[str, str]]:
        """The reports, as soon as there are so many."""
        wait_until(lambda: len(self.canned.forms(STATUS)) >= number, lambda: f"only {self.canned.asked}")
        return sorted(self.canned.forms(STATUS), key=lambda form: int(form["SequenceNumber"]))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, canned = tmp_path_factory.mktemp("calls"), Canned({})
    with canned_server(folder, canned) as server, carrier_beside(server, folder) as carrier:
        yield Place(canned, server, carrier)


@pytest.fixture
def place(whole: Place) -> Place:
    whole.canned.begin({VOICE: ASKED, "/after": "<Say>Merci</Say><Hangup/>"})
    return whole


@pytest.fixture
def phone(place: Place) -> PhoneAt:
    """A phone that nobody has used before."""
    return PhoneAt(place.carrier, f"+336399805{next(NUMBERS):02}")


def rings(phone: PhoneAt) -> None:
    phone.wait_for("call", lambda event: event["state"] == "ringing")


def said(phone: PhoneAt) -> list[str]:
    """The first words that were heard."""
    return next(list(piece["say"]) for heard in phone.of("heard") for piece in heard["pieces"] if "say" in piece)


def status(place: Place, call: str) -> str:
    return str(place.client.calls(call).fetch().status)


def ended(place: Place, call: str) -> KeptCall:
    """A call as the journal has it, once it is over."""

    def found() -> list[KeptCall]:
        return [kept for kept in place.carrier.calls() if kept.sid == call and kept.ended is not None]

    wait_until(found, lambda: f"{place.carrier.calls()}")
    return found()[0]
