"""Doubts: what was handed over without an answer is looked for at the carrier, and goes again if it is not there."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, update

from helpline.carrier.results import Sent
from helpline.consent.daily_budget import went
from helpline.menus.dates import today_in_paris
from helpline.records.engine import open_records, reading
from helpline.records.tables import callers, messages
from helpline.reminders.doubts import Settled
from helpline.reminders.posting import Posting
from helpline.reminders.recording import Recording
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.databases import address
from tests.forked import forked
from tests.reminders.bench import SEALING, Bench
from tests.reminders.test_posting import claimed
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess

AFTER_A_CLAIM = 30 + 15 + 120  # the claim, the longest answer, and until the carrier has settled


@pytest.fixture
def bench(engine: Engine, redis: Redis, stub: CarrierProcess) -> Bench:
    """In real time, as the carrier's list has the times at which it accepted."""
    found = Bench(engine, redis, stub)
    found.clock.run()
    return found


def in_doubt(bench: Bench, **behaviour: Any) -> int:
    """A message that was posted, and of which we heard nothing. `drop`: it was taken; `fail`: it was not."""
    message = bench.message(kind="welcome")
    bench.stub.behave(**(behaviour or {"drop": 1}))
    assert bench.deliver("replies").unknown == 1
    bench.stub.behave(drop=0, fail="", garbage=0)
    return message


def test_what_never_got_there_is_not_of_the_days_budget(bench: Bench) -> None:
    day = today_in_paris(bench.clock())
    in_doubt(bench, fail="500:1")
    with reading(bench.engine).connect() as connection:
        assert went(connection, day) == 1
    bench.clock.pass_by(seconds=AFTER_A_CLAIM)
    assert bench.settle() == Settled(again=1)
    with reading(bench.engine).connect() as connection:
        assert went(connection, day) == 0


def test_what_the_carrier_has_is_accepted(bench: Bench) -> None:
    message = in_doubt(bench)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    (sent,) = bench.sent(message)
    assert (bench.row(message).sid, bench.row(message).tries) == (sent.sid, 1)
    assert bench.state(message) in ("accepted", "sent", "delivered")
    assert bench.settle() == Settled()


def test_what_the_carrier_does_not_have_goes_again(bench: Bench) -> None:
    message = in_doubt(bench, fail="500:1")
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=1)
    assert (bench.state(message), bench.row(message).reason) == ("planned", "not found")
    assert bench.deliver("replies").accepted == 1
    assert (len(bench.sent(message)), bench.row(message).tries) == (1, 2)


def test_what_an_answer_that_nobody_can_read_became_of_is_looked_up(bench: Bench) -> None:
    message = in_doubt(bench, garbage=1)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    assert len(bench.sent(message)) == 1


def test_a_fault_after_which_the_carrier_has_it_is_found_out(bench: Bench) -> None:
    message = in_doubt(bench, fail="500+accepted:1")
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    assert len(bench.sent(message)) == 1


def test_nobody_looks_before_the_carrier_must_have_settled(bench: Bench) -> None:
    message = in_doubt(bench, fail="500:1")
    bench.clock.pass_by(seconds=110)
    assert bench.settle() == Settled()
    assert bench.state(message) == "unknown"
    assert bench.settle(settle_seconds=100) == Settled(again=1)


def test_a_claim_that_was_never_written_down_waits_longer(bench: Bench) -> None:
    message = bench.message(kind="welcome", state="sending", tries=1, claimed_at=bench.clock())
    bench.clock.pass_by(seconds=AFTER_A_CLAIM - 5)
    assert bench.settle() == Settled()
    bench.clock.pass_by(seconds=10)
    assert bench.settle() == Settled(again=1)
    assert bench.state(message) == "planned"


def test_what_is_found_too_late_to_go_again_expires(bench: Bench) -> None:
    message = in_doubt(bench, fail="500:1")
    bench.change(message, not_after=bench.clock() + timedelta(seconds=100))
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(expired=1)
    assert bench.state(message) == "expired"


def test_a_look_that_fails_leaves_the_doubt(bench: Bench) -> None:
    message = in_doubt(bench)
    bench.clock.pass_by(seconds=121)
    url = bench.stub.port
    bench.stub.port = free_port()
    try:
        assert bench.settle() == Settled(left=1)
    finally:
        bench.stub.port = url
    assert bench.state(message) == "unknown"
    assert bench.settle() == Settled(found=1)


def test_a_carrier_that_is_away_is_not_asked_for_each_of_thousands(bench: Bench) -> None:
    for _ in range(130):
        bench.message(bench.caller(), kind="welcome", state="unknown", tries=1, claimed_at=bench.clock())
    bench.clock.pass_by(seconds=121)
    port, bench.stub.port = bench.stub.port, free_port()
    try:
        assert bench.settle() == Settled(left=100)
    finally:
        bench.stub.port = port


def test_more_doubts_than_a_page_are_settled(bench: Bench) -> None:
    caller = bench.caller()
    for number in range(105):
        named = {"kind": "welcome", "occurrence": f"day {number}", "state": "unknown"}
        bench.message(caller, **named, tries=1, claimed_at=bench.clock(), body_mark="0" * 16)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=105)


def test_a_sid_that_another_message_has_is_not_taken_for_this_one(bench: Bench) -> None:
    caller = bench.caller()
    first = bench.message(caller, kind="welcome")
    bench.deliver("replies")
    second = bench.message(
        caller, kind="welcome", occurrence="another day", state="unknown", tries=1, claimed_at=bench.clock()
    )
    bench.change(second, body_mark=bench.row(first).body_mark)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=1)
    assert (bench.state(first), bench.state(second)) == ("accepted", "planned")


def test_of_several_texts_the_one_of_these_words_is_taken(bench: Bench) -> None:
    caller = bench.caller()
    stopped, welcome = bench.message(caller, kind="stopped"), bench.message(caller, kind="welcome")
    bench.stub.behave(drop=1)
    assert bench.deliver("replies").unknown == 2
    bench.stub.behave(drop=0)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=2)
    sent = {message.sid: message.body for message in bench.sent(welcome)}
    assert len(sent) == 2
    assert bench.row(stopped).sid != bench.row(welcome).sid
    for message in (stopped, welcome):
        assert bench.row(message).body_mark
        assert bench.row(message).sid in sent


def test_a_text_of_another_message_is_not_taken_for_this_one(bench: Bench) -> None:
    caller = bench.caller()
    taken, lost = bench.message(caller, kind="stopped"), 0
    bench.stub.behave(drop=1)
    bench.deliver("replies")
    lost = bench.message(caller, kind="welcome")
    bench.stub.behave(drop=0, fail="500:1")
    bench.deliver("replies")
    bench.stub.behave(fail="")
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1, again=1)
    assert (bench.state(lost), bench.row(taken).sid) == ("planned", bench.sent(taken)[0].sid)


def test_words_that_the_carrier_changed_are_taken_if_it_can_be_no_other(bench: Bench) -> None:
    message = in_doubt(bench)
    bench.change(message, body_mark="f" * 16)  # as if a trial account had put its own words in front
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    assert bench.row(message).sid == bench.sent(message)[0].sid


@pytest.mark.parametrize(("sender", "body"), [("38124", "Relais Droits : demain"), ("38123", "Votre code est 1234")])
def test_a_text_of_another_system_to_the_same_caller_is_not_taken_for_ours(
    bench: Bench, sender: str, body: str
) -> None:
    message = in_doubt(bench, fail="500:1")
    assert isinstance(bench.carrier(sender).send(bench.number_of(message), body, 600), Sent)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(again=1)
    assert (bench.state(message), bench.row(message).sid) == ("planned", None)


def test_doubts_about_numbers_that_cannot_be_opened_end_and_keep_no_other_waiting(bench: Bench) -> None:
    damaged = [in_doubt(bench, fail="500:1") for _ in range(6)]
    with bench.engine.begin() as connection:
        connection.execute(update(callers).values(number="damaged"))
    other = in_doubt(bench)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1, failed=6)
    assert {(bench.state(message), bench.row(message).reason) for message in damaged} == {("failed", "number_key")}
    assert bench.state(other) in ("accepted", "sent", "delivered")


def test_a_doubt_that_is_long_too_late_expires_without_a_look(bench: Bench) -> None:
    message = in_doubt(bench)
    bench.clock.pass_by(days=3)
    port, bench.stub.port = bench.stub.port, free_port()
    try:
        assert bench.settle() == Settled(expired=1)
    finally:
        bench.stub.port = port
    assert bench.state(message) == "expired"


def test_what_became_of_it_meanwhile_counts_too(bench: Bench) -> None:
    message = bench.message(kind="welcome")
    bench.stub.behave(drop=1, undelivered=f"30005:{bench.number_of(message)}", report_after=0)
    bench.deliver("replies")
    bench.stub.behave(drop=0)
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(found=1)
    assert (bench.state(message), bench.row(message).reason) == ("undelivered", "30005")
    bench.stub.behave(report_after=0.5)


def test_a_text_that_was_found_is_the_callers_last_message(bench: Bench) -> None:
    in_doubt(bench)
    assert bench.remembered == []
    bench.clock.pass_by(seconds=121)
    bench.settle()
    (accepted,) = bench.remembered
    assert accepted.place.node.startswith("remind.welcome")


def test_a_doubt_about_a_number_that_is_gone_ends(bench: Bench) -> None:
    message = in_doubt(bench)
    with bench.engine.begin() as connection:
        connection.execute(update(callers).values(number=None))
    bench.clock.pass_by(seconds=121)
    assert bench.settle() == Settled(failed=1)
    assert bench.row(message).reason == "no_number"


def test_two_who_settle_at_once_send_once(bench: Bench) -> None:
    ids = [in_doubt(bench, fail="500:1") for _ in range(4)]
    bench.clock.pass_by(seconds=121)
    bench.stub.behave(delay=50)
    others = [Bench(open_records(address(bench.engine)), bench.redis, bench.stub, bench.clock) for _ in range(2)]

    def work(other: Bench) -> None:
        other.seals = bench.seals
        other.settle()
        other.deliver("replies", seconds=1)
        other.settle()
        other.engine.dispose()

    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(bench.states(ids)) == {"accepted"}
    assert sorted(sent.to for sent in bench.sent(*ids)) == sorted(map(bench.number_of, ids))


def test_who_learns_late_that_it_was_taken_keeps_it_from_going_again(bench: Bench) -> None:
    """A worker was frozen with its answer in hand; others looked, found nothing yet, and planned it again."""
    message = bench.message(kind="welcome")
    with bench.engine.begin() as connection:
        connection.execute(update(messages).values(state="planned", tries=1, reason="not found"))
    sender = bench.sender
    recording = Recording(sender, Posting(sender.carrier, sender.seals, sender.clock))
    recording.record([(claimed(message), Sent("SM" + "9" * 32, "queued"))])
    assert (bench.state(message), bench.row(message).sid) == ("accepted", "SM" + "9" * 32)


# Killed at the worst moments.


@pytest.fixture
def killed(bench: Bench, shared_valkey: EmbeddedValkey, tmp_path: Path) -> Callable[[str], None]:
    def kill_at(moment: str) -> None:
        """Deliver in another process, and kill it at that moment."""
        given = [address(bench.engine), shared_valkey.url, bench.stub.url, SEALING, moment]
        with forked("tests.reminders.delivering", given, tmp_path / "output") as process:
            process.wait_for("here")
            process.end(signal.SIGKILL)

    return kill_at


@pytest.mark.parametrize("moment", ["claimed", "posted", "halfway"])
def test_who_is_killed_loses_nothing_and_doubles_nothing(
    bench: Bench, killed: Callable[[str], None], moment: str
) -> None:
    ids = [bench.message(kind="welcome") for _ in range(20)]
    killed(moment)
    assert "sending" in bench.states(ids)
    assert bench.deliver("replies").accepted == 0, "what a dead worker had claimed is nobody's yet"
    bench.clock.pass_by(seconds=AFTER_A_CLAIM + 5)
    settled = bench.settle()
    assert settled.left == 0
    bench.deliver("replies")
    assert set(bench.states(ids)) <= {"accepted", "sent", "delivered"}
    assert sorted(sent.to for sent in bench.sent(*ids)) == sorted(map(bench.number_of, ids))
