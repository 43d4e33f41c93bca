"""The whole way: a phone of the simulated carrier asks, a worker sends, and the phone gets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from helpline.records.engine import QUICK
from helpline.records.migrate import upgrade
from helpline.records.tables import messages, subscriptions
from helpline.reminders.delivery import deliver
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import load_settings
from helpline.wiring import Parts, wire
from tests.consent.people import rows
from tests.server.running import wait_until
from tests.simulator.carrier_process import CarrierProcess
from tests.simulator.phone_at import Event, PhoneAt, carrier_beside
from tests.simulator.servers import NOW, helpline_server


@dataclass
class Place:
    """A helpline that calls back, its carrier, and what a worker of it has."""

    carrier: CarrierProcess
    worker: Parts

    def phone(self, number: str) -> PhoneAt:
        return PhoneAt(self.carrier, number)

    def states(self, kind: str) -> list[str]:
        return [row.state for row in rows(self.worker.engine, messages, messages.c.kind == kind)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("helpline")
    upgrade(load_settings({"VAR_DIR": str(folder)}).database_url)
    with helpline_server(folder, CALL_BACK_MISSED="1") as server, carrier_beside(server, folder) as carrier:
        given = {
            "VAR_DIR": str(folder),
            "PORT": str(server.port),
            "REDIS_URL": EmbeddedValkey(folder / "valkey").url,
            "TWILIO_API_URL": carrier.url,
        }
        worker = wire(load_settings(given), lambda: NOW, QUICK)
        yield Place(carrier, worker)
        worker.engine.dispose()


def said(heard: Event) -> str:
    return " ".join(line for piece in heard["pieces"] for line in piece.get("say", []))


def test_the_page_that_is_heard_comes_as_a_text_and_6_leads_on(place: Place) -> None:
    phone = place.phone("+33639980901")
    call = phone.dial()
    phone.wait_for("heard")
    for keys in "1118":  # French, the update, when to do it: and that as a text
        assert phone.act(call, "keys", keys=keys).status_code == 200
    phone.wait_for("heard", lambda heard: "un S M S arrive" in said(heard))
    phone.act(call, "hang-up")
    assert place.states("page") == ["planned"]
    deliver(place.worker.sender, "replies")
    phone.wait_for("text", lambda text: text["direction"] == "received")
    (page,) = phone.bodies()
    assert "actualisation" in page
    assert "6 Suite" in page
    phone.text("6")
    phone.wait_for("text", lambda text: text["direction"] == "received" and text["body"] != page)
    assert rows(place.worker.engine, subscriptions) == []


def test_who_rings_and_hangs_up_is_called_back_and_hears_the_menu(place: Place) -> None:
    phone = place.phone("+33639980902")
    call = phone.dial()
    phone.wait_for("exchange")
    assert phone.act(call, "hang-up").status_code == 200
    wait_until(lambda: place.states("call_back") == ["planned"], lambda: str(phone.look()))
    assert phone.of("heard") == []
    deliver(place.worker.sender, "calls")
    phone.wait_for("call", lambda event: event["state"] == "ringing" and event["call"] != call)
    assert phone.call is not None
    assert phone.act(phone.call["call"], "answer").status_code == 200
    phone.wait_for("heard", lambda heard: "France Travail" in said(heard))
    phone.act(phone.call["call"], "hang-up")
    wait_until(lambda: place.states("call_back") == ["delivered"], lambda: str(place.states("call_back")))


def test_a_call_that_is_not_hung_up_is_answered_after_it_rang(place: Place) -> None:
    phone = place.phone("+33639980903")
    call = phone.dial()
    phone.wait_for("heard", lambda heard: bool(said(heard)))
    phone.act(call, "hang-up")
    assert place.states("call_back").count("planned") == 0


def test_a_text_that_asks_for_a_call_is_answered_and_the_phone_rings(place: Place) -> None:
    phone = place.phone("+33639980904")
    phone.text("APPEL")
    phone.wait_for("text", lambda text: "appelons" in text["body"])
    deliver(place.worker.sender, "calls")
    phone.wait_for("call", lambda event: event["state"] == "ringing")
