"""Who waits to be called: in order, by language, and in sight of everybody who could call."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, Engine, event

from helpline.call_requests import waiting
from helpline.call_requests.bridging import LONGEST_CALL_SECONDS
from helpline.call_requests.taking import finish, take
from helpline.call_requests.waiting import FORGOTTEN_AFTER, SHOWN_AFTERWARDS, TOO_LONG, Standing
from helpline.desk.language import all_texts
from tests.call_requests.requests_made import NOW, asked

HOUR = timedelta(hours=1)


def test_who_has_waited_longest_comes_first_and_pages_follow_each_other(engine: Engine) -> None:
    with engine.begin() as connection:
        made = [asked(connection, place, NOW - HOUR * (place % 5)) for place in range(12)]
        order = sorted(made, key=lambda one: (-((one - made[0]) % 5), one))
        found: list[int] = []
        while more := waiting.waiting(connection, NOW, limit=5, after=found[-1] if found else 0):
            found += [one.id for one in more]
        assert found == order


def test_one_language_is_shown_by_itself(engine: Engine) -> None:
    with engine.begin() as connection:
        asked(connection, 1)
        english = asked(connection, 2, language="en")
        taken = asked(connection, 3, language="en")
        take(connection, taken, "Anna", NOW)
        assert [one.id for one in waiting.waiting(connection, NOW, language="en")] == [english]
        assert waiting.by_language(connection, NOW) == {"en": 1, "fr": 1}


def test_who_is_being_called_is_not_among_who_waits_until_they_are_forgotten(engine: Engine) -> None:
    with engine.begin() as connection:
        request = asked(connection)
        take(connection, request, "Anna", NOW)
        later = NOW + FORGOTTEN_AFTER
        assert waiting.waiting(connection, NOW) == []
        assert [one.taken_by for one in waiting.taken(connection, NOW)] == ["Anna"]
        (forgotten,) = waiting.waiting(connection, later)
        assert (forgotten.id, forgotten.taken_by) == (request, "Anna")
        assert (forgotten.is_forgotten(NOW), forgotten.is_forgotten(later)) == (False, True)
        assert waiting.taken(connection, later) == []


def test_a_demo_that_went_back_in_time_loses_nobody(engine: Engine) -> None:
    with engine.begin() as connection:
        take(connection, asked(connection), "Anna", NOW)
        last_week = NOW - timedelta(days=7)
        (one,) = waiting.waiting(connection, last_week)
        assert one.waits(last_week) == timedelta(0)
        assert waiting.standing(connection, last_week) == Standing(1, timedelta(0))


def test_how_it_stands_counts_who_could_be_taken(engine: Engine) -> None:
    with engine.begin() as connection:
        assert waiting.standing(connection, NOW) == Standing(0, timedelta(0))
        asked(connection, 1, NOW - HOUR)
        asked(connection, 2, NOW - 2 * HOUR)
        take(connection, asked(connection, 3, NOW - 9 * HOUR), "Anna", NOW)
        assert waiting.standing(connection, NOW) == Standing(2, 2 * HOUR)
        assert waiting.how_many(connection) == 3


def test_who_was_never_reached_stays_in_sight_for_thirty_days(engine: Engine) -> None:
    with engine.begin() as connection:
        old = asked(connection, 1, tries=2)
        recent = asked(connection, 2, tries=2)
        for request, at in ((old, NOW), (recent, NOW + HOUR)):
            take(connection, request, "Anna", at)
            assert finish(connection, request, "Anna", "no_answer", at) == "no_answer"
        assert [one.id for one in waiting.not_reached(connection, NOW + HOUR)] == [recent, old]
        assert [one.id for one in waiting.not_reached(connection, NOW + SHOWN_AFTERWARDS)] == [recent]
        assert waiting.waiting(connection, NOW + HOUR) == []


def test_among_many_that_have_ended_those_who_wait_are_found_by_an_index(sqlite_engine: Engine) -> None:
    """Else a page would cost more with each request that was ever made."""
    with sqlite_engine.begin() as connection:
        for looks in (waiting.waiting, waiting.taken, waiting.by_language, waiting.standing):
            for plan in plans(connection, lambda looks=looks: looks(connection, NOW)):  # type: ignore[misc]
                assert "USING INDEX ix_call_requests_open" in plan, (looks, plan)
                assert "SCAN call_requests USING" in plan or "SEARCH" in plan


def plans(connection: Connection, looks: object) -> list[str]:
    """How the database goes about what is asked of it."""
    asked_for: list[tuple[str, object]] = []

    def keep(_connection: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        asked_for.append((statement, given))

    event.listen(connection, "before_cursor_execute", keep)
    looks()  # type: ignore[operator]
    event.remove(connection, "before_cursor_execute", keep)
    found = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given) for sql, given in asked_for]  # type: ignore[arg-type]
    return ["; ".join(str(row[3]) for row in plan) for plan in found]


def test_nobody_takes_a_request_over_while_its_call_may_still_last(engine: Engine) -> None:
    with engine.begin() as connection:
        request = asked(connection)
        take(connection, request, "Anna", NOW)
        the_call_ends = NOW + timedelta(seconds=LONGEST_CALL_SECONDS)
        assert not take(connection, request, "Boris", the_call_ends + timedelta(minutes=10))


def test_the_page_says_after_how_long_others_may_take_it_over() -> None:
    minutes = f"{int(FORGOTTEN_AFTER.total_seconds()) // 60} minutes"
    assert all(minutes in text for text in all_texts()["requests.how_it_works"].values())


def test_it_is_a_problem_when_somebody_has_waited_for_more_than_a_day(engine: Engine) -> None:
    with engine.begin() as connection:
        assert waiting.problem(connection, NOW) is None
        asked(connection, 1, NOW - TOO_LONG)
        assert waiting.problem(connection, NOW) is None
        asked(connection, 2, NOW - TOO_LONG - HOUR)
        take(connection, asked(connection, 3, NOW - 9 * TOO_LONG), "Anna", NOW)  # somebody calls them
        found = waiting.problem(connection, NOW)
        assert found
        assert found.words.startswith("2 people wait to be called, one of them for more than 24 hours.")
