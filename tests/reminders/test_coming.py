"""What is planned of things with a date of their own, by kind and day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Engine, insert

from helpline.records.tables import messages
from helpline.reminders.coming import Coming, coming, coming_soon
from tests.reminders.people import a_caller, paris

FRIDAY, SATURDAY = date(2026, 12, 11), date(2026, 12, 12)


def planned(engine: Engine, number: int, kind: str, due: datetime, **columns: str) -> None:
    row = {
        "caller_id": a_caller(engine, number),
        "kind": kind,
        "occurrence": "2026-12-14T14:30",
        "wave": "eve",
        "queue": "replies",
        "due_at": due,
        "not_after": due,
        "changed_at": due,
    }
    with engine.begin() as connection:
        connection.execute(insert(messages).values(row | columns))


def test_reminders_are_counted_by_kind_and_french_day(engine: Engine) -> None:
    planned(engine, 1, "appointment", paris(2026, 12, 11, 9))
    planned(engine, 2, "appointment", paris(2026, 12, 11, 17, 59), queue="calls")
    planned(engine, 3, "paper", paris(2026, 12, 11, 0, 30))
    planned(engine, 4, "appointment", paris(2026, 12, 12, 9))
    planned(engine, 5, "appointment", paris(2026, 12, 11, 9), state="delivered")
    planned(engine, 6, "welcome", paris(2026, 12, 11, 9))
    planned(engine, 7, "update", paris(2026, 12, 11, 9), queue="bulk")
    with engine.begin() as connection:
        assert coming(connection, FRIDAY, FRIDAY) == (
            Coming("appointment", FRIDAY, 2, 1),
            Coming("paper", FRIDAY, 1, 0),
        )
        assert coming_soon(connection, paris(2026, 12, 12, 23)) == (Coming("appointment", SATURDAY, 1, 0),)
        assert coming_soon(connection, paris(2026, 12, 13)) == ()
