"""The watch: what is late, what does not arrive, and what silence means."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from helpline.menus.waves import Wave
from helpline.records.desk_tables import held_waves
from helpline.records.tables import messages
from helpline.reminders.figures import Arrived
from helpline.reminders.held import hold, key_of, let_go, set_apart
from helpline.reminders.pause import pause
from helpline.reminders.watch import has_fallen, no_tick, overdue, watch
from tests.reminders.people import CALENDAR, messages_of, paris, wave

MIDDLE, MONTH_BEFORE = wave("middle"), wave("middle", "2026-10")
NOON = paris(2026, 12, 8, 12)


def names(engine: Engine, now: datetime = NOON, failed_jobs: int = 0) -> list[str]:
    return [problem.name for problem in watch(engine, CALENDAR, now, failed_jobs)]


def test_an_empty_helpline_has_no_problem(engine: Engine) -> None:
    assert names(engine) == []


@pytest.mark.parametrize(
    ("before", "now", "fallen"),
    [
        ((95, 100), (60, 100), True),
        ((95, 100), (84, 100), True),
        ((95, 100), (86, 100), False),  # nine points
        ((95, 100), (0, 19), False),  # too few to tell
        ((19, 20), (17, 20), False),  # ten points, by chance
        ((19, 20), (13, 20), True),
        ((60, 100), (95, 100), False),
        ((0, 100), (0, 100), False),
        ((10, 19), (0, 100), False),
        ((100, 100), (0, 100), True),
        ((9_500, 10_000), (8_400, 10_000), True),
    ],
)
def test_a_fall_is_one_that_chance_does_not_explain(
    before: tuple[int, int], now: tuple[int, int], fallen: bool
) -> None:
    assert has_fallen(Arrived(*before), Arrived(*now)) is fallen


def test_a_wave_of_which_fewer_arrive_than_a_month_ago_is_a_problem(engine: Engine) -> None:
    messages_of(engine, MONTH_BEFORE, delivered=28, undelivered=2)
    messages_of(engine, MIDDLE, delivered=15, undelivered=5, accepted=3, failed=2, planned=5)
    _, found = watch(engine, CALENDAR, NOON)
    assert found.name == "arrived 2026-11 middle"
    assert found.words.startswith("Only 60% of the reminders of 08/12 arrived; last time (09/11) 93%.")


def test_what_left_within_the_hour_is_not_counted_yet(engine: Engine) -> None:
    messages_of(engine, MONTH_BEFORE, delivered=30)
    messages_of(engine, MIDDLE, accepted=30)
    assert names(engine, MIDDLE.begins + timedelta(minutes=59)) == []
    assert names(engine, MIDDLE.begins + timedelta(minutes=60)) == ["arrived 2026-11 middle"]


def test_what_is_tried_once_more_counts_as_not_arrived(engine: Engine) -> None:
    messages_of(engine, MONTH_BEFORE, delivered=30)
    messages_of(engine, MIDDLE, delivered=10, undelivered=20)
    with engine.begin() as connection:
        again = messages.c.state == "undelivered"
        connection.execute(update(messages).where(again).values(state="planned", due_at=paris(2026, 12, 9, 10)))
    assert names(engine) == ["arrived 2026-11 middle"]


def test_a_wave_without_one_a_month_ago_is_held_against_the_one_before(engine: Engine) -> None:
    messages_of(engine, wave("opening"), delivered=30)
    messages_of(engine, MIDDLE, undelivered=30)
    assert names(engine) == ["arrived 2026-11 middle"]


def test_a_month_of_few_callers_is_passed_over(engine: Engine) -> None:
    messages_of(engine, MONTH_BEFORE, undelivered=5)
    messages_of(engine, wave("opening"), delivered=30)
    messages_of(engine, MIDDLE, undelivered=30)
    assert names(engine) == ["arrived 2026-11 middle"]


def test_a_wave_whose_time_is_over_is_watched_no_more(engine: Engine) -> None:
    messages_of(engine, MONTH_BEFORE, delivered=30)
    messages_of(engine, MIDDLE, undelivered=30)
    assert names(engine, MIDDLE.not_after) == []


def test_the_first_wave_of_all_is_held_against_nothing(engine: Engine) -> None:
    messages_of(engine, MIDDLE, undelivered=30)
    assert names(engine) == []


def overdue_from(engine: Engine, due: datetime) -> None:
    messages_of(engine, MIDDLE, planned=1)
    with engine.begin() as connection:
        connection.execute(update(messages).values(due_at=due))


@pytest.mark.parametrize(
    ("due", "now", "late"),
    [
        (paris(2026, 12, 8, 11, 44), NOON, True),
        (paris(2026, 12, 8, 11, 46), NOON, False),
        (paris(2026, 12, 8, 12, 1), NOON, False),
        (paris(2026, 12, 7, 18, 50), paris(2026, 12, 8, 9, 10), False),  # the night does not count
        (paris(2026, 12, 7, 18, 50), paris(2026, 12, 8, 9, 20), True),
        (paris(2026, 12, 8, 9), paris(2026, 12, 8, 19, 30), False),
        (paris(2026, 12, 5, 9), paris(2026, 12, 6, 12), False),  # a Sunday
    ],
)
def test_texts_that_wait_in_hours_in_which_they_could_go_are_a_problem(
    engine: Engine, due: datetime, now: datetime, late: bool
) -> None:
    overdue_from(engine, due)
    assert names(engine, now) == (["overdue"] if late else [])


def test_calls_that_wait_are_called_calls(engine: Engine) -> None:
    overdue_from(engine, paris(2026, 12, 8, 11))
    with engine.begin() as connection:
        connection.execute(update(messages).values(queue="calls"))
    (problem,) = watch(engine, CALENDAR, NOON)
    assert problem.words.startswith("Calls have been due for 60 minutes and do not go out.")
    assert "CALLS_PER_SECOND" in problem.words


def test_texts_that_wait_for_as_long_as_calls_are_told_of_first(engine: Engine) -> None:
    messages_of(engine, MIDDLE, planned=1, skipped=1)
    with engine.begin() as connection:
        connection.execute(update(messages).values(due_at=paris(2026, 12, 8, 11)))
        connection.execute(update(messages).where(messages.c.state == "skipped").values(state="planned", queue="calls"))
    (problem,) = watch(engine, CALENDAR, NOON)
    assert problem.words.startswith("Texts have been due for 60 minutes")


def test_overdue_counts_only_time_in_which_texts_may_go() -> None:
    assert overdue(CALENDAR, paris(2026, 12, 7, 18), paris(2026, 12, 8, 9, 30)) == timedelta(minutes=30)
    assert overdue(CALENDAR, None, NOON) == timedelta(0)


def test_a_pause_by_the_carrier_is_a_problem_and_one_by_an_operator_only_when_texts_are_late(engine: Engine) -> None:
    with engine.begin() as connection:
        pause(connection, "operator", "a wrong word", NOON)
    assert names(engine) == []
    overdue_from(engine, paris(2026, 12, 8, 11))
    assert names(engine) == ["overdue"]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM controls")
        pause(connection, "carrier", "20003", NOON)
    found = watch(engine, CALENDAR, NOON)
    assert [problem.name for problem in found] == ["paused by carrier", "overdue"]
    assert "20003" in found[0].words
    assert found[0].told_at == NOON


def held_since(engine: Engine, since: datetime) -> None:
    with engine.begin() as connection:
        hold(connection, MIDDLE, "Anna", "a wrong word", since)
    set_apart(engine, since)


def test_a_held_wave_that_has_begun_is_a_problem_until_it_is_let_go(engine: Engine) -> None:
    messages_of(engine, MIDDLE, planned=3)
    held_since(engine, paris(2026, 12, 7, 11))
    assert names(engine, paris(2026, 12, 7, 12)) == []
    (problem,) = watch(engine, CALENDAR, MIDDLE.begins + timedelta(minutes=5))
    assert problem.name == "held 2026-11 middle"
    assert "since 07/12 11:00 by Anna. " in problem.words
    assert "a wrong word" not in problem.words  # it may be read where anybody reads
    assert "given up on 12/12 09:00" in problem.words
    with engine.begin() as connection:
        assert let_go(connection, key_of(MIDDLE))
    set_apart(engine, MIDDLE.begins + timedelta(minutes=5))
    assert names(engine, MIDDLE.begins + timedelta(minutes=5)) == []


def test_a_held_wave_is_told_of_before_its_messages_are_put_aside(engine: Engine) -> None:
    messages_of(engine, MIDDLE, planned=1)
    with engine.begin() as connection:
        hold(connection, MIDDLE, "Anna", "", MIDDLE.begins)
    (problem,) = watch(engine, CALENDAR, MIDDLE.begins + timedelta(minutes=5))
    assert "since 08/12 09:00 by Anna." in problem.words


def test_a_held_wave_wakes_nobody_at_night_and_one_without_messages_nobody_at_all(engine: Engine) -> None:
    held_since(engine, MIDDLE.begins)
    assert names(engine) == []
    messages_of(engine, MIDDLE, planned=1, delivered=1)
    set_apart(engine, NOON)
    assert names(engine, paris(2026, 12, 8, 22)) == []
    assert names(engine) == ["held 2026-11 middle"]
    assert names(engine, MIDDLE.not_after) == []


def test_the_words_about_a_held_wave_fit_into_an_alert(engine: Engine) -> None:
    messages_of(engine, MIDDLE, planned=1)
    held_since(engine, MIDDLE.begins)
    with engine.begin() as connection:
        connection.execute(update(held_waves).values(who="W" * 60))
    (problem,) = watch(engine, CALENDAR, NOON)
    assert len(problem.words) < 290


def test_failed_jobs_are_a_problem(engine: Engine) -> None:
    assert names(engine, failed_jobs=2) == ["failed jobs"]


def test_a_clock_that_has_not_ticked_for_two_minutes_is_a_problem(engine: Engine) -> None:
    assert no_tick(NOON - timedelta(minutes=2), NOON) is None
    silent = no_tick(NOON - timedelta(hours=3), NOON)
    assert silent
    assert "for 3 hours" in silent.words
    assert no_tick(None, NOON)


@pytest.mark.parametrize("found", [MIDDLE, wave("opening", "2026-12"), wave("missed", "2026-10")])
def test_every_wave_can_be_watched(engine: Engine, found: Wave) -> None:
    assert names(engine, found.begins + timedelta(hours=2)) == []
