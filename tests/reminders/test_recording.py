"""Writing down what came of posted messages, also when the database does not help."""

from __future__ import annotations

import threading

from redis import Redis
from sqlalchemy import Engine

from helpline.carrier.results import Sent
from helpline.records.engine import open_records
from helpline.reminders.posting import Posting
from helpline.reminders.rate import BUSY
from helpline.reminders.recording import Recording
from helpline.reminders.statuses import Report, follow
from tests.databases import address
from tests.reminders.bench import Bench
from tests.reminders.test_posting import claimed
from tests.server.running import wait_until
from tests.simulator.carrier_process import CarrierProcess

SID = "SM" + "1" * 32


def recording(bench: Bench) -> Recording:
    sender = bench.sender
    return Recording(sender, Posting(sender.carrier, sender.seals, sender.clock))


def test_what_was_accepted_is_written_down_once_the_database_is_back(
    sqlite_engine: Engine, redis: Redis, stub: CarrierProcess
) -> None:
    impatient = open_records(address(sqlite_engine), patience=0.05)
    bench = Bench(impatient, redis, stub)
    messages = bench.many_due(5)
    stub.behave(delay=200)
    thread = threading.Thread(target=bench.deliver)
    thread.start()
    wait_until(lambda: "sending" in bench.states(messages), lambda: str(bench.states(messages)))
    with sqlite_engine.begin():  # somebody else writes, for longer than we wait
        wait_until(lambda: len(bench.sent(*messages)) == 5, lambda: str(bench.sent(*messages)))
        threading.Event().wait(0.5)
    thread.join()
    assert set(bench.states(messages)) == {"accepted"}
    impatient.dispose()


def test_a_sid_that_another_message_has_by_mistake_keeps_the_others_out_of_doubt(bench: Bench) -> None:
    bench.message(state="accepted", tries=1, sid=SID)
    messages = [bench.message(state="sending", tries=1, claimed_at=bench.clock()) for _ in range(3)]
    sids = ["SM" + "2" * 32, SID, "SM" + "3" * 32]
    posted = [(claimed(message), Sent(sid, "queued")) for message, sid in zip(messages, sids, strict=True)]
    recording(bench).record(posted)
    assert [bench.row(message).state for message in messages] == ["accepted"] * 3
    assert [bench.row(message).sid for message in messages] == [sids[0], None, sids[2]]


def test_a_second_try_that_is_put_back_stays_planned_whatever_the_first_one_is_said_to_be(bench: Bench) -> None:
    message = bench.message(state="planned", tries=1, sid=SID, reason="again")
    bench.stub.behave(fail="429:1")
    assert bench.deliver().put_back == 1
    with bench.engine.begin() as connection:
        follow(connection, bench.prompts.menus.calendar, Report(message, 1, SID, "sent"), bench.clock())
    assert (bench.state(message), bench.row(message).sid) == ("planned", None)
    bench.stub.behave(fail="")
    bench.redis.delete(BUSY)
    bench.clock.pass_by(minutes=5)
    assert bench.deliver().accepted == 1
    with bench.engine.begin() as connection:
        follow(connection, bench.prompts.menus.calendar, Report(message, 1, SID, "sent"), bench.clock())
    assert (bench.state(message), bench.row(message).sid) == ("accepted", bench.sent(message)[0].sid)


def test_an_outcome_of_an_earlier_try_changes_nothing(bench: Bench) -> None:
    message = bench.message(state="sending", tries=2, claimed_at=bench.clock())
    recording(bench).record([(claimed(message), Sent(SID, "queued"))])
    assert (bench.state(message), bench.row(message).sid) == ("sending", None)
