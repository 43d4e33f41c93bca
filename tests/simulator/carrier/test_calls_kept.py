"""The list of calls, through the official client; what is kept of them; and posts of calls that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from helpline.simulator.carrier.calls_journal import calls_beside
from tests.server.running import wait_until
from tests.simulator.carrier.conftest import US, VOICE, Place, ended, rings, status
from tests.simulator.official_client import ACCOUNT, client_of
from tests.simulator.phone_at import PhoneAt

BEHAVIOUR_AS_USUAL = {"drop": 0, "late": "0:5", "garbage": 0, "fail": "", "answering": ""}


@pytest.fixture(autouse=True)
def as_usual(place: Place) -> Iterator[None]:
    yield
    place.carrier.behave(**BEHAVIOUR_AS_USUAL)


def busy(place: Place) -> None:
    """Calls of this test are over at once."""
    place.carrier.behave(answering="busy:1")


def test_calls_are_listed_by_number_time_and_status_newest_first(place: Place, phone: PhoneAt) -> None:
    busy(place)
    other = PhoneAt(place.carrier, "+33639980601")
    began = datetime.now(UTC) - timedelta(minutes=1)
    first, _, last = place.ring(phone), place.ring(other), place.ring(phone)
    calls = place.client.calls
    listed = calls.list(to=phone.number, from_=US, start_time_after=began)
    assert [call.sid for call in listed] == [last, first]
    newest = listed[0]
    assert (newest.status, newest.direction, newest.answered_by) == ("busy", "outbound-api", None)
    assert newest.date_created >= began
    assert newest.start_time == newest.date_created
    assert newest.end_time is not None
    assert calls.list(to=phone.number, start_time_after=began + timedelta(hours=1)) == []
    assert calls.list(to=phone.number, start_time_before=began) == []
    assert calls.list(to=phone.number, status="completed") == []
    assert len(calls.list(to=phone.number, status="busy")) == 2
    assert calls.list(to=phone.number, from_="+33199009999") == []
    assert calls.list(to="+33639980699") == []
    day = {"StartTime": str(newest.date_created.date()), "To": phone.number}
    url = f"{place.carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert len(requests.get(url, day, auth=("x", "y"), timeout=30).json()["calls"]) == 2
    assert requests.get(url, {"StartTime": "today"}, auth=("x", "y"), timeout=30).status_code == 400


def test_a_list_goes_on_over_many_pages_while_calls_are_made(place: Place, phone: PhoneAt) -> None:
    busy(place)
    made = [place.ring(phone) for _ in range(7)]
    listed = place.client.calls.stream(to=phone.number, page_size=2)
    seen = [next(listed).sid]
    place.ring(phone)
    assert [*seen, *(call.sid for call in listed)] == made[::-1]


def test_a_call_to_the_helpline_is_listed_as_inbound(place: Place, phone: PhoneAt) -> None:
    place.canned.answers = {"/twilio/voice": '<Pause length="600"/>'}
    call = phone.dial()
    phone.wait_for("exchange")
    (listed,) = place.client.calls.list(from_=phone.number)
    assert (listed.sid, listed.direction, listed.status, listed.to) == (call, "inbound", "ringing", US)
    phone.act(call, "hang-up")
    (listed,) = place.client.calls.list(from_=phone.number)
    assert (listed.status, listed.duration) == ("no-answer", "0")


def test_what_is_kept_of_calls_outlives_the_killing_of_the_carrier(place: Place, phone: PhoneAt) -> None:
    other, third = PhoneAt(place.carrier, "+33639980602"), PhoneAt(place.carrier, "+33639980603")
    over = place.ring(phone, status_callback="http://localhost:1/status?message=7.1")
    rings(phone)
    phone.act(over, "decline")
    led, ringing = place.ring(other), place.ring(third)
    other.wait_for("call")
    other.act(led, "answer")
    place.carrier.kill()
    with calls_beside(place.carrier.journal).open("ab") as journal:
        journal.write(b'{"sid": "torn')
    place.carrier.start()
    assert [status(place, call) for call in (over, led, ringing)] == ["busy", "completed", "failed"]
    kept = {call.sid: call for call in place.carrier.calls()}
    assert kept[over].callback == "http://localhost:1/status?message=7.1"
    assert [kept[call].to for call in (over, led, ringing)] == [phone.number, other.number, third.number]
    assert all(kept[call].ended for call in (over, led, ringing))
    with pytest.raises(TwilioRestException) as refused:
        place.client.calls(led).update(status="completed")
    assert refused.value.code == 21220
    busy(place)
    after = place.ring(phone)
    assert [call.sid for call in place.client.calls.list(to=phone.number)] == [after, over]


@pytest.mark.parametrize(
    ("answer", "heard"),
    [("<Say>Bonjour</Say>", True), ("<Play>/audio/a.mp3</Play>", True), ("<Hangup/>", False), (None, False)],
)
def test_it_is_kept_whether_whoever_picked_up_was_told_anything(
    place: Place, phone: PhoneAt, answer: str | None, heard: bool
) -> None:
    place.canned.answers = {VOICE: answer} if answer else {}
    place.carrier.behave(answering=f"human:{phone.number}", rings=0, listens=0)
    call = place.ring(phone)
    assert (ended(place, call).status, ended(place, call).heard) == ("completed", heard)


def counted(place: Place, name: str) -> int:
    return place.carrier.counts.get(f"calls_{name}", 0)


def test_a_connection_breaks_off_after_the_call_was_accepted(place: Place, phone: PhoneAt) -> None:
    before = counted(place, "dropped")
    place.carrier.behave(drop=1, answering="busy:1")
    with pytest.raises(requests.ConnectionError):
        place.ring(phone)
    assert [call.status for call in place.client.calls.list(to=phone.number)] == ["busy"]
    assert counted(place, "dropped") == before + 1


def test_a_call_is_made_after_whoever_asked_for_it_gave_up(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(late="1:1", answering="busy:1")
    impatient = client_of(place.carrier, timeout=0.2)
    with pytest.raises(requests.Timeout):
        impatient.calls.create(to=phone.number, from_=US, url=place.url(VOICE))
    assert [call for call in place.carrier.calls() if call.to == phone.number] == []
    wait_until(lambda: [call for call in place.carrier.calls() if call.to == phone.number], lambda: "never made")


def test_an_answer_that_nobody_can_read_hides_a_call(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(garbage=1, answering="busy:1")
    with pytest.raises(ValueError, match="Expecting value"):
        place.ring(phone)
    assert len(place.client.calls.list(to=phone.number)) == 1


def test_500_may_be_the_answer_to_a_call_that_goes_out(place: Place, phone: PhoneAt) -> None:
    place.carrier.behave(fail=f"500+accepted:{phone.number}", answering="human:1", rings=0, listens=0)
    with pytest.raises(TwilioRestException) as refused:
        place.ring(phone)
    assert refused.value.status == 500
    (made,) = [call for call in place.carrier.calls() if call.to == phone.number]
    assert ended(place, made.sid).status == "completed"
    place.carrier.behave(fail="503:1", rings=1, listens=30)
    with pytest.raises(TwilioRestException):
        place.ring(phone)
    assert len(place.client.calls.list(to=phone.number)) == 1
