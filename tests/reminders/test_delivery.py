"""Delivery: what is due goes out once, in its hours, to whom it is still for, in today's words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update

from helpline.carrier.callers import fingerprint
from helpline.consent.applying import apply_journal, is_applied
from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.records.engine import open_records
from helpline.records.tables import callers, carrier_blocks, objections, subscriptions
from helpline.reminders.claiming import body_mark
from helpline.reminders.delivery import AHEAD, deliver
from helpline.reminders.words import words
from tests.databases import address
from tests.reminders.bench import KEY, Bench, a_number
from tests.reminders.people import paris
from tests.server.running import wait_until


def test_what_is_due_is_sent_and_accepted(bench: Bench) -> None:
    message = bench.message()
    assert bench.deliver().accepted == 1
    (sent,) = bench.sent(message)
    row = bench.row(message)
    assert (row.state, row.sid, row.tries, row.reason) == ("accepted", sent.sid, 1, "")
    assert (row.claimed_at, row.body_mark) == (bench.clock(), body_mark(sent.body, KEY))
    assert "mardi 15 décembre" in sent.body
    assert f"message={bench.about(message)}#" in sent.callback


def test_what_is_not_due_yet_waits(bench: Bench) -> None:
    message = bench.message(due_at=bench.clock() + timedelta(seconds=1))
    assert bench.deliver().accepted == 0
    bench.clock.pass_by(seconds=1)
    assert bench.deliver().accepted == 1
    assert len(bench.sent(message)) == 1


def test_a_queue_is_left_to_its_own_workers(bench: Bench) -> None:
    reminder, reply = bench.message(), bench.message(kind="welcome")
    assert bench.deliver("replies").accepted == 1
    assert (bench.state(reminder), bench.state(reply)) == ("planned", "accepted")


def test_each_caller_reads_their_language(bench: Bench) -> None:
    french, english, other = (bench.message(bench.caller(language=code)) for code in ("fr", "en", "uk"))
    bench.deliver()
    assert "Dernier jour" in bench.sent(french)[0].body
    assert "Last day" in bench.sent(english)[0].body
    assert "Dernier jour" in bench.sent(other)[0].body


def test_a_sent_text_is_the_callers_last_message(bench: Bench) -> None:
    bench.message(bench.caller("+33639970001", language="en"))
    bench.deliver()
    (accepted,) = bench.remembered
    assert accepted.fingerprint == fingerprint("+33639970001", KEY)
    assert (accepted.language, accepted.at) == ("en", bench.clock())
    assert accepted.place == words(bench.prompts, "update", "last", "en", bench.clock())[1]


def test_a_sent_text_that_cannot_be_remembered_stays_sent(sqlite_bench: Bench) -> None:
    def broken(accepted: object) -> None:
        raise ConnectionError("no Redis")

    message = sqlite_bench.message()
    assert deliver(replace(sqlite_bench.sender, remember=broken), "bulk").accepted == 1
    assert sqlite_bench.state(message) == "accepted"


# In the hours, before the deadline.


@pytest.mark.parametrize(
    "moment",
    [
        paris(2026, 12, 12, 8, 59),
        paris(2026, 12, 12, 19, 0),
        paris(2026, 12, 13, 12),  # a Sunday
        paris(2026, 12, 25, 12),
    ],
)
def test_outside_the_hours_only_answers_go_out(bench: Bench, moment: datetime) -> None:
    bench.clock.now = moment
    reminder, question = bench.message(), bench.message(kind="keep", queue="bulk")
    answers = [bench.message(kind="welcome"), bench.message(bench.caller(subscribed=False), kind="stopped")]
    bench.deliver("bulk")
    assert bench.deliver("replies").accepted == 2
    assert bench.states([reminder, question, *answers]) == ["planned", "planned", "accepted", "accepted"]


def test_a_text_must_leave_the_carrier_within_the_hours(sqlite_bench: Bench) -> None:
    asked = _validities(sqlite_bench)
    sqlite_bench.clock.now = paris(2026, 12, 12, 18, 50)
    sqlite_bench.message()
    sqlite_bench.deliver()
    assert asked == [600]


def test_a_text_must_leave_the_carrier_before_it_is_too_late(sqlite_bench: Bench) -> None:
    asked = _validities(sqlite_bench)
    sqlite_bench.message(not_after=sqlite_bench.clock() + timedelta(minutes=5))
    sqlite_bench.deliver()
    assert asked == [300]


def test_an_answer_may_leave_at_any_hour(sqlite_bench: Bench) -> None:
    asked = _validities(sqlite_bench)
    sqlite_bench.clock.now = paris(2026, 12, 12, 18, 50)
    sqlite_bench.message(kind="welcome")
    sqlite_bench.deliver("replies")
    assert asked == [36_000]


def _validities(bench: Bench) -> list[int]:
    """The seconds for which each text is given to the carrier."""
    found: list[int] = []
    make = bench.carrier

    class Watched:
        def __init__(self) -> None:
            self.carrier = make()

        def send(self, to: str, body: str, valid_seconds: int, report: str) -> object:
            found.append(valid_seconds)
            return self.carrier.send(to, body, valid_seconds, report)

    bench.carrier = Watched  # type: ignore[assignment, method-assign]
    return found


def test_what_is_too_late_expires(bench: Bench) -> None:
    late = [bench.message(not_after=bench.clock() - timedelta(minutes=1)) for _ in range(3)]
    in_time = bench.message()
    delivered = bench.deliver(most=2)
    assert (delivered.accepted, delivered.given_up) == (1, 3)
    assert bench.states([*late, in_time]) == ["expired"] * 3 + ["accepted"]
    assert bench.sent(*late) == []


def test_on_the_last_day_a_late_reminder_says_so(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 15, 10)
    message = bench.message()
    bench.deliver()
    assert "aujourd'hui" in bench.sent(message)[0].body


# For whom it still is.


def _ended(bench: Bench, caller: int) -> None:
    with bench.engine.begin() as connection:
        mine = subscriptions.c.caller_id == caller
        connection.execute(update(subscriptions).where(mine).values(ended_at=bench.clock()))


def _objected(bench: Bench, caller: int) -> None:
    _note(bench, objections, caller, reason="stop")


def _blocked(bench: Bench, caller: int) -> None:
    _note(bench, carrier_blocks, caller)


def _note(bench: Bench, table: Any, caller: int, **columns: str) -> None:
    with bench.engine.begin() as connection:
        who = connection.scalar(select(callers.c.fingerprint).where(callers.c.id == caller))
        connection.execute(insert(table).values(fingerprint=who, since=bench.clock(), **columns))


def _said_done(bench: Bench, caller: int) -> None:
    _changed(bench, caller, done="2026-11")


def _asked_again_later(bench: Bench, caller: int) -> None:
    _changed(bench, caller, since=paris(2026, 12, 12, 9))


def _changed(bench: Bench, caller: int, **columns: object) -> None:
    with bench.engine.begin() as connection:
        connection.execute(update(subscriptions).where(subscriptions.c.caller_id == caller).values(**columns))


def _number_gone(bench: Bench, caller: int) -> None:
    with bench.engine.begin() as connection:
        connection.execute(update(callers).where(callers.c.id == caller).values(number=None, number_key=None))


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (_ended, "not_subscribed"),
        (_objected, "objection"),
        (_blocked, "blocked"),
        (_said_done, "done"),
        (_asked_again_later, "newer"),
        (_number_gone, "no_number"),
    ],
)
def test_who_wants_or_can_get_nothing_any_more_is_skipped(
    bench: Bench, happened: Callable[[Bench, int], None], reason: str
) -> None:
    caller = bench.caller(number := a_number())
    message, other = bench.message(caller), bench.message()
    happened(bench, caller)
    delivered = bench.deliver()
    assert (delivered.accepted, delivered.given_up) == (1, 1)
    assert (bench.row(message).state, bench.row(message).reason) == ("skipped", reason)
    assert bench.state(other) == "accepted"
    assert number not in [sent.to for sent in bench.stub.messages()]


def test_who_said_done_of_another_month_is_reminded(bench: Bench) -> None:
    message = bench.message(bench.caller(done="2026-10"))
    assert bench.deliver().accepted == 1
    assert bench.state(message) == "accepted"


def test_who_chose_one_reminder_gets_that_one(bench: Bench) -> None:
    caller = bench.caller(scope="last")
    last, missed = bench.message(caller), bench.message(caller, wave="middle")
    bench.deliver()
    assert (bench.state(last), bench.row(missed).reason) == ("accepted", "scope")


def test_a_wave_that_was_taken_out_of_the_calendar_is_skipped(bench: Bench) -> None:
    message = bench.message(wave="extra")
    bench.deliver()
    assert (bench.row(message).state, bench.row(message).reason) == ("skipped", "no_wave")


def test_a_stop_is_confirmed_to_who_objected(bench: Bench) -> None:
    caller = bench.caller(subscribed=False)
    _objected(bench, caller)
    message = bench.message(caller, kind="stopped")
    assert bench.deliver("replies").accepted == 1
    assert len(bench.sent(message)) == 1


def test_many_who_want_nothing_keep_nobody_waiting(bench: Bench) -> None:
    for _ in range(12):
        _ended(bench, caller := bench.caller())
        bench.message(caller)
    wanted = bench.message()
    delivered = bench.deliver(most=3)
    assert (delivered.accepted, delivered.given_up) == (1, 12)
    assert bench.state(wanted) == "accepted"


def test_nothing_goes_out_before_withdrawals_are_applied(bench: Bench) -> None:
    caller = bench.caller()
    message = bench.message(caller)
    bench.withdrawals = lambda now: _ended(bench, caller)
    bench.deliver()
    assert bench.state(message) == "skipped"


def test_nothing_goes_out_while_withdrawals_cannot_be_applied(bench: Bench) -> None:
    def broken(now: datetime) -> None:
        raise OSError("the journal cannot be read")

    bench.withdrawals = broken
    message = bench.message()
    with pytest.raises(OSError, match="journal"):
        bench.deliver()
    assert bench.state(message) == "planned"


def test_who_withdraws_while_a_worker_waits_for_the_database_gets_nothing(bench: Bench) -> None:
    """The journal was applied, then somebody else held the database, and meanwhile a STOP came into the journal."""
    caller = bench.caller()
    message, other = bench.message(caller), bench.message()
    journal: list[int] = []

    def apply(now: datetime) -> None:
        for stopped in journal:
            _ended(bench, stopped)
        journal.clear()

    def is_applied(connection: Connection) -> bool:
        assert connection.in_transaction()
        if not checked:
            checked.append(True)
            journal.append(caller)
        return not journal

    checked: list[bool] = []
    bench.withdrawals, bench.is_applied = apply, is_applied
    delivered = bench.deliver()
    assert (delivered.accepted, delivered.given_up) == (1, 1)
    assert (bench.state(message), bench.state(other)) == ("skipped", "accepted")


def test_a_stop_in_the_journal_while_the_database_is_held_is_not_followed_by_a_reminder(
    sqlite_bench: Bench, tmp_path: Path
) -> None:
    bench, journal = sqlite_bench, Journal(tmp_path / "withdrawals.jsonl")
    message = bench.message(bench.caller(number := a_number()))
    held, applied = threading.Event(), threading.Event()

    def apply(now: datetime) -> None:
        apply_journal(bench.engine, journal, now)
        if not applied.is_set():
            applied.set()
            assert held.wait(30)

    bench.withdrawals = apply
    bench.is_applied = lambda connection: is_applied(connection, journal)
    thread = threading.Thread(target=bench.deliver)
    thread.start()
    assert applied.wait(30)
    with bench.engine.begin():
        held.set()
        journal.append(Withdrawal(fingerprint(number, KEY), "stop", bench.clock(), "sms", key="SM1.stop"))
    thread.join()
    assert (bench.state(message), bench.row(message).reason) == ("skipped", "stop")
    assert number not in [sent.to for sent in bench.stub.messages()]


def test_while_the_journal_cannot_be_caught_up_with_nothing_is_sent(sqlite_bench: Bench) -> None:
    sqlite_bench.is_applied = lambda connection: False
    message = sqlite_bench.message()
    assert sqlite_bench.deliver(seconds=0.2).accepted == 0
    assert (sqlite_bench.state(message), sqlite_bench.row(message).tries) == ("planned", 0)


# At once, and at a rate.


def test_deliverers_at_once_never_send_one_message_twice(bench: Bench) -> None:
    bench.stub.behave(delay=5)
    messages = bench.many_due(60)
    engines = [open_records(address(bench.engine)) for _ in range(3)]
    done: list[int] = []

    def work(engine: Any) -> None:
        other = Bench(engine, bench.redis, bench.stub, bench.clock)
        other.seals = bench.seals
        done.append(other.deliver(most=10, at_once=4).accepted)

    threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for engine in engines:
        engine.dispose()
    assert sum(done) == 60
    assert sorted(sent.to for sent in bench.sent(*messages)) == sorted(map(bench.number_of, messages))
    assert {bench.row(message).tries for message in messages} == {1}


def test_the_rate_is_shared_by_all_workers(bench: Bench) -> None:
    bench.per_second = 50
    messages = bench.many_due(30)
    begun = time.time()
    threads = [threading.Thread(target=bench.deliver, kwargs={"at_once": 4}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments = sorted(sent.at for sent in bench.sent(*messages))
    assert len(moments) == 30
    too_early = [place for place, moment in enumerate(moments) if moment < begun + place / 50 - 0.01]
    assert too_early == []


def test_no_more_is_claimed_than_may_go_in_the_next_seconds(sqlite_bench: Bench) -> None:
    sqlite_bench.per_second = 2
    messages = sqlite_bench.many_due(20)
    assert sqlite_bench.deliver(seconds=0.1).accepted <= AHEAD * 2 + 1
    assert set(sqlite_bench.states(messages)) == {"accepted", "planned"}


def test_at_a_slow_rate_messages_are_not_claimed_one_by_one(sqlite_bench: Bench) -> None:
    sqlite_bench.per_second = 30
    sqlite_bench.many_due(100)
    claims: list[str] = []

    def look(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE messages") and "claimed_at" in statement:
            claims.append(statement)

    event.listen(sqlite_bench.engine, "before_cursor_execute", look)
    assert sqlite_bench.deliver().accepted == 100
    assert len(claims) <= 6


def test_who_is_asked_to_end_finishes_what_went_out_and_leaves_the_rest(bench: Bench) -> None:
    bench.per_second = 10
    messages = bench.many_due(20)
    delivered = bench.deliver(asked_to_end=lambda: bool(bench.sent(*messages)))
    states = bench.states(messages)
    assert set(states) == {"accepted", "planned"}
    assert (states.count("accepted"), delivered.accepted) == (len(bench.sent(*messages)), len(bench.sent(*messages)))
    assert {bench.row(message).tries for message in messages if bench.state(message) == "planned"} == {0}


def test_a_caller_who_is_erased_meanwhile_troubles_nobody_else(bench: Bench) -> None:
    bench.stub.behave(delay=200)
    gone, other = bench.message(), bench.message()
    who = bench.row(gone).caller_id
    thread = threading.Thread(target=bench.deliver)
    thread.start()
    wait_until(lambda: bench.state(gone) == "sending", lambda: bench.state(gone))
    with bench.engine.begin() as connection:
        connection.execute(delete(callers).where(callers.c.id == who))
    thread.join()
    assert bench.state(other) == "accepted"
