"""Reminder calls: begun once, at their own rate, with all that is to be said in the address that answers."""

from __future__ import annotations

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, select

from helpline.conversation import session
from helpline.conversation.moves import resolve
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context
from helpline.records.engine import open_records
from helpline.records.tables import callers, carrier_blocks
from helpline.reminders.delivery import AHEAD
from helpline.reminders.posting import CLAIM_HOLDS
from helpline.simulator.carrier.calls_journal import KeptCall
from tests.databases import address
from tests.reminders.bench import VOICE, Bench
from tests.reminders.people import paris


@pytest.fixture
def bench(call_bench: Bench) -> Bench:
    return call_bench


def begins(call: KeptCall) -> Session:
    """Where a call begins, as its address says."""
    path = urlsplit(call.url).path
    assert path.startswith("/twilio/voice/ours/")
    return session.decode(path.rpartition("/")[2])


def test_who_is_to_be_called_is_called(bench: Bench) -> None:
    message = bench.call(bench.caller(channel="voice", language="en"))
    assert bench.deliver("calls").accepted == 1
    (call,) = bench.called(message)
    row = bench.row(message)
    assert (row.state, row.sid, row.channel, row.tries) == ("accepted", call.sid, "voice", 1)
    assert (call.sender, call.direction) == (VOICE, "outbound-api")
    assert bench.sent(message) == [], "no text goes beside it"
    there = resolve(bench.prompts, Place("call.last"), Context("voice", bench.clock()))  # the page of that day
    assert begins(call) == Session(language="en", place=there)
    about = {"message": [bench.about(message)]}
    assert parse_qs(urlsplit(call.url).query) == about
    assert urlsplit(call.callback).path == "/twilio/voice/status"
    assert parse_qs(urlsplit(call.callback).query) == about


def test_a_call_is_nobodys_last_message(bench: Bench) -> None:
    bench.call()
    bench.deliver("calls")
    assert bench.remembered == []


def test_calls_have_a_rate_of_their_own(bench: Bench) -> None:
    bench.per_second, bench.calls_per_second = 1e-6, 1000
    calls = [bench.call() for _ in range(3)]
    bench.deliver("bulk")
    assert bench.deliver("calls").accepted == 3
    assert len(bench.called(*calls)) == 3


def test_no_more_is_claimed_than_can_be_begun_while_the_claim_holds(bench: Bench) -> None:
    bench.calls_per_second = 1
    calls = [bench.call() for _ in range(10)]
    assert timedelta(seconds=AHEAD) < CLAIM_HOLDS
    assert bench.deliver("calls", seconds=0.1).accepted <= AHEAD + 1
    states = bench.states(calls)
    assert set(states) == {"accepted", "planned"}
    assert {bench.row(call).tries for call in calls if bench.state(call) == "planned"} == {0}


def test_nobody_is_called_at_night(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 12, 20, 30)
    message = bench.call(not_after=paris(2026, 12, 20))
    assert bench.deliver("calls").accepted == 0
    assert (bench.called(message), bench.state(message)) == ([], "planned")


def test_who_asked_to_be_called_back_is_called_at_any_hour(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 12, 22)
    message = bench.call(bench.caller(subscribed=False), kind="call_back", occurrence="a@1", wave="")
    assert bench.deliver("calls").accepted == 1
    assert begins(bench.called(message)[0]).place == Place("menu")


def test_who_asked_to_be_called_back_is_called_though_the_carrier_lets_no_texts_through(bench: Bench) -> None:
    caller = bench.caller(subscribed=False)
    with bench.engine.begin() as connection:
        who = connection.scalar(select(callers.c.fingerprint).where(callers.c.id == caller))
        connection.execute(insert(carrier_blocks).values(fingerprint=who, since=bench.clock()))
    asked_for = bench.call(caller, kind="call_back", occurrence="a@3", wave="")
    text = bench.message(caller, kind="page", occurrence="signin.passwordP0@0123abcd", wave="")
    bench.deliver("replies")
    assert bench.deliver("calls").accepted == 1
    assert len(bench.called(asked_for)) == 1
    assert (bench.state(text), bench.row(text).reason) == ("skipped", "blocked")


def test_who_waits_for_a_call_comes_before_reminders(bench: Bench) -> None:
    bench.calls_per_second = 0.1
    reminder = bench.call(due_at=bench.clock() - timedelta(hours=1))
    waits = bench.call(bench.caller(subscribed=False), kind="call_back", occurrence="a@2", wave="")
    bench.deliver("calls", seconds=0.1)
    assert (bench.state(waits), bench.state(reminder)) == ("accepted", "planned")


def test_who_is_called_again_gets_a_try_of_its_own(bench: Bench) -> None:
    message = bench.call()
    bench.deliver("calls")
    bench.change(message, state="planned", reason="again busy")
    assert bench.deliver("calls").accepted == 1
    first, second = bench.called(message)
    assert first.sid != second.sid
    assert bench.row(message).sid == second.sid
    assert parse_qs(urlsplit(second.url).query) == {"message": [bench.about(message, tries=2)]}


def test_deliverers_at_once_never_call_anybody_twice(bench: Bench) -> None:
    calls = [bench.call() for _ in range(30)]
    others = [Bench(open_records(address(bench.engine)), bench.redis, bench.stub, bench.clock) for _ in range(3)]

    def work(other: Bench) -> None:
        other.seals = bench.seals
        other.deliver("calls", most=5, at_once=4)
        other.engine.dispose()

    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(call.to for call in bench.called(*calls)) == sorted(map(bench.number_of, calls))
    assert {bench.row(call).tries for call in calls} == {1}
