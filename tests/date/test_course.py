"""How the helpline's date went, and how long ago a date was in real time."""

from datetime import timedelta

from helpline.date.course import Course, Stretch
from tests.conftest import THURSDAY

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def test_where_the_date_is_the_real_one_age_and_dates_are_what_they_seem() -> None:
    course = Course(THURSDAY)
    assert course.age(THURSDAY - HOUR) == HOUR
    assert course.age(THURSDAY + HOUR) == -HOUR
    first, last = course.dates_around(THURSDAY, HOUR, 2 * HOUR)
    assert (first, last) == (THURSDAY - HOUR - SECOND, THURSDAY + 2 * HOUR + SECOND)


def test_what_was_before_a_jump_is_as_old_as_it_is() -> None:
    course = Course(THURSDAY, (Stretch(THURSDAY - HOUR, timedelta(days=18)),))
    assert course.age(THURSDAY - 3 * HOUR) == 3 * HOUR


def test_what_was_after_a_jump_is_as_old_as_it_is() -> None:
    course = Course(THURSDAY, (Stretch(THURSDAY - HOUR, timedelta(days=18)),))
    assert course.age(THURSDAY + timedelta(days=18) - HOUR / 2) == HOUR / 2


def test_a_date_that_never_was_is_no_older_than_the_last_jump() -> None:
    course = Course(THURSDAY, (Stretch(THURSDAY - HOUR, timedelta(days=18)),))
    assert course.age(THURSDAY + timedelta(days=7)) == HOUR


def test_a_date_that_is_yet_to_come_again_is_no_older_than_when_it_was_left() -> None:
    ahead = Stretch(THURSDAY - 3 * HOUR, timedelta(days=18))
    course = Course(THURSDAY, (ahead, Stretch(THURSDAY - 2 * HOUR, timedelta(0))))
    assert course.age(THURSDAY + timedelta(days=18)) == 2 * HOUR


def test_what_the_carrier_dated_after_a_jump_is_looked_for_there_too() -> None:
    jump = THURSDAY - HOUR
    course = Course(THURSDAY, (Stretch(jump, timedelta(days=18)),))
    minute = timedelta(minutes=1)
    first, last = course.dates_around(jump - minute, 2 * minute, 2 * minute)
    assert first == jump - 3 * minute - SECOND
    assert jump + timedelta(days=18) < last < jump + timedelta(days=18) + 2 * minute
