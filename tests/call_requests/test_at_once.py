"""Several wishes at the same moment: one request is open, and none is lost."""

from __future__ import annotations

from collections import Counter

from tests.call_requests.wanting import Wanting
from tests.consent.test_at_once import all_at_once

AT_ONCE = 8


def test_of_wishes_of_one_number_at_once_one_is_open(somebody: Wanting) -> None:
    found = all_at_once(*[somebody.texts().wants] * AT_ONCE)
    assert Counter(found) == {"requested": 1, "known": AT_ONCE - 1}
    assert somebody.states() == ["waiting"]


def test_one_webhook_many_times_at_once_is_one_wish(somebody: Wanting) -> None:
    assert set(all_at_once(*[lambda: somebody.misses("CA1.4")] * AT_ONCE)) == {"requested"}
    assert somebody.states() == ["waiting"]


def test_wishes_of_many_at_once_are_all_noted(somebody: Wanting) -> None:
    people = [somebody.texts().at(f"+336399803{place:02}") for place in range(12)]
    assert set(all_at_once(*[person.wants for person in people])) == {"requested"}
    assert [person.states() for person in people] == [["waiting"]] * 12


def test_a_wish_and_a_stop_at_once_leave_nothing_half_done(somebody: Wanting) -> None:
    for place in range(6):
        person = somebody.texts().at(f"+336399804{place:02}")
        wished, stopped = all_at_once(person.wants, lambda person=person: person.says("stop"))  # type: ignore[misc]
        assert (wished, stopped) == ("requested", "stopped")
        (request,) = person.requests()
        assert (request.state, request.number is None) in {("waiting", False), ("withdrawn", True)}
