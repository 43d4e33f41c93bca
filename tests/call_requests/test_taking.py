"""Taking a request and what comes of it: one person has it, and none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from helpline.call_requests.taking import MOST_TRIES, finish, give_back, take
from helpline.call_requests.waiting import FORGOTTEN_AFTER, waiting
from helpline.consent.called_back import withdraw_request
from tests.call_requests.requests_made import NOW, asked, row_of
from tests.consent.test_at_once import all_at_once

AT_ONCE = 8


def new(engine: Engine, place: int = 1) -> int:
    with engine.begin() as connection:
        return asked(connection, place)


def takes(engine: Engine, request: int, who: str, now: datetime = NOW) -> bool:
    with engine.begin() as connection:
        return take(connection, request, who, now)


def no_answer(engine: Engine, request: int, who: str, now: datetime = NOW) -> str:
    with engine.begin() as connection:
        return finish(connection, request, who, "no_answer", now)


def test_of_two_people_who_take_the_same_one_the_first_has_it(engine: Engine) -> None:
    request = new(engine)
    assert takes(engine, request, "Anna")
    assert not takes(engine, request, "Boris")
    assert row_of(engine, request)["taken_by"] == "Anna"


def test_of_many_who_take_the_same_one_at_once_one_has_it(engine: Engine) -> None:
    for place in range(3):
        request = new(engine, place)
        found = all_at_once(*[_taking(engine, request, f"Operator {who}") for who in range(AT_ONCE)])
        (winner,) = [who for who in found if who]
        assert row_of(engine, request)["taken_by"] == winner


def _taking(engine: Engine, request: int, who: str, now: datetime = NOW) -> Callable[[], str]:
    return lambda: who if takes(engine, request, who, now) else ""


def test_one_that_was_forgotten_is_taken_over_by_one_only(engine: Engine) -> None:
    request, later = new(engine), NOW + FORGOTTEN_AFTER
    assert takes(engine, request, "Anna")
    assert not takes(engine, request, "Boris", later - timedelta(seconds=1))
    found = all_at_once(*[_taking(engine, request, f"Operator {who}", later) for who in range(AT_ONCE)])
    assert Counter(bool(who) for who in found) == {True: 1, False: AT_ONCE - 1}
    assert no_answer(engine, request, "Anna", later) == ""  # it is hers no more


def test_who_takes_it_again_keeps_it_for_longer(engine: Engine) -> None:
    request, later = new(engine), NOW + timedelta(minutes=20)
    assert takes(engine, request, "Anna")
    assert takes(engine, request, "Anna", later)
    assert not takes(engine, request, "Boris", NOW + FORGOTTEN_AFTER)


def test_one_that_is_given_back_is_anybodys(engine: Engine) -> None:
    request = new(engine)
    assert takes(engine, request, "Anna")
    with engine.begin() as connection:
        assert not give_back(connection, request, "Boris", NOW)
        assert give_back(connection, request, "Anna", NOW)
        assert not give_back(connection, request, "Anna", NOW)
    assert takes(engine, request, "Boris")


def test_one_that_is_done_has_no_number_left_and_is_taken_by_nobody(engine: Engine) -> None:
    request = new(engine)
    assert takes(engine, request, "Anna")
    with engine.begin() as connection:
        assert finish(connection, request, "Boris", "done", NOW) == ""
        assert finish(connection, request, "Anna", "done", NOW) == "done"
        assert finish(connection, request, "Anna", "done", NOW) == ""
    row = row_of(engine, request)
    assert (row["state"], row["number"], row["number_key"], row["taken_by"]) == ("done", None, None, "Anna")
    assert not takes(engine, request, "Boris")


def test_who_does_not_answer_waits_again_up_to_three_calls(engine: Engine) -> None:
    request = new(engine)
    for tries in range(1, MOST_TRIES):
        assert takes(engine, request, "Anna")
        assert no_answer(engine, request, "Anna") == "waiting"
        assert no_answer(engine, request, "Anna") == ""  # a second click counts nothing
        row = row_of(engine, request)
        assert (row["tries"], row["taken_by"]) == (tries, "")
        assert row["number"]
    assert takes(engine, request, "Boris")
    assert no_answer(engine, request, "Boris") == "no_answer"
    row = row_of(engine, request)
    assert (row["tries"], row["taken_by"], row["number"]) == (MOST_TRIES, "Boris", None)
    assert not takes(engine, request, "Anna", NOW + timedelta(days=1))


def test_who_withdrew_is_taken_by_nobody_and_finished_by_nobody(engine: Engine) -> None:
    request = new(engine)
    assert takes(engine, request, "Anna")
    with engine.begin() as connection:
        assert withdraw_request(connection, f"{1:032x}", NOW)
    assert no_answer(engine, request, "Anna") == ""
    assert not takes(engine, request, "Boris", NOW + timedelta(days=1))


def test_whatever_is_done_at_once_nobody_who_waits_is_lost(engine: Engine) -> None:
    requests = [new(engine, place) for place in range(4)]

    def work(who: str) -> Callable[[], str]:
        def act() -> str:
            for request in requests:
                if takes(engine, request, who):
                    no_answer(engine, request, who)
            return ""

        return act

    all_at_once(*[work(f"Operator {who}") for who in range(2)])
    with engine.connect() as connection:
        assert [one.id for one in waiting(connection, NOW)] == requests
        assert {one.tries for one in waiting(connection, NOW)} <= {1, 2}
