"""Whether so many people can be reminded in time: reckoned from the calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.capacity.reckoning import Plan, loads_of, reckoned
from helpline.menus.waves import is_allowed, may_send_until, waves_between
from helpline.menus.windows import PARIS
from tests.menus.calendars import USUAL

NOW = datetime(2026, 11, 22, 21, tzinfo=PARIS)
YEAR = waves_between(USUAL, NOW, NOW + timedelta(days=365))
CENTS = Decimal("0.07")


def plan(people: int, per_second: float) -> Plan:
    return Plan(people, per_second, 2, CENTS)


def test_a_small_helpline_is_done_when_the_day_is() -> None:
    found = reckoned(USUAL, plan(5000, 1), NOW)
    assert found.late == 0
    assert {load.ends for load in found.loads} == {load.wave.spread_until for load in found.loads}


def test_a_wave_goes_on_the_next_allowed_day() -> None:
    last = next(load for load in loads_of(USUAL, YEAR, 400_000, 10) if load.wave.name == "last")
    # Saturday 12 December: ten hours at 10 a second are 360,000; the others go on Monday.
    assert last.began == datetime(2026, 12, 12, 9, tzinfo=PARIS)
    assert last.ends - datetime(2026, 12, 14, 9, tzinfo=PARIS) == timedelta(seconds=4000)
    assert last.late == 0


def test_a_million_at_ten_a_second_is_too_late_in_some_months() -> None:
    found = reckoned(USUAL, plan(1_000_000, 10), NOW)
    february = next(load for load in found.loads if (load.wave.name, load.wave.occurrence) == ("last", "2027-01"))
    assert february.late == 280_000  # Saturday the 13th and Monday the 15th: two days
    assert february.ends == february.wave.not_after


def test_the_rate_that_is_enough_is_the_smallest() -> None:
    enough = reckoned(USUAL, plan(1_000_000, 10), NOW).enough_per_second
    assert reckoned(USUAL, plan(1_000_000, enough), NOW).late == 0
    assert reckoned(USUAL, plan(1_000_000, enough - 1), NOW).late > 0


def test_what_expires_is_not_paid() -> None:
    found = reckoned(USUAL, plan(1_000_000, 1), NOW)
    sent = sum(load.messages - load.late for load in found.loads)
    assert found.segments == 2 * sent
    assert found.cost == found.segments * CENTS


def test_rows_are_those_of_the_busiest_ninety_days() -> None:
    rows = reckoned(USUAL, plan(1000, 1), NOW).rows
    assert rows["messages"] == 13_000  # four waves a month, and the first of a fourth
    assert (rows["callers"], rows["subscriptions"], rows["consents"]) == (1000, 1000, 2000)


@pytest.mark.parametrize(("people", "per_second"), [(0, 1), (1, 0), (1, -1)])
def test_nobody_or_no_rate_is_refused(people: int, per_second: float) -> None:
    with pytest.raises(ValueError, match="people"):
        reckoned(USUAL, plan(people, per_second), NOW)


@given(st.integers(1, 5_000_000), st.floats(0.05, 500))
def test_every_message_is_sent_or_late_within_the_hours(people: int, per_second: float) -> None:
    before = None
    for load in loads_of(USUAL, YEAR, people, per_second):
        assert 0 <= load.late <= people
        assert load.began <= load.ends <= load.wave.not_after
        assert is_allowed(USUAL.hours, load.ends.astimezone(PARIS).date())
        assert may_send_until(USUAL, load.ends - timedelta(microseconds=1)) or load.late == people
        assert before is None or load.began >= min(before, load.wave.not_after)
        before = load.ends


@given(st.integers(1, 2_000_000), st.floats(0.5, 100))
def test_a_higher_rate_is_never_worse(people: int, per_second: float) -> None:
    slow = loads_of(USUAL, YEAR, people, per_second)
    fast = loads_of(USUAL, YEAR, people, per_second * 2)
    assert sum(load.late for load in fast) <= sum(load.late for load in slow)


@given(st.integers(1, 3_000_000), st.floats(0.5, 50))
def test_each_message_goes_out_on_some_day_or_is_late(people: int, per_second: float) -> None:
    for load in loads_of(USUAL, YEAR, people, per_second):
        assert sum(load.by_day.values()) + load.late == people
        assert all(is_allowed(USUAL.hours, day) for day in load.by_day)
