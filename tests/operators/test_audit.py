"""The audit trail: everything is in it, and the database lets nobody change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from helpline.operators import accounts
from helpline.operators.audit import KEPT, entries, forget_old, note
from helpline.records.desk_tables import audit
from tests.operators.people import KEYS

TODAY = datetime.now(UTC).replace(microsecond=0)  # the trigger goes by the database's own clock


@pytest.fixture
def noted(engine: Engine) -> Engine:
    with engine.begin() as connection:
        note(connection, TODAY, "Anna", "signed_in")
    return engine


def test_what_commands_do_is_in_it_with_who_and_about_whom(engine: Engine) -> None:
    with engine.begin() as connection:
        accounts.add(connection, KEYS, "Anna", "reader", "command: root", TODAY)
        accounts.set_role(connection, "Anna", "editor", "command: root", TODAY)
        accounts.reset(connection, KEYS, "Anna", "command: root", TODAY)
        accounts.remove(connection, "Anna", "command: root", TODAY)
        found = entries(connection, 10)
    assert [(one.what, one.detail) for one in reversed(found)] == [
        ("operator_added", "reader"),
        ("role_changed", "editor"),
        ("operator_reset", ""),
        ("operator_removed", ""),
    ]
    assert {(one.who, one.about, one.at) for one in found} == {("command: root", "Anna", TODAY)}


def test_no_entry_can_be_changed(noted: Engine) -> None:
    with pytest.raises(IntegrityError, match="append-only"), noted.begin() as connection:
        connection.execute(update(audit).values(who="somebody else"))


def test_no_entry_can_be_removed_within_a_year(noted: Engine) -> None:
    with pytest.raises(IntegrityError, match="append-only"), noted.begin() as connection:
        connection.execute(delete(audit))
    with noted.connect() as connection:
        assert len(entries(connection, 10)) == 1


def test_an_entry_is_not_replaced_in_sqlite(sqlite_engine: Engine) -> None:
    row = "(1, 0, 'a', 'signed_in', '', '')"
    with sqlite_engine.begin() as connection:
        connection.execute(text(f"INSERT INTO audit VALUES {row}"))
    with pytest.raises(IntegrityError, match="append-only"), sqlite_engine.begin() as connection:
        connection.execute(text(f"INSERT OR REPLACE INTO audit VALUES {row}"))


def test_the_trail_is_not_truncated_in_postgresql(postgresql_engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="append-only"), postgresql_engine.begin() as connection:
        connection.execute(text("TRUNCATE audit"))


def test_after_a_year_an_entry_goes(noted: Engine) -> None:
    with noted.begin() as connection:
        connection.execute(insert(audit).values(at=TODAY - KEPT - timedelta(days=1), who="Boris", what="signed_in"))
        forget_old(connection, TODAY)
        assert [one.who for one in entries(connection, 10)] == ["Anna"]


def test_entries_come_last_first_and_page_by_page(engine: Engine) -> None:
    with engine.begin() as connection:
        for place in range(5):
            note(connection, TODAY, f"Operator {place}", "signed_in")
        first = entries(connection, 2)
        second = entries(connection, 2, before=first[-1].id)
    assert [one.who[-1] for one in (*first, *second)] == ["4", "3", "2", "1"]
