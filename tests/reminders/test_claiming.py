"""Which messages are taken next: answers before reminders, by indexes, and each by one deliverer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from helpline.records.tables import callers, messages, subscriptions
from helpline.reminders.claiming import Claimed, claim, how_many_due
from tests.reminders.bench import KEY, LAST_WAVE, Bench, shipped_prompts
from tests.reminders.people import many_subscribed, paris
from tests.reminders.plans import Statement, counted, plan_of, statements_of

PEOPLE, MOST = 3000, 10
NIGHT = paris(2026, 12, 12, 22)
EARLIER = timedelta(hours=1)
ANSWERS = {"replies": "page", "calls": "call_back", "bulk": ""}


@pytest.fixture(scope="module")
def many(engine_of_module: Engine) -> Engine:
    """A database in which thousands of messages are due in each queue, and other thousands are done with.

    Tests that claim of them take it back: they do not commit.
    """
    engine = engine_of_module
    many_subscribed(engine, PEOPLE)
    with engine.begin() as connection:
        people = connection.scalars(select(callers.c.id)).all()
        thing = {"kind": "appointment", "occurrence": "2026-12-13T14:30", "scope": "all", "since": LAST_WAVE - EARLIER}
        connection.execute(insert(subscriptions), [thing | {"caller_id": one} for one in people])
        for queue, kind, wave, state in (
            ("bulk", "update", "last", "planned"),
            ("replies", "appointment", "eve", "planned"),
            ("calls", "appointment", "day", "planned"),
            ("bulk", "update", "middle", "delivered"),
        ):
            turn = {"queue": queue, "kind": kind, "wave": wave, "state": state, "changed_at": LAST_WAVE}
            about = {"occurrence": "2026-11" if kind == "update" else thing["occurrence"]}
            due = {"due_at": LAST_WAVE - EARLIER, "not_after": NIGHT + timedelta(days=2)}
            connection.execute(insert(messages), [turn | about | due | {"caller_id": one} for one in people])
        for queue, kind in ANSWERS.items():
            for one in people[:200] if kind else ():
                _asked_for(connection, one, queue, kind)
    counted(engine)
    return engine


def _asked_for(connection: Connection, caller: int, queue: str, kind: str) -> None:
    about = {"caller_id": caller, "kind": kind, "occurrence": "updateP0@12345678", "queue": queue}
    due = {"due_at": LAST_WAVE, "not_after": NIGHT + timedelta(days=2), "changed_at": LAST_WAVE}
    connection.execute(insert(messages).values(**about, **due))


def taken(connection: Connection, queue: str, most: int, now: Any = LAST_WAVE) -> list[Claimed]:
    return claim(connection, shipped_prompts(), KEY, queue, now, most)[0]


def kinds(found: list[Claimed]) -> list[str]:
    return sorted({message.kind for message in found})


@pytest.mark.parametrize(("queue", "kind"), [("replies", "page"), ("replies", "stopped"), ("calls", "call_back")])
def test_what_somebody_waits_for_goes_before_reminders_that_are_due_for_longer(
    bench: Bench, queue: str, kind: str
) -> None:
    reached_by = "voice" if queue == "calls" else "sms"
    thing = {"kind": "appointment", "occurrence": "2026-12-13T14:30"}
    for _ in range(3):
        caller = bench.caller(channel=reached_by, **thing)
        bench.message(caller, wave="eve", queue=queue, due_at=bench.clock() - EARLIER, **thing)
    answer = bench.message(bench.caller(), kind=kind, occurrence="updateP0@12345678", wave="", queue=queue)
    with bench.engine.begin() as connection:
        assert [message.id for message in taken(connection, queue, 1)] == [answer]
        assert kinds(taken(connection, queue, 9)) == ["appointment"]


def test_two_at_once_take_all_and_nothing_twice(postgresql_engine: Engine) -> None:
    many_subscribed(postgresql_engine, 6)
    with postgresql_engine.begin() as connection:
        for number, one in enumerate(connection.scalars(select(callers.c.id)).all()):
            _asked_for(connection, one, "replies", "stopped" if number < 3 else "welcome")
            update = {"caller_id": one, "kind": "update", "occurrence": "2026-11", "wave": "last", "queue": "replies"}
            due = {"due_at": LAST_WAVE - EARLIER, "not_after": NIGHT, "changed_at": LAST_WAVE}
            connection.execute(insert(messages).values(**update, **due))
    with postgresql_engine.connect() as one, postgresql_engine.connect() as other, one.begin(), other.begin():
        first, second = taken(one, "replies", 4), taken(other, "replies", 20)
        assert set(kinds(first)) <= {"stopped", "welcome"}
        assert kinds(second) == ["stopped", "update", "welcome"] or kinds(second) == ["update", "welcome"]
        ids = [message.id for message in (*first, *second)]
        assert len(ids) == len(set(ids)) == 12


@pytest.mark.parametrize("queue", sorted(ANSWERS))
@pytest.mark.parametrize("now", [LAST_WAVE, NIGHT], ids=["day", "night"])
def test_a_claim_walks_through_no_table(many: Engine, queue: str, now: Any) -> None:
    with statements_of(many) as asked, many.connect() as connection:
        how_many_due(connection, shipped_prompts(), queue, now, MOST)
        found = taken(connection, queue, MOST, now)
    assert bool(found) == (now == LAST_WAVE or queue != "bulk")
    chosen = [statement for statement in asked if _chooses(statement)]
    assert bool(chosen) == bool(found)
    with many.connect() as connection:
        plans = {statement[0]: plan_of(connection, statement) for statement in chosen}
    for statement, plan in plans.items():
        for table in ("messages", "subscriptions"):
            assert f"SCAN {table}" not in plan, statement
            assert f"SCAN on {table}" not in plan, statement
        if "ix_messages_answers" not in plan:  # of which there are few: to sort those is as good
            assert "TEMP B-TREE" not in plan, statement
            assert "Sort" not in plan, statement


@pytest.mark.parametrize("queue", ["replies", "calls"])
def test_answers_are_found_by_an_index_of_their_own(many: Engine, queue: str) -> None:
    with statements_of(many) as asked, many.connect() as connection:
        assert kinds(taken(connection, queue, MOST)) == [ANSWERS[queue]]
    with many.connect() as connection:
        assert "ix_messages_answers" in plan_of(connection, next(filter(_chooses, asked)))


def _chooses(statement: Statement) -> bool:
    return statement[0].startswith("SELECT")
