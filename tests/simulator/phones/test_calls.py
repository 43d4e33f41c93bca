"""Calls of the phones of the simulated carrier, beside the real helpline."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from helpline.settings import load_settings
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.line.webhooks import Exchange, Webhooks
from helpline.simulator.phones.calls import PhoneCalls
from helpline.simulator.phones.line_call import LineCall
from helpline.simulator.phones.phone import Phone, Phones
from helpline.simulator.phones.world import World
from tests.fresh_logs import captured_logs
from tests.server.running import wait_until
from tests.simulator.carrier_process import CarrierProcess
from tests.simulator.phone_at import Event, PhoneAt, carrier_beside
from tests.simulator.servers import Canned, Server, canned_server, helpline_server

VOICE, STATUS = "/twilio/voice", "/twilio/voice/status"
NUMBERS = itertools.count(1)
ASKED = '<Gather numDigits="2"><Say>Bonjour</Say></Gather><Say>Au revoir</Say>'


@pytest.fixture(scope="module")
def helpline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with helpline_server(tmp_path_factory.mktemp("helpline"), VOICE_SPEECH="1") as started:
        yield started


@pytest.fixture(scope="module")
def carrier(helpline: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    with carrier_beside(helpline, tmp_path_factory.mktemp("carrier")) as started:
        yield started


@pytest.fixture
def phone(carrier: CarrierProcess) -> PhoneAt:
    """A phone that nobody has used before."""
    return PhoneAt(carrier, f"+336399802{next(NUMBERS):02}")


@dataclass
class Chosen:
    """A server whose answers a test chooses, and the carrier beside it."""

    canned: Canned
    carrier: CarrierProcess


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chosen]:
    folder, canned = tmp_path_factory.mktemp("chosen"), Canned({})
    with canned_server(folder, canned) as server, carrier_beside(server, folder) as carrier:
        yield Chosen(canned, carrier)


@pytest.fixture
def canned(chosen: Chosen) -> Canned:
    chosen.canned.begin({VOICE: ASKED})
    return chosen.canned


@pytest.fixture
def caller(chosen: Chosen, canned: Canned) -> PhoneAt:
    """A phone that nobody has used before, beside that server."""
    return PhoneAt(chosen.carrier, f"+336399804{next(NUMBERS):02}")


def states(phone: PhoneAt) -> list[str]:
    return [event["state"] for event in phone.of("call")]


def words(heard: Event) -> str:
    return " ".join(line for piece in heard["pieces"] for line in piece.get("say", []))


def ended(phone: PhoneAt, state: str = "completed") -> None:
    phone.wait_for("call", lambda event: event["state"] == state)


def test_a_call_is_led_by_keys_words_and_silence_until_it_is_hung_up(phone: PhoneAt) -> None:
    call = phone.dial()
    first = phone.wait_for("heard")
    assert states(phone) == ["ringing", "in-progress"]
    assert (first["call"], first["over"], first["waits"]["keys"]) == (call, False, True)
    assert phone.call == {"call": call, "direction": "outgoing", "state": "in-progress", "waits": first["waits"]}
    say = next(piece for piece in first["pieces"] if "say" in piece)
    assert say["language"] == "fr-FR"
    assert say["voice"]
    assert say["seconds"] > 0
    for act, told in (("keys", {"keys": "1"}), ("speech", {"words": "menu"}), ("silence", {})):
        assert phone.act(call, act, **told).status_code == 200
    phone.look()
    assert len([heard for heard in phone.of("heard") if words(heard)]) == 4
    told = [{k: v for k, v in event.items() if k in ("keys", "words", "silence")} for event in phone.of("pressed")]
    assert told == [{"keys": "1"}, {"words": "menu"}, {"silence": True}]
    assert phone.act(call, "hang-up").status_code == 200
    ended(phone)
    assert phone.call is None
    phone.wait_for("exchange", lambda event: event["url"] == STATUS and event["status"] in (200, 204))
    assert phone.of("fault") == []


def test_silence_alone_ends_a_call(phone: PhoneAt) -> None:
    call = phone.dial()
    heard = phone.wait_for("heard")
    while not heard["over"]:
        assert phone.act(call, "silence").status_code == 200
        phone.look()
        heard = phone.of("heard")[-1]
        assert len(phone.of("heard")) < 20
    assert heard["waits"] is None
    assert phone.act(call, "hang-up").status_code == 200
    ended(phone)


@pytest.mark.parametrize("number", ["anonymous", "+33199001299"])
def test_withheld_callers_and_landlines_can_call(carrier: CarrierProcess, number: str) -> None:
    phone = PhoneAt(carrier, number)
    call = phone.dial()
    phone.wait_for("heard")
    assert phone.of("exchange")[0]["form"]["From"] == number
    phone.act(call, "hang-up")
    ended(phone)


def test_two_phones_are_in_calls_at_once(carrier: CarrierProcess) -> None:
    phones = [PhoneAt(carrier, f"+336399803{place:02}") for place in range(2)]
    calls = [phone.dial() for phone in phones]
    for phone, call in zip(phones, calls, strict=True):
        assert phone.wait_for("heard")["call"] == call
        phone.act(call, "hang-up")


def test_a_phone_leads_one_call_at_a_time_and_none_that_is_over(phone: PhoneAt) -> None:
    call = phone.dial()
    phone.wait_for("heard")
    assert phone.post("/calls").status_code == 409
    phone.act(call, "hang-up")
    late = phone.act(call, "keys", keys="1")
    assert (late.status_code, late.json()["message"]) == (409, "This call is over.")


@pytest.mark.parametrize(
    ("act", "told", "status"),
    [
        ("keys", {"keys": "1a"}, 400),
        ("keys", {}, 400),
        ("speech", {"words": " "}, 400),
        ("transferred", {"status": "away"}, 400),
        ("transferred", {"status": "busy"}, 409),
        ("speech", {"words": "menu"}, 409),
        ("answer", {}, 409),
        ("decline", {}, 409),
        ("sing", {}, 404),
    ],
)
def test_what_a_call_cannot_take_is_refused_in_words(
    caller: PhoneAt, act: str, told: dict[str, Any], status: int
) -> None:
    call = caller.dial()
    caller.wait_for("heard")
    refused = caller.act(call, act, **told)
    assert refused.status_code == status
    assert refused.json()["message"]


def test_a_key_that_makes_no_answer_yet_is_kept(caller: PhoneAt, canned: Canned) -> None:
    call = caller.dial()
    caller.wait_for("heard")
    caller.act(call, "keys", keys="1")
    caller.act(call, "keys", keys="2")
    caller.look()
    assert [form.get("Digits") for form in canned.forms(VOICE)] == [None, "12"]
    assert [event["keys"] for event in caller.of("pressed")] == ["1", "2"]
    assert len(caller.of("heard")) == 2


def test_keys_typed_ahead_answer_the_next_questions(caller: PhoneAt, canned: Canned) -> None:
    call = caller.dial()
    caller.wait_for("heard")
    caller.act(call, "keys", keys="1234")
    assert [form.get("Digits") for form in canned.forms(VOICE)] == [None, "12", "34"]


def test_the_last_words_are_heard_to_their_end(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: "<Say>Au revoir</Say>"}
    caller.dial()
    heard = caller.wait_for("heard")
    assert heard["over"]
    assert caller.call
    assert caller.call["state"] == "in-progress"
    ended(caller)
    wait_until(lambda: canned.forms(STATUS), lambda: "never told")
    assert canned.forms(STATUS)[0]["CallStatus"] == "completed"


def test_a_call_that_is_passed_on_comes_back(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: '<Dial action="/after" callerId="+33199001234">+33199001235</Dial>', "/after": ASKED}
    call = caller.dial()
    heard = caller.wait_for("heard")
    assert heard["pieces"][-1] == {"dial": "+33199001235"}
    assert heard["waits"] is None
    assert caller.act(call, "transferred", status="busy").status_code == 200
    assert canned.forms("/after")[0]["DialCallStatus"] == "busy"


def test_a_call_that_is_not_taken_is_busy(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: '<Reject reason="busy"/>'}
    caller.dial()
    ended(caller, "busy")
    assert states(caller) == ["ringing", "busy"]


def test_who_hangs_up_while_the_line_still_rings_was_never_answered(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: '<Pause length="600"/><Say>Bonjour</Say>'}
    call = caller.dial()
    caller.wait_for("exchange")
    assert caller.act(call, "keys", keys="1").status_code == 409
    assert caller.act(call, "hang-up").status_code == 200
    ended(caller, "no-answer")
    assert states(caller) == ["ringing", "no-answer"]
    assert caller.of("heard") == []
    wait_until(lambda: canned.forms(STATUS), lambda: "never told")
    (end,) = canned.forms(STATUS)
    assert (end["CallStatus"], end["CallDuration"], end["From"]) == ("no-answer", "0", caller.number)


def test_who_lets_it_ring_on_is_answered_when_the_pause_is_over(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: '<Pause length="1"/><Say>Bonjour</Say>'}
    caller.dial()
    heard = caller.wait_for("heard")
    assert words(heard) == "Bonjour"
    assert states(caller)[:2] == ["ringing", "in-progress"]
    answered, began = caller.of("call")[1]["at"], caller.of("call")[0]["at"]
    assert answered - began >= 0.9  # dates are rounded
    wait_until(lambda: canned.forms(STATUS), lambda: "never told")
    assert canned.forms(STATUS)[0]["CallStatus"] == "completed"


def test_a_helpline_that_fails_ends_the_call_with_a_fault(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: 500}
    caller.dial()
    ended(caller, "failed")
    assert "The server failed (500)" in caller.of("fault")[0]["message"]
    assert caller.call is None


def test_a_helpline_that_fails_after_its_first_words_ends_a_call_that_was_answered(
    caller: PhoneAt, canned: Canned
) -> None:
    canned.answers = {VOICE: "<Say>Bonjour</Say><Redirect>/after</Redirect>", "/after": 500}
    caller.dial()
    ended(caller)
    assert states(caller) == ["ringing", "in-progress", "completed"]
    assert words(caller.of("heard")[0]) == "Bonjour An application error has occurred. Goodbye."
    assert "The server failed (500)" in caller.of("fault")[0]["message"]


def test_what_the_carrier_complains_about_is_among_what_is_heard(caller: PhoneAt, canned: Canned) -> None:
    canned.answers = {VOICE: f"<Sing/>{ASKED}"}
    caller.dial()
    heard = caller.wait_for("heard")
    assert any("Sing" in piece.get("fault", "") for piece in heard["pieces"])


def test_a_call_ends_when_nobody_looks_at_its_phone_any_more(caller: PhoneAt, canned: Canned) -> None:
    caller.carrier.behave(unwatched=0.5)
    try:
        caller.dial()
        wait_until(lambda: canned.forms(STATUS), lambda: "never ended")
    finally:
        caller.carrier.behave(unwatched=60)
    ended(caller)


def test_a_call_goes_on_while_somebody_waits_for_what_happens(caller: PhoneAt) -> None:
    caller.carrier.behave(unwatched=1)
    try:
        caller.dial()
        caller.wait_for("heard")
        assert caller.ask(after=caller.seen[-1]["seq"], wait=4)["events"] == []
        caller.look()
        assert caller.call
    finally:
        caller.carrier.behave(unwatched=60)


@pytest.fixture
def world(tmp_path: Path, canned: Canned) -> Iterator[World]:
    """What the calls of a carrier within this process need."""
    with canned_server(tmp_path, canned) as server:
        settings, address = load_settings({"VAR_DIR": str(tmp_path)}), f"http://127.0.0.1:{server.port}"
        yield World(
            settings=settings,
            public_url=address,
            webhooks=lambda phone: Webhooks.of(settings, address),
            behaviour=Behaviour,
            date=time.time,
            chance=lambda: 1.0,
        )


def incoming(phone: Phone) -> LineCall:
    return LineCall("CA1", phone, "incoming", 0.0, "+33199001234", phone.number, twiml=f"<Response>{ASKED}</Response>")


def test_a_call_that_is_picked_up_in_the_moment_when_it_rings_out_goes_on(world: World) -> None:
    async def ring_and_answer() -> str:
        phones = Phones(time.time)
        calls, line = PhoneCalls(world), incoming(phones.of("+33639980401"))
        calls.ring(line, 0)
        await asyncio.sleep(0)  # the bell's time is over,
        await asyncio.sleep(0)  # and what follows is about to begin
        await calls.pick_up(line)
        state = line.state
        await calls.hang_up(line)
        return state

    assert asyncio.run(ring_and_answer()) == "in-progress"


def test_a_call_in_which_the_carrier_itself_fails_is_over_and_logged(world: World) -> None:
    def broken(exchange: Exchange) -> None:
        raise RuntimeError("a body")

    async def dial() -> tuple[str, list[dict[str, Any]]]:
        webhooks = Webhooks.of(world.settings, world.public_url, broken)
        phones = Phones(time.time)
        calls, phone = PhoneCalls(replace(world, webhooks=lambda phone: webhooks)), phones.of("+33639980402")
        line = calls.find(calls.begin(phone))
        assert line
        while not line.is_over:
            await asyncio.sleep(0.01)
        return line.state, phone.since(0)

    with captured_logs() as logs:
        state, events = asyncio.run(dial())
    assert state == "failed"
    assert "The carrier itself failed" in next(event["message"] for event in events if event["kind"] == "fault")
    assert logs[0]["error"] == "RuntimeError"
    assert logs[0]["where"].startswith("test_calls.py:")
    assert "a body" not in str(logs)
