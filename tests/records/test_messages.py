"""The states of a message: each move is allowed from some states only, and of two movers one wins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, select

from helpline.records.messages import FINAL, IN_DOUBT, MAY_FOLLOW, STATES, State, move, move_each
from helpline.records.tables import messages
from tests.records.filled import NOON, fill

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """One caller, and one message in every state."""
    fill(engine, people=1)
    with engine.begin() as connection:
        found = dict(connection.execute(select(messages)).one()._mapping)
        for state in STATES:
            new = found | {"wave": state, "state": state}
            del new["id"]
            connection.execute(insert(messages).values(new))
    return engine


def states(engine: Engine) -> dict[str, str]:
    with engine.begin() as connection:
        rows = connection.execute(select(messages.c.wave, messages.c.state).where(messages.c.wave.in_(STATES)))
        return dict(rows.all())


def of_each_state() -> object:
    return messages.c.wave.in_(STATES)


@pytest.mark.parametrize("to", STATES)
def test_a_message_moves_only_from_states_that_may_come_before(filled: Engine, to: State) -> None:
    with filled.begin() as connection:
        count = move(connection, to, LATER, messages.c.wave.in_(STATES), reason="why")
        rows = connection.execute(select(messages).where(messages.c.reason == "why")).all()
    assert count == len(MAY_FOLLOW[to]) == len(rows)
    assert {row.wave for row in rows} == set(MAY_FOLLOW[to])
    assert {(row.state, row.changed_at) for row in rows} == {(to, LATER)}
    assert {wave: state for wave, state in states(filled).items() if wave not in MAY_FOLLOW[to]} == {
        state: state for state in STATES if state not in MAY_FOLLOW[to]
    }


def test_a_repeated_report_changes_nothing(filled: Engine) -> None:
    for expected in (1, 0):
        with filled.begin() as connection:
            assert move(connection, "delivered", NOON, messages.c.wave == "sent") == expected


def test_a_late_report_moves_nothing_back(filled: Engine) -> None:
    with filled.begin() as connection:
        assert move(connection, "sent", NOON, messages.c.wave.in_(tuple(FINAL))) == 0
        assert move(connection, "accepted", NOON, messages.c.wave == "delivered") == 0


def test_of_two_workers_that_claim_the_same_messages_each_message_goes_to_one(filled: Engine) -> None:
    with filled.begin() as connection:
        ids = connection.scalars(select(messages.c.id).where(messages.c.state == "planned")).all()

    def claim(_: int) -> int:
        with filled.begin() as connection:
            return move_each(connection, ids, "sending", LATER)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(claim, range(4))) == len(ids) == 2


def test_no_ids_move_nothing(filled: Engine) -> None:
    before = states(filled)
    with filled.begin() as connection:
        assert move_each(connection, [], "sending", LATER) == 0
    assert states(filled) == before


def test_only_the_carrier_can_tell_of_messages_in_doubt_and_they_are_not_final() -> None:
    assert set(MAY_FOLLOW) == set(STATES)
    assert not IN_DOUBT & FINAL
