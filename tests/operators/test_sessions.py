"""Sessions end: after half an hour without a click, after twelve hours, and at once when an operator is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from helpline.operators import accounts, sessions
from helpline.operators.signing_in import Door
from helpline.records.desk_tables import operator_sessions
from tests.operators.conftest import NOW
from tests.operators.people import KEYS, Somebody, begun


def test_half_an_hour_without_a_click_ends_it(anna: Somebody, door: Door) -> None:
    just_before = NOW + sessions.IDLE - timedelta(seconds=1)
    assert sessions.find(door.engine, anna.session, just_before) is not None
    assert sessions.find(door.engine, anna.session, just_before + sessions.IDLE) is None


def test_twelve_hours_end_it_whatever_is_clicked(anna: Somebody, door: Door) -> None:
    at = NOW
    while at + timedelta(minutes=20) < NOW + sessions.LONGEST:
        at += timedelta(minutes=20)
        assert sessions.find(door.engine, anna.session, at) is not None, at
    assert sessions.find(door.engine, anna.session, NOW + sessions.LONGEST) is None


CHANGES: dict[str, Callable[[Connection], object]] = {
    "removed": lambda connection: accounts.remove(connection, "Anna", "a test", NOW),
    "reset": lambda connection: accounts.reset(connection, KEYS, "Anna", "a test", NOW),
    "another role": lambda connection: accounts.set_role(connection, "Anna", "reader", "a test", NOW),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_the_operator_ends_theirs_and_nobody_elses(
    anna: Somebody, door: Door, change: Callable[[Connection], object]
) -> None:
    boris = begun(door, "Boris", "reader", NOW)
    with door.engine.begin() as connection:
        change(connection)
    assert sessions.find(door.engine, anna.session, NOW) is None
    assert sessions.find(door.engine, boris.session, NOW) is not None


def test_signing_out_ends_this_one_only(anna: Somebody, door: Door) -> None:
    with door.engine.begin() as connection:
        other = sessions.begin(connection, 1, NOW)
        sessions.end(connection, anna.session)
    assert sessions.find(door.engine, anna.session, NOW) is None
    assert sessions.find(door.engine, other, NOW) is not None


@pytest.mark.parametrize("token", ["", "x", "a' OR 1=1"])
def test_a_token_that_nobody_was_given_is_nobodys(anna: Somebody, door: Door, token: str) -> None:
    assert sessions.find(door.engine, token, NOW) is None


def test_those_that_are_over_are_taken_away(anna: Somebody, door: Door) -> None:
    anna.sign_in(NOW + timedelta(hours=1))
    with door.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(operator_sessions)) == 1
