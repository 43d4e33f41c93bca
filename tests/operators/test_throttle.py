"""Attempts are held back, and nobody outside can hold an operator back for long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select

from helpline.operators import accounts, links, throttle
from helpline.operators.signing_in import Door, Refused, SignedIn
from helpline.records.desk_tables import audit, sign_in_attempts
from tests.operators.conftest import NOW
from tests.operators.people import KEYS, Somebody

LATER = NOW + timedelta(hours=1)


def guess(anna: Somebody, times: int, name: str = "Anna", address: str = "203.0.113.9") -> list[Refused | SignedIn]:
    return [anna.sign_in(LATER, password="a guess", name=name, address=address) for _ in range(times)]


def is_held_back(found: Refused | SignedIn) -> bool:
    return isinstance(found, Refused) and found.wait is not None


def test_after_five_guesses_at_a_name_not_even_the_right_password_is_looked_at(anna: Somebody) -> None:
    assert not any(is_held_back(found) for found in guess(anna, throttle.OF_NAME))
    found = anna.sign_in(LATER)
    assert isinstance(found, Refused)
    assert found.wait == throttle.WINDOW


def test_it_is_the_same_for_a_name_that_nobody_has(anna: Somebody) -> None:
    known, unknown = guess(anna, 7), guess(anna, 7, name="Boris", address="203.0.113.10")
    assert known == unknown


def test_it_is_over_after_a_quarter_of_an_hour(anna: Somebody) -> None:
    guess(anna, throttle.OF_NAME)
    assert is_held_back(anna.sign_in(LATER + throttle.WINDOW - timedelta(seconds=1)))
    assert isinstance(anna.sign_in(LATER + throttle.WINDOW), SignedIn)


def test_a_browser_that_she_used_before_is_not_held_back_by_others(anna: Somebody) -> None:
    before = anna.sign_in(NOW + timedelta(minutes=10))
    assert isinstance(before, SignedIn)
    guess(anna, 50)
    assert isinstance(anna.sign_in(LATER, browser=before.browser), SignedIn)


def test_that_browser_counts_by_itself_and_for_her_only(anna: Somebody) -> None:
    before = anna.sign_in(NOW + timedelta(minutes=10))
    assert isinstance(before, SignedIn)
    known = before.browser
    tries = [anna.sign_in(LATER, password="a guess", browser=known) for _ in range(throttle.OF_BROWSER + 1)]
    assert [is_held_back(found) for found in tries] == [False] * throttle.OF_BROWSER + [True]
    others = [anna.sign_in(LATER, name="Boris", browser=known) for _ in range(throttle.OF_NAME + 1)]
    assert is_held_back(others[-1])


def test_a_browser_is_not_forged(anna: Somebody) -> None:
    guess(anna, throttle.OF_NAME)
    for forged in ("", "x", "e30.x", throttle.browser_known(anna.door.keys, "Boris")):
        assert is_held_back(anna.sign_in(LATER, browser=forged))


def test_a_new_link_is_not_held_back(anna: Somebody, door: Door) -> None:
    guess(anna, throttle.OF_NAME)
    with door.engine.begin() as connection:
        link = accounts.reset(connection, KEYS, "Anna", "a test", LATER)
        assert links.invitation(connection, KEYS, link.token, LATER) is not None


def test_one_address_is_held_back_whatever_names_it_tries(anna: Somebody) -> None:
    found = [guess(anna, 1, name=f"Name {'abcdefghijklmnopqrstuvwxyz'[place]}")[0] for place in range(21)]
    assert [is_held_back(one) for one in found] == [False] * throttle.OF_ADDRESS + [True]
    assert isinstance(anna.sign_in(LATER), SignedIn)


def test_all_together_are_held_back_and_write_nothing_more(anna: Somebody, door: Door) -> None:
    for place in range(throttle.OF_ALL):
        guess(anna, 1, name=f"Name {place}", address=f"203.0.113.{place}")
    with door.engine.connect() as connection:
        before = connection.scalar(select(func.count()).select_from(audit))
    assert is_held_back(guess(anna, 1, name="One more", address="198.51.100.1")[0])
    with door.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(audit)) == before
        assert not any("One more" in str(row) for row in connection.execute(select(sign_in_attempts)))


def test_guesses_at_once_are_counted_before_they_are_looked_at(anna: Somebody) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: guess(anna, 1)[0], range(16)))
    assert sum(not is_held_back(one) for one in found) == throttle.OF_NAME


def test_who_gets_in_has_no_guesses_behind_them(anna: Somebody) -> None:
    for hour in range(3):
        at = LATER + timedelta(minutes=hour)
        assert not is_held_back(anna.sign_in(at, password="a slip"))
        assert not is_held_back(anna.sign_in(at, password="a slip"))
        assert isinstance(anna.sign_in(at), SignedIn)


def test_nothing_that_counted_is_kept(anna: Somebody, door: Door) -> None:
    guess(anna, 2)
    anna.sign_in(LATER + throttle.WINDOW)
    with door.engine.connect() as connection:
        kept = connection.execute(select(sign_in_attempts)).all()
    assert {row.tries for row in kept} == {0}
    assert "203.0.113" not in str(kept)


def test_a_clock_that_was_wrong_holds_nobody_back(anna: Somebody) -> None:
    for _ in range(throttle.OF_NAME + 1):
        anna.sign_in(LATER + timedelta(days=400), password="a guess")
    assert isinstance(anna.sign_in(LATER), SignedIn)
