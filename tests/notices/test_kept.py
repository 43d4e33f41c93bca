"""Notices in the database: one at a time, each with its end."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, Engine, func, insert, select

from helpline.notices.kept import KEPT, Notice, not_over, put_up, take_down
from helpline.records.desk_tables import notices
from tests.conftest import THURSDAY

WORDS = {"fr": "Le site est en panne.", "en": "The site is down."}
OTHER = {"fr": "Le site fonctionne mal.", "en": "The site works badly."}
EVENING = THURSDAY + timedelta(hours=8)
HOUR = timedelta(hours=1)


def up(connection: Connection, words: dict[str, str] = WORDS, **later: float) -> int:
    return put_up(connection, words, EVENING, "Anna", THURSDAY + timedelta(**later))


def test_a_notice_is_kept_with_its_words_its_end_and_who_put_it_up(engine: Engine) -> None:
    with engine.begin() as connection:
        made = up(connection)
        assert not_over(connection, THURSDAY) == Notice(made, THURSDAY, EVENING, WORDS, "Anna")


def test_it_is_over_at_its_end(engine: Engine) -> None:
    with engine.begin() as connection:
        up(connection)
        assert not_over(connection, EVENING - timedelta(seconds=1))
        assert not_over(connection, EVENING) is None


def test_a_new_one_takes_the_place_of_the_one_before(engine: Engine) -> None:
    with engine.begin() as connection:
        first, second = up(connection), up(connection, OTHER, minutes=5)
        found = not_over(connection, THURSDAY + HOUR)
        assert found is not None
        assert (found.id, found.words) == (second, OTHER)
        assert take_down(connection, second, THURSDAY + HOUR)
        assert first != second
        assert not_over(connection, THURSDAY + HOUR) is None


def test_who_takes_down_what_was_replaced_meanwhile_leaves_the_new_one_up(engine: Engine) -> None:
    with engine.begin() as connection:
        first, second = up(connection), up(connection, OTHER, minutes=5)
        assert not take_down(connection, first, THURSDAY + HOUR)
        found = not_over(connection, THURSDAY + HOUR)
        assert found is not None
        assert found.id == second


def test_of_two_that_were_put_up_in_one_moment_none_comes_back(engine: Engine) -> None:
    row = {"since": THURSDAY, "until": EVENING, "words": '{"fr": "x"}', "put_up_by": "Boris"}
    with engine.begin() as connection:
        for _ in range(2):
            connection.execute(insert(notices).values(row))
        found = not_over(connection, THURSDAY)
        assert found is not None
        assert take_down(connection, found.id, THURSDAY + HOUR)
        assert not_over(connection, THURSDAY + HOUR) is None


def test_taking_down_twice_is_told(engine: Engine) -> None:
    with engine.begin() as connection:
        made = up(connection)
        assert take_down(connection, made, THURSDAY + HOUR)
        assert not take_down(connection, made, THURSDAY + HOUR)


def test_old_ones_are_forgotten_after_a_year(engine: Engine) -> None:
    with engine.begin() as connection:
        up(connection)
        put_up(connection, OTHER, EVENING + KEPT + HOUR, "Anna", EVENING + KEPT - HOUR)
        assert connection.scalar(select(func.count()).select_from(notices)) == 2
        put_up(connection, WORDS, EVENING + KEPT + 2 * HOUR, "Anna", EVENING + KEPT + HOUR)
        assert connection.scalar(select(func.count()).select_from(notices)) == 2
