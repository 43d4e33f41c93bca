"""The process of the simulated carrier: its date, what it knows without a helpline, how it ends."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from helpline.date.moved import DemoDate
from helpline.simulator.carrier.journal import read_journal
from helpline.simulator.carrier.process import WEBHOOKS_AT_ONCE
from tests.server.running import is_alive, wait_until
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.simulator.official_client import client_of
from tests.simulator.phone_at import PhoneAt, carrier_beside
from tests.simulator.servers import Canned, canned_server

ANNA = "+33639980001"
SMS = "/twilio/sms"


def test_texts_and_calls_bear_the_date_of_the_helpline_and_age_in_real_time(tmp_path: Path) -> None:
    canned, date = Canned({SMS: "<Message>Bonjour</Message>"}), DemoDate(tmp_path)
    with (
        canned_server(tmp_path, canned) as server,
        carrier_beside(server, tmp_path) as carrier,
    ):
        phone, client = PhoneAt(carrier, ANNA), client_of(carrier)
        phone.text("aujourd'hui")
        there = datetime.now(UTC) + timedelta(days=40)
        date.travel_to(there)
        phone.text("plus tard")
        carrier.behave(report_after=3600)
        sent = client.messages.create(to=ANNA, from_="38123", body="Rappel")
        date.come_back()
        phone.text("de retour")
        today, later, back = (
            event["at"]
            for event in phone.look()
            if event["kind"] == "text"
            and event["body"]
            in (
                "aujourd'hui",
                "plus tard",
                "de retour",
            )
        )
        assert timedelta(days=39) < timedelta(seconds=later - today) < timedelta(days=41)
        assert abs(back - time.time()) < 600
        listed = client.messages(sent.sid).fetch()
        assert abs(listed.date_created - there) < timedelta(minutes=10)
        assert listed.status == "queued"
        date.travel_to(datetime.now(UTC) + timedelta(days=80))
        assert client.messages(sent.sid).fetch().status == "queued"
        carrier.behave(report_after=0)
        assert client.messages(sent.sid).fetch().status == "delivered"


def test_with_a_token_of_a_real_account_there_is_no_phone(tmp_path: Path) -> None:
    env = {"VAR_DIR": str(tmp_path), "TWILIO_AUTH_TOKEN": "a" * 32, "HELPLINE_ENV": "demo"}
    with carrier_process(tmp_path, "--callbacks", env=env) as carrier:
        assert requests.get(f"{carrier.url}/phones/{ANNA}", timeout=60).status_code == 404
        assert client_of(carrier).messages.create(to=ANNA, from_="38123", body="Rappel").status == "queued"


def test_without_a_helpline_there_is_no_phone(tmp_path: Path) -> None:
    with carrier_process(tmp_path) as carrier:
        refused = requests.get(f"{carrier.url}/phones/{ANNA}", timeout=60)
        assert refused.status_code == 404
        assert refused.json()["message"]


def test_a_journal_of_before_is_still_read(tmp_path: Path) -> None:
    old = {"sid": "SM1", "to": ANNA, "sender": "38123", "body": "Rappel", "at": 1.0, "callback": "", "time": "1970"}
    (tmp_path / "carrier.jsonl").write_text(json.dumps(old | {"fate": "delivered", "direction": "outbound-api"}) + "\n")
    (found,) = read_journal(tmp_path / "carrier.jsonl")
    assert (found.number, found.age(3.0), found.opt_out) == (ANNA, 2.0, "")


def connections(carrier: CarrierProcess) -> int:
    """How many the carrier has taken, and holds."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    place = f":{carrier.port:04X}"
    return sum(local.endswith(place) and state == "01" for _, local, _, state, *_ in lines)


@pytest.mark.parametrize("busy", ["a look", "a call"])
def test_it_ends_at_once_whatever_goes_on(tmp_path: Path, busy: str) -> None:
    canned = Canned({"/twilio/voice": "<Gather><Say>Bonjour</Say></Gather>"})
    with canned_server(tmp_path, canned) as server, carrier_beside(server, tmp_path) as carrier:
        phone = PhoneAt(carrier, ANNA)
        if busy == "a call":
            phone.dial()
            phone.wait_for("heard")
        phone.look()

        def look() -> None:
            with suppress(requests.ConnectionError):
                phone.ask(after=phone.seen[-1]["seq"] if phone.seen else 0, wait=25)

        before = connections(carrier)
        looking = threading.Thread(target=look)
        looking.start()
        wait_until(lambda: connections(carrier) > before, lambda: "nobody looks")
        began = time.monotonic()
        assert carrier.process.end() == 0
        assert time.monotonic() - began < 20
        looking.join()
        assert "Traceback" not in carrier.process.output


def test_no_thread_and_no_file_is_left_by_calls_that_ended(tmp_path: Path) -> None:
    canned = Canned({"/twilio/voice": "<Say>Bonjour</Say>"})
    with canned_server(tmp_path, canned) as server, carrier_beside(server, tmp_path) as carrier:

        def call(places: range) -> list[int]:
            """So many calls: the threads and the files of the process after them."""
            for place in places:
                phone = PhoneAt(carrier, f"+336399807{place:02}")
                phone.act(phone.dial(), "hang-up")
            wait_until(lambda: len(canned.forms("/twilio/voice/status")) == places.stop, lambda: f"{canned.asked}")
            wait_until(lambda: connections(carrier) == 0, lambda: "connections are left")
            of_process = Path(f"/proc/{carrier.process.pid}")
            return [len(list((of_process / each).iterdir())) for each in ("task", "fd")]

        before, after = call(range(10)), call(range(10, 90))
        for were, are in zip(before, after, strict=True):
            assert are - were <= WEBHOOKS_AT_ONCE < 80  # threads that it keeps for the next requests
        assert is_alive(carrier.process.pid)
