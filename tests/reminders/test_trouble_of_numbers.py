"""When the carrier refuses a number: what ends, and what is remembered of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from helpline.records.tables import callers, carrier_blocks, consents, objections, subscriptions
from tests.reminders.bench import Bench


def is_blocked(bench: Bench, message: int) -> bool:
    return bool(_of_caller(bench, message, carrier_blocks))


def ended_because(bench: Bench, message: int) -> str | None:
    """Why the caller's subscription ended; None if it goes on."""
    with bench.engine.begin() as connection:
        who = bench.row(message).caller_id
        row = connection.execute(select(subscriptions).where(subscriptions.c.caller_id == who)).one()
        return row.end_reason if row.ended_at else None


def _of_caller(bench: Bench, message: int, table: Any) -> list[Any]:
    with bench.engine.begin() as connection:
        fingerprint = select(callers.c.fingerprint).where(callers.c.id == bench.row(message).caller_id)
        return list(connection.execute(select(table).where(table.c.fingerprint == fingerprint.scalar_subquery())))


def test_who_told_the_carrier_stop_is_remembered_and_gets_nothing_more(bench: Bench) -> None:
    message, later = bench.message(), 0
    later = bench.message(bench.row(message).caller_id, wave="missed", due_at=bench.clock() + timedelta(days=4))
    bench.stub.behave(fail=f"21610:{bench.number_of(message)}")
    assert bench.deliver().failed == 1
    assert (bench.row(message).state, bench.row(message).reason) == ("failed", "21610")
    assert is_blocked(bench, message)
    assert ended_because(bench, message) == "blocked"
    assert bench.state(later) == "skipped"
    assert _of_caller(bench, message, objections)
    assert [row.event for row in _of_caller(bench, message, consents)] == ["ended"]
    assert bench.alerts == []


def test_a_confirmation_of_a_stop_that_the_carrier_had_too_is_no_failure(bench: Bench) -> None:
    message = bench.message(bench.caller(subscribed=False), kind="stopped")
    bench.stub.behave(fail=f"21610:{bench.number_of(message)}")
    assert bench.deliver("replies").failed == 0
    assert (bench.row(message).state, bench.row(message).reason) == ("skipped", "21610")
    assert is_blocked(bench, message)


@pytest.mark.parametrize("code", [21211, 21614, 21635])
def test_a_number_that_cannot_get_texts_ends(bench: Bench, code: int) -> None:
    message = bench.message()
    bench.stub.behave(fail=f"{code}:{bench.number_of(message)}")
    bench.deliver()
    assert (bench.row(message).state, bench.row(message).reason) == ("failed", str(code))
    assert ended_because(bench, message) == "ended"
    assert not is_blocked(bench, message)


def test_a_number_that_is_blocked_on_the_way_is_left_alone_but_stays_subscribed(bench: Bench) -> None:
    message = bench.message()
    bench.stub.behave(fail=f"30004:{bench.number_of(message)}")
    bench.deliver()
    assert bench.state(message) == "failed"
    assert is_blocked(bench, message)
    assert ended_because(bench, message) is None
