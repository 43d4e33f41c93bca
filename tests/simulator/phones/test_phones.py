"""The phones of the simulated carrier, beside the real helpline: what they show, and what their owners send."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from helpline.simulator.carrier import opt_outs
from tests.simulator.carrier_process import CarrierProcess
from tests.simulator.official_client import client_of
from tests.simulator.phone_at import PhoneAt, carrier_beside
from tests.simulator.servers import Canned, Server, canned_server, helpline_server

ANNA, BORIS, LANDLINE, LONG_CODE = "+33639980001", "+33639980002", "+33199001299", "+33199001234"
SMS = "/twilio/sms"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def helpline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with helpline_server(tmp_path_factory.mktemp("helpline")) as started:
        yield started


@pytest.fixture(scope="module")
def carrier(helpline: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    with carrier_beside(helpline, tmp_path_factory.mktemp("carrier")) as started:
        yield started


@pytest.fixture
def anna(carrier: CarrierProcess) -> PhoneAt:
    """A phone that nobody has used before."""
    return PhoneAt(carrier, f"+336399801{next(NUMBERS):02}")


def test_a_text_is_answered_by_the_real_helpline(anna: PhoneAt) -> None:
    sid = anna.text("actu")
    anna.look()
    sent, received = anna.of("text")
    assert (sent["direction"], sent["body"], sent["sid"], sent["encoding"]) == ("sent", "actu", sid, "GSM-7")
    assert received["direction"] == "received"
    assert received["body"].startswith("L'actualisation est ouverte.")
    assert received["segments"] == 2
    assert [event["status"] for event in anna.of("status")] == ["delivered"]


def test_every_webhook_is_shown_to_the_curious(anna: PhoneAt) -> None:
    sid = anna.text("menu")
    seen = anna.wait_for("exchange", lambda event: event["form"]["MessageSid"] == sid)
    assert (seen["url"], seen["status"], seen["form"]["Body"]) == (SMS, 200, "menu")
    assert seen["answer"].startswith("<?xml")
    assert seen["milliseconds"] > 0
    assert "X-Twilio-Signature" not in json.dumps(seen)


def test_letters_outside_gsm7_make_short_segments(carrier: CarrierProcess) -> None:
    phone = PhoneAt(carrier, "+33639980003")
    phone.text("ê" * 71)
    phone.look()
    (sent,) = [event for event in phone.of("text") if event["direction"] == "sent"]
    assert (sent["encoding"], sent["segments"]) == ("UCS-2", 2)


def test_whoever_waits_hears_at_once_and_in_vain_no_longer_than_asked(carrier: CarrierProcess) -> None:
    phone = PhoneAt(carrier, "+33639980004")
    assert phone.look(wait=0.1) == []
    sender = threading.Thread(target=phone.text, args=("menu",))
    sender.start()
    assert phone.look(wait=25)[0]["body"] == "menu"
    sender.join()


def test_two_phones_have_nothing_to_do_with_each_other(carrier: CarrierProcess) -> None:
    one, other = PhoneAt(carrier, "+33639980005"), PhoneAt(carrier, "+33639980006")
    one.text("actu")
    other.look()
    assert other.seen == []


def test_a_message_of_the_api_arrives_on_the_phone_in_its_time(anna: PhoneAt) -> None:
    anna.look()
    sent = client_of(anna.carrier).messages.create(to=anna.number, from_="38123", body="Rappel")
    arrived = anna.wait_for("text", lambda event: event["sid"] == sent.sid)
    assert (arrived["direction"], arrived["body"], arrived["status"]) == ("received", "Rappel", "delivered")
    moved = [event["status"] for event in anna.of("status") if event["sid"] == sent.sid]
    assert moved[0] == "sent"


def test_a_message_that_is_not_delivered_never_shows_up(carrier: CarrierProcess) -> None:
    phone = PhoneAt(carrier, "+33639980007")
    phone.look()
    carrier.behave(undelivered=f"30005:{phone.number}")
    client_of(carrier).messages.create(to=phone.number, from_="38123", body="Rappel")
    carrier.behave(undelivered="")
    end = phone.wait_for("status", lambda event: event["status"] == "undelivered")
    assert end["code"] == 30005
    assert phone.bodies() == []


def test_who_looks_for_the_first_time_finds_the_texts_of_before(carrier: CarrierProcess) -> None:
    phone = PhoneAt(carrier, "+33639980008")
    client_of(carrier).messages.create(to=phone.number, from_="38123", body="Rappel")
    assert phone.wait_for("text")["body"] == "Rappel"


@pytest.mark.parametrize("number", [LANDLINE, "anonymous"])
def test_who_can_get_no_texts_can_send_none(carrier: CarrierProcess, number: str) -> None:
    phone = PhoneAt(carrier, number)
    refused = phone.post("/texts", {"body": "actu"})
    assert refused.status_code == 409
    assert "sends and gets no texts" in refused.json()["message"]
    phone.look()
    assert phone.of("text") == []


def test_a_landline_is_sent_no_text(carrier: CarrierProcess) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client_of(carrier).messages.create(to=LANDLINE, from_="38123", body="Rappel")
    assert refused.value.code == 21614


@pytest.mark.parametrize(
    ("path", "told", "status"),
    [
        ("/texts", {}, 400),
        ("/texts", {"body": "x" * 1601}, 400),
        ("/texts", {"body": 3}, 400),
        ("/texts", [1], 400),
        ("/pictures", {}, 404),
        ("/calls/CA" + "0" * 32 + "/keys", {"keys": "1"}, 409),
    ],
)
def test_what_a_phone_cannot_do_is_refused_in_words(anna: PhoneAt, path: str, told: Any, status: int) -> None:
    refused = anna.post(path, told)
    assert refused.status_code == status
    assert refused.json()["message"]


@pytest.mark.parametrize("path", ["/phones", "/phones/", "/phones/0639980001", "/phones/+33639980001/else"])
def test_an_address_without_a_phone_is_not_found(carrier: CarrierProcess, path: str) -> None:
    refused = requests.get(f"{carrier.url}{path}", timeout=60)
    assert refused.status_code == 404
    assert refused.json()["message"]


def test_a_number_may_be_written_as_browsers_write_it(anna: PhoneAt) -> None:
    anna.text("actu")
    written = anna.number.replace("+", "%2B")
    told = requests.get(f"{anna.carrier.url}/phones/{written}", timeout=60).json()
    assert told["events"][0]["body"] == "actu"
    assert told["helpline"] == {"sms": "38123", "voice": LONG_CODE}


@pytest.mark.parametrize("query", ["after=x", "wait=26", "wait=nan", "wait=-1"])
def test_a_look_that_makes_no_sense_is_refused(carrier: CarrierProcess, query: str) -> None:
    assert requests.get(f"{carrier.url}/phones/{ANNA}?{query}", timeout=60).status_code == 400


def test_what_is_no_json_is_refused(carrier: CarrierProcess) -> None:
    headers = {"Content-Type": "application/json"}
    refused = requests.post(f"{carrier.url}/phones/{ANNA}/texts", "{", headers=headers, timeout=60)
    assert (refused.status_code, refused.json()["message"]) == (400, "That is no JSON.")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Type": "text/plain"}, 415), ({"Content-Type": "application/json", "Host": "evil.example"}, 403)],
)
def test_pages_of_other_sites_cannot_use_a_phone(carrier: CarrierProcess, headers: dict[str, str], status: int) -> None:
    refused = requests.post(f"{carrier.url}/phones/{ANNA}/texts", '{"body": "a"}', headers=headers, timeout=60)
    assert refused.status_code == status


def test_texts_outlive_the_carrier_and_the_numbers_of_events_begin_anew(helpline: Server, tmp_path: Path) -> None:
    with carrier_beside(helpline, tmp_path) as carrier:
        phone = PhoneAt(carrier, BORIS)
        phone.text("actu")
        client_of(carrier).messages.create(to=BORIS, from_="38123", body="Rappel")
        phone.wait_for("text", lambda event: event["body"] == "Rappel")
        before = [(event["direction"], event["body"], event["sid"]) for event in phone.of("text")]
        carrier.kill()
        carrier.start()
        told = phone.ask(after=phone.seen[-1]["seq"], epoch=phone.epoch)
        assert told["epoch"] != phone.epoch
        assert [(event["direction"], event["body"], event["sid"]) for event in told["events"]] == before


def test_a_helpline_that_fails_is_a_fault_on_the_screen(tmp_path: Path) -> None:
    canned = Canned({SMS: 500})
    with canned_server(tmp_path, canned) as server, carrier_beside(server, tmp_path) as carrier:
        phone = PhoneAt(carrier, ANNA)
        phone.text("actu")
        phone.look()
        assert "The server failed (500)" in phone.of("fault")[0]["message"]
        assert [event["status"] for event in phone.of("status")] == ["failed"]
        first, *repeats = canned.forms(SMS)
        assert repeats == [first] * 3


def test_a_text_whose_answer_is_lost_is_posted_again_with_the_same_id(tmp_path: Path) -> None:
    canned = Canned({SMS: "<Message>Bonjour</Message>"})
    with canned_server(tmp_path, canned) as server, carrier_beside(server, tmp_path, "--again", "1") as carrier:
        phone = PhoneAt(carrier, ANNA)
        sid = phone.text("actu")
        assert [form["MessageSid"] for form in canned.forms(SMS)] == [sid, sid]
        phone.look()
        assert phone.bodies() == ["Bonjour"]


def refusal(carrier: CarrierProcess, number: str) -> int:
    """The code with which a message to a number is refused, or 0."""
    try:
        client_of(carrier).messages.create(to=number, from_=LONG_CODE, body="Rappel")
    except TwilioRestException as refused:
        return int(refused.code)
    return 0


@pytest.fixture
def canned() -> Canned:
    return Canned({SMS: "<Message>Bonjour</Message>"})


def of_sender(server: Server, sender: str) -> Server:
    return Server(server.port, {**server.env, "SMS_SENDER": sender})


def test_a_short_code_leaves_stop_to_the_helpline(tmp_path: Path, canned: Canned) -> None:
    with canned_server(tmp_path, canned) as server, carrier_beside(server, tmp_path) as carrier:
        phone = PhoneAt(carrier, ANNA)
        phone.text("STOP")
        phone.look()
        assert (phone.bodies(), phone.is_blocked, refusal(carrier, ANNA)) == (["Bonjour"], False, 0)


def test_a_long_code_blocks_who_texts_stop_until_start(tmp_path: Path, canned: Canned) -> None:
    with (
        canned_server(tmp_path, canned) as server,
        carrier_beside(of_sender(server, LONG_CODE), tmp_path) as carrier,
    ):
        phone = PhoneAt(carrier, ANNA)
        phone.text("Stop please")
        phone.text(" stop ")
        phone.look()
        assert phone.bodies() == ["Bonjour", opt_outs.STOPPED]
        assert "21610" in phone.of("fault")[0]["message"]
        assert [form["Body"] for form in canned.forms(SMS)] == ["Stop please", " stop "]
        assert all("OptOutType" not in form for form in canned.forms(SMS))
        assert (phone.is_blocked, refusal(carrier, ANNA), refusal(carrier, BORIS)) == (True, 21610, 0)
        carrier.kill()
        carrier.start()
        assert refusal(carrier, ANNA) == 21610
        phone.seen.clear()
        phone.text("START")
        phone.look()
        assert phone.bodies()[-2:] == [opt_outs.STARTED, "Bonjour"]
        assert (phone.is_blocked, refusal(carrier, ANNA)) == (False, 0)


def test_a_messaging_service_says_that_it_has_answered_already(tmp_path: Path, canned: Canned) -> None:
    with (
        canned_server(tmp_path, canned) as server,
        carrier_beside(of_sender(server, "MG" + "a" * 32), tmp_path) as carrier,
    ):
        phone = PhoneAt(carrier, ANNA)
        for body in ("STOP", "START", "INFO", "actu"):
            phone.text(body)
        assert [form.get("OptOutType") for form in canned.forms(SMS)] == ["STOP", "START", "HELP", None]


def test_who_handles_stop_can_be_chosen(tmp_path: Path, canned: Canned) -> None:
    with (
        canned_server(tmp_path, canned) as server,
        carrier_beside(server, tmp_path, "--opt-out", "default") as carrier,
    ):
        PhoneAt(carrier, ANNA).text("STOP")
        assert refusal(carrier, ANNA) == 21610
        carrier.behave(opt_out="none")
        PhoneAt(carrier, BORIS).text("STOP")
        assert refusal(carrier, BORIS) == 0
