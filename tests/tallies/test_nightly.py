"""In the night people are counted, their marks go, and old days are added up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select

from helpline.records.desk_tables import people_helped
from helpline.tallies.counting import Tallies, add
from helpline.tallies.nightly import DAYS_KEPT, PLACES_KEPT, tidy
from helpline.tallies.people import PeopleHelped
from helpline.tallies.reading import people_by_day, totals
from helpline.telemetry.counters import Counters
from tests.conftest import THURSDAY, Clock
from tests.tallies.conftest import written

THE_THIRD = date(2026, 12, 3)


def helped(engine: Engine, days_ago: int, *numbers: int) -> None:
    people = PeopleHelped(b"a key for tests")
    for number in numbers:
        people.note(f"+3363998{number:04}", THURSDAY - timedelta(days=days_ago))
    Tallies(engine, Counters(), people, Clock()).write()


def marks(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(people_helped)) or 0


def people(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {f"{day:%d}": count for day, count in people_by_day(connection, date(2026, 11, 1)).items()}


def test_people_are_counted_once_their_day_is_over_and_nothing_of_them_is_left(engine: Engine) -> None:
    helped(engine, 0, 1)
    helped(engine, 1, 1, 2, 3)
    helped(engine, 1, 2)  # again, told by another process
    helped(engine, 2, 9)
    before = people(engine)
    assert before == {"03": 1, "02": 3, "01": 1}
    tidy(engine, THE_THIRD)
    assert marks(engine) == 1
    assert written(engine) == {"2026-12-01 people{}": 1, "2026-12-02 people{}": 3}
    assert people(engine) == before
    tidy(engine, THE_THIRD)
    assert people(engine) == before


def test_the_same_person_has_another_mark_each_day() -> None:
    known = PeopleHelped(b"a key for tests")
    number = "+33639980001"
    found = {known.mark(number, THE_THIRD), known.mark(number, THE_THIRD - timedelta(days=1))}
    found.add(PeopleHelped(b"another key").mark(number, THE_THIRD))
    assert len(found) == 3
    assert all(len(mark) == 16 for mark in found)
    assert known.mark(number, THE_THIRD) == known.mark(number, THE_THIRD)


def test_a_withheld_number_is_nobody(engine: Engine) -> None:
    known = PeopleHelped(b"a key for tests")
    known.note("", THURSDAY)
    assert known.take() == set()


def test_old_days_are_added_up_so_that_no_total_falls(engine: Engine) -> None:
    def of(days_ago: int) -> str:
        return (THE_THIRD - timedelta(days=days_ago)).isoformat()

    counts = {(of(days), "turns", "channel=sms"): 10 for days in (0, 1, DAYS_KEPT, DAYS_KEPT + 1, DAYS_KEPT + 2)}
    places = {(of(days), "at", "channel=sms,did=shown,node=menu"): 1 for days in (0, PLACES_KEPT, PLACES_KEPT + 1)}
    with engine.begin() as connection:
        add(connection, {**counts, **places})
    for _ in range(2):
        tidy(engine, THE_THIRD)
        found = written(engine)
        assert found["1970-01-01 turns{channel=sms}"] == 20
        assert len([name for name in found if "turns" in name]) == 4
        assert [name.split()[0] for name in found if " at{" in name] == [of(PLACES_KEPT), of(0)]
        with engine.connect() as connection:
            assert [each.count for each in totals(connection, ["turns"])] == [50]


@pytest.mark.parametrize("days_ago", [-3, 0])
def test_marks_of_today_and_of_a_day_somebody_came_back_from_stay(engine: Engine, days_ago: int) -> None:
    helped(engine, days_ago, 1)
    tidy(engine, THE_THIRD)
    assert marks(engine) == 1
