"""The Messages API of the simulated carrier, seen through the official client."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpline.simulator.carrier.behaviour import Behaviour
from tests.server.running import wait_until
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.simulator.official_client import ACCOUNT, client_of

ANNA, BORIS = "+33639980001", "+33639980002"


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[CarrierProcess]:
    with carrier_process(tmp_path) as started:
        yield started


def send(client: Client, to: str = ANNA, body: str = "Bonjour", **more: Any) -> Any:
    return client.messages.create(to=to, from_="38123", body=body, **more)


def refusal(client: Client, **message: Any) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**{"to": ANNA, "from_": "38123", "body": "Bonjour", **message})
    return refused.value


def test_a_message_is_accepted_and_kept_before_it_is_answered(carrier: CarrierProcess) -> None:
    sent = send(client_of(carrier), body="Déjà l'été", status_callback="http://localhost:1/status?message=7.1")
    (kept,) = carrier.messages()
    assert (sent.sid, sent.status, sent.to, sent.from_, sent.num_segments) == (kept.sid, "queued", ANNA, "38123", "1")
    assert (kept.to, kept.sender, kept.body) == (ANNA, "38123", "Déjà l'été")
    assert kept.callback == "http://localhost:1/status?message=7.1"
    assert abs(datetime.now(UTC) - kept.moment) < timedelta(minutes=1)


def test_a_message_of_a_service_is_accepted_under_its_id(carrier: CarrierProcess) -> None:
    sent = client_of(carrier).messages.create(to=ANNA, messaging_service_sid="MG" + "a" * 32, body="Bonjour")
    assert (sent.status, sent.messaging_service_sid) == ("accepted", "MG" + "a" * 32)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "0639980001"}, 21211),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"validity_period": 0}, 21624),
        ({"validity_period": 36_001}, 21624),
        ({"status_callback": "status"}, 21609),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(
    carrier: CarrierProcess, message: dict[str, Any], code: int
) -> None:
    refused = refusal(client_of(carrier), **message)
    assert (refused.status, refused.code) == (400, code)
    assert carrier.messages() == []


def test_without_credentials_nothing_is_told(carrier: CarrierProcess) -> None:
    answer = requests.get(f"{carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_one_message_is_shown_and_an_unknown_one_is_not_found(carrier: CarrierProcess) -> None:
    client = client_of(carrier)
    sent = send(client)
    assert client.messages(sent.sid).fetch().body == "Bonjour"
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_messages_are_listed_by_number_and_time_newest_first(carrier: CarrierProcess) -> None:
    client = client_of(carrier)
    first, _, last = send(client, body="1"), send(client, BORIS, body="2"), send(client, body="3")
    began = datetime.now(UTC) - timedelta(minutes=1)
    assert [m.sid for m in client.messages.list(to=ANNA, date_sent_after=began)] == [last.sid, first.sid]
    assert client.messages.list(to=ANNA, date_sent_after=began + timedelta(hours=1)) == []
    assert client.messages.list(to=ANNA, date_sent_before=began) == []
    assert len(client.messages.list(from_="38123")) == 3
    day = {"DateSent": str(first.date_created.date())}
    listed = requests.get(
        f"{carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", day, auth=("x", "y"), timeout=30
    )
    assert len(listed.json()["messages"]) == 3


def test_a_list_goes_on_over_many_pages_while_messages_come_in(carrier: CarrierProcess) -> None:
    client = client_of(carrier)
    sent = [send(client, body=str(number)).sid for number in range(7)]
    listed = client.messages.stream(page_size=2)
    seen = [next(listed).sid]
    send(client)
    assert [*seen, *(message.sid for message in listed)] == sent[::-1]


def test_a_text_that_a_caller_sent_is_listed_as_inbound(carrier: CarrierProcess) -> None:
    carrier.receive(ANNA, "STOP")
    (listed,) = client_of(carrier).messages.list(from_=ANNA)
    assert (listed.direction, listed.body, listed.to) == ("inbound", "STOP", "38123")
    assert carrier.messages() == []


def test_what_it_accepted_outlives_its_being_killed(carrier: CarrierProcess) -> None:
    sent = [send(client_of(carrier)).sid for _ in range(3)]
    carrier.kill()
    with carrier.journal.open("ab") as journal:
        journal.write(b'{"sid": "torn')
    carrier.start()
    send(client_of(carrier), BORIS)
    assert [message.sid for message in client_of(carrier).messages.list(to=ANNA)] == sent[::-1]
    assert len(carrier.messages()) == 4


def test_a_connection_breaks_off_after_the_message_was_accepted(carrier: CarrierProcess) -> None:
    carrier.behave(drop=1)
    with pytest.raises(requests.ConnectionError):
        send(client_of(carrier))
    assert len(carrier.messages()) == 1
    assert carrier.counts["dropped"] == 1


def test_a_message_is_accepted_after_its_sender_gave_up(carrier: CarrierProcess) -> None:
    carrier.behave(late="1:1")
    with pytest.raises(requests.Timeout):
        send(client_of(carrier, timeout=0.2))
    assert client_of(carrier).messages.list(to=ANNA) == []
    wait_until(carrier.messages, lambda: "never accepted")


def test_answers_that_nobody_can_read_hide_an_accepted_message(carrier: CarrierProcess) -> None:
    carrier.behave(garbage=1)
    with pytest.raises(ValueError, match="Expecting value"):
        send(client_of(carrier))
    assert len(carrier.messages()) == 1


@pytest.mark.parametrize(
    ("rule", "status", "code"),
    [("429", 429, 20429), ("500", 500, 20500), ("20003", 401, 20003), ("21610", 400, 21610), ("21408", 400, 21408)],
)
def test_it_fails_as_it_is_told(carrier: CarrierProcess, rule: str, status: int, code: int) -> None:
    carrier.behave(fail=f"{rule}:1")
    refused = refusal(client_of(carrier))
    assert (refused.status, refused.code) == (status, code)
    assert carrier.messages() == []


def test_it_may_answer_500_to_a_message_that_goes_out(carrier: CarrierProcess) -> None:
    carrier.behave(fail="500+accepted:1")
    assert refusal(client_of(carrier)).status == 500
    assert len(carrier.messages()) == 1


def test_one_number_is_refused_and_others_are_not(carrier: CarrierProcess) -> None:
    carrier.behave(fail=f"21610:{ANNA}")
    assert refusal(client_of(carrier)).code == 21610
    assert send(client_of(carrier), BORIS).status == "queued"


def test_a_share_is_a_share(tmp_path: Path) -> None:
    with carrier_process(tmp_path, "--fail", "429:0.5", "--seed", "1") as carrier:
        client = client_of(carrier)
        for _ in range(60):
            with suppress(TwilioRestException):
                send(client)
        assert 15 < len(carrier.messages()) < 45


def test_hundreds_wait_for_a_slow_carrier_at_once(carrier: CarrierProcess) -> None:
    carrier.behave(delay=2000)
    clients = [threading.Thread(target=send, args=(client_of(carrier), ANNA, str(number))) for number in range(100)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    assert len(carrier.messages()) == 100
    assert carrier.counts["most_at_once"] == 100


def test_an_unknown_behaviour_is_refused_with_those_that_there_are(carrier: CarrierProcess) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        carrier.behave(slowness=3)
    with refused.value as answer:
        assert "There are: delay, drop" in answer.read().decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"drop": "2"}, "no share"),
        ({"fail": "429"}, "no rule"),
        ({"fail": "12:0.5"}, "no rule"),
        ({"delay": "-1"}, "no time"),
        ({"late": "0.5:soon"}, "no time"),
        ({"again": "2"}, "no share"),
        ({"opt_out": "never"}, "no way to handle STOP"),
    ],
)
def test_a_behaviour_that_makes_no_sense_is_named(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Behaviour().changed(changes)
