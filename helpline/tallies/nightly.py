"""What becomes of the tallies in the night: people are counted and their marks go, old days are added up."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import Engine, delete, select

from helpline.records.desk_tables import people_helped, tallies
from helpline.records.engine import reading
from helpline.tallies.counting import add
from helpline.tallies.reading import AT, PEOPLE

DAYS_KEPT = 400  # day by day: the same month of last year can be compared
PLACES_KEPT = 90  # days of where callers came and went on
BEFORE = date(1970, 1, 1)  # the day under which older ones are added up, so that no total ever falls


def tidy(engine: Engine, today: date) -> None:
    """Harmless to do again, at any time of the day."""
    count_people(engine, today)
    add_up_old_days(engine, today)


def count_people(engine: Engine, today: date) -> None:
    """Count who was helped on each day but today, and let go of their marks, in one transaction a day."""
    found = select(people_helped.c.day).where(people_helped.c.day < today.isoformat()).distinct()
    with reading(engine).connect() as connection:
        days = list(connection.scalars(found))
    for day in days:
        with engine.begin() as connection:
            # As many as are deleted, whoever else counts at this moment.
            gone = connection.execute(delete(people_helped).where(people_helped.c.day == day)).rowcount
            add(connection, {(day, PEOPLE, ""): gone})


def add_up_old_days(engine: Engine, today: date) -> None:
    """One day a transaction: its numbers are added to those of all days before, or let go."""
    old_places = (today - timedelta(days=PLACES_KEPT)).isoformat()
    before = (today - timedelta(days=DAYS_KEPT)).isoformat()
    is_old = (tallies.c.day < before, tallies.c.day > BEFORE.isoformat())
    with engine.begin() as connection:
        connection.execute(delete(tallies).where(tallies.c.day < old_places, tallies.c.name == AT))
    with reading(engine).connect() as connection:
        days = list(connection.scalars(select(tallies.c.day).where(*is_old).distinct().order_by(tallies.c.day)))
    for day in days:
        with engine.begin() as connection:
            gone = delete(tallies).where(tallies.c.day == day).returning(*tallies.c)
            counts: Counter[tuple[str, str, str]] = Counter()
            for _, name, labels, count in connection.execute(gone):
                counts[BEFORE.isoformat(), name, labels] += count
            add(connection, dict(counts))
