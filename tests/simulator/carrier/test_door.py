"""The door of the simulated carrier: who is listened to, and what must be written in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from helpline.simulator.carrier.journal import read_journal
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.simulator.official_client import ACCOUNT
from tests.simulator.phone_at import carrier_beside
from tests.simulator.servers import Canned, canned_server

ANNA = "+33639980001"
TEXT = {"from": ANNA, "to": "38123", "body": "actu"}
MESSAGES, CALLS = (f"/2010-04-01/Accounts/{ACCOUNT}/{name}.json" for name in ("Messages", "Calls"))
DEEP = "[" * 20_000


@pytest.fixture(scope="module", params=["without a helpline", "beside a helpline"])
def carrier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    folder = tmp_path_factory.mktemp("carrier")
    if request.param == "without a helpline":
        with carrier_process(folder) as started:
            yield started
    else:
        with canned_server(folder, Canned({})) as server, carrier_beside(server, folder) as started:
            yield started


@pytest.mark.parametrize("path", ["/control", "/received", "/elsewhere", f"/phones/{ANNA}", MESSAGES, CALLS])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[", ""])
def test_only_the_names_of_this_machine_are_answered(carrier: CarrierProcess, path: str, host: str) -> None:
    for method in ("GET", "POST"):
        refused = requests.request(method, carrier.url + path, data="{}", headers={"Host": host}, timeout=60)
        assert refused.status_code == 403
        assert refused.json()["message"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9100", "LOCALHOST", "[::1]:9100"])
def test_every_name_of_this_machine_is_answered(carrier: CarrierProcess, host: str) -> None:
    assert requests.get(f"{carrier.url}/control", headers={"Host": host}, timeout=60).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "none"}])
def test_no_web_page_changes_how_the_carrier_behaves_or_what_it_lists(
    carrier: CarrierProcess, headers: dict[str, str]
) -> None:
    before, listed = carrier.ask("/control")["behaviour"], len(list(read_journal(carrier.journal)))
    for path, told in (("/control", {"drop": 1}), ("/received", TEXT)):
        refused = requests.post(carrier.url + path, json.dumps(told), headers=headers, timeout=60)
        assert refused.status_code == 403
        assert "web page" in refused.json()["message"]
    assert carrier.ask("/control")["behaviour"] == before
    assert len(list(read_journal(carrier.journal))) == listed


def test_both_are_told_from_a_command_line_without_any_header(carrier: CarrierProcess) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    changed = requests.post(f"{carrier.url}/control", '{"late": "0:7"}', headers=form, timeout=60)
    assert changed.json()["behaviour"]["late_seconds"] == 7
    received = requests.post(f"{carrier.url}/received", json.dumps(TEXT | {"at": 1.5}), headers=form, timeout=60)
    assert received.status_code == 201
    assert list(read_journal(carrier.journal))[-1].at == 1.5


@pytest.mark.parametrize(
    "told",
    [
        *(json.dumps(TEXT | {name: wrong}) for name in ("from", "to", "body") for wrong in (5, None, ["a"], {})),
        *(json.dumps(TEXT | {"at": wrong}) for wrong in ("1", None, True, -1, 1e300, float("nan"), float("inf"))),
        *(json.dumps({name: TEXT[name] for name in TEXT if name != missing}) for missing in TEXT),
        json.dumps(TEXT | {"body": "actu \ud800"}),
        json.dumps([TEXT]),
        "{",
        DEEP,
    ],
)
def test_a_text_that_is_none_is_refused_in_words_and_not_listed(carrier: CarrierProcess, told: str) -> None:
    before = len(list(read_journal(carrier.journal)))
    refused = requests.post(f"{carrier.url}/received", told, timeout=60)
    assert refused.status_code == 400
    assert refused.json()["message"].endswith(".")
    assert "Error" not in refused.text
    assert len(list(read_journal(carrier.journal))) == before


@pytest.mark.parametrize("told", ["[]", "{", DEEP, '{"opt_out": "\\ud800"}'])
def test_a_behaviour_that_is_none_is_refused_in_words(carrier: CarrierProcess, told: str) -> None:
    refused = requests.post(f"{carrier.url}/control", told, timeout=60)
    assert refused.status_code == 400
    assert refused.json()["message"].endswith(".")


def test_what_is_too_long_is_told_so(carrier: CarrierProcess) -> None:
    refused = requests.post(f"{carrier.url}/control", "[" * 100_000, timeout=60)
    assert refused.status_code == 413
    assert "too long" in refused.json()["message"]


def test_who_writes_in_a_phone_that_is_no_unicode_is_told_so(tmp_path: Path) -> None:
    canned = Canned({"/twilio/voice": '<Gather input="speech"/>'})
    with canned_server(tmp_path, canned) as server, carrier_beside(server, tmp_path) as carrier:
        phone = f"{carrier.url}/phones/{ANNA}"
        as_json = {"Content-Type": "application/json"}
        call = requests.post(f"{phone}/calls", json={}, timeout=60).json()["call"]
        for path, name in (("/texts", "body"), (f"/calls/{call}/speech", "words")):
            for told in (json.dumps({name: "actu \ud800"}), json.dumps({name: "actu"})[:-1] + f', "more": {DEEP}'):
                refused = requests.post(phone + path, told, headers=as_json, timeout=60)
                assert refused.status_code == 400
                assert refused.json()["message"].endswith(".")
        assert requests.get(phone, timeout=60).status_code == 200
