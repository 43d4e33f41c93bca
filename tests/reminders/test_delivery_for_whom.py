"""Delivery: a text goes only to whom it is still for, with every withdrawal applied first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from helpline.carrier.callers import fingerprint
from helpline.consent.applying import apply_journal, is_applied
from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.records.tables import callers, carrier_blocks, objections, subscriptions
from tests.reminders.bench import KEY, Bench, a_number
from tests.reminders.people import paris


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
