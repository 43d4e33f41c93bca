"""What holds of the waves of every calendar that `calendar.yaml` lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from helpline.menus.shapes import Calendar, SendingHours, WaveRule, Window
from helpline.menus.waves import (
    SPREAD,
    Wave,
    is_allowed,
    may_send_until,
    next_allowed,
    next_wave,
    occurrence_now,
    waves_between,
    waves_of,
)
from helpline.menus.windows import PARIS, month_after, window_of
from tests.menus.calendars import USUAL

DAY = timedelta(days=1)
NAMES = ["opening", "middle", "last", "missed"]

months = st.builds(date, st.integers(2024, 2032), st.integers(1, 12), st.just(1))
zones = st.sampled_from([UTC, PARIS, timezone(timedelta(hours=-10))])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=zones)  # noqa: DTZ001, zones come apart
closed = st.sampled_from(["next", "before"])
hours = st.builds(
    SendingHours,
    st.sampled_from([time(8), time(9), time(9, 30), time(10)]),
    st.sampled_from([time(11), time(18)]),
    st.sampled_from([time(18), time(19), time(20)]),
    st.frozensets(st.integers(0, 5), min_size=1),
)
rules = st.tuples(
    st.builds(WaveRule, st.just("opening"), st.just("opens"), st.integers(0, 9), closed),
    st.builds(WaveRule, st.just("middle"), st.just("closes"), st.integers(-14, -1), closed),
    st.builds(WaveRule, st.just("last"), st.just("closes"), st.integers(-14, -1), closed, st.just(True)),
    st.builds(WaveRule, st.just("missed"), st.just("closes"), st.integers(1, 9), st.just("next")),
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """The usual calendar, or one with other hours, other waves, and months with other dates."""
    calendar = USUAL
    if draw(st.booleans()):
        calendar = replace(calendar, hours=draw(hours), waves=draw(rules))
    for month in draw(st.lists(months, max_size=3, unique=True)):
        opens = month + timedelta(days=draw(st.integers(0, 50)))
        window = Window(opens, opens + timedelta(days=draw(st.integers(0, 30))))
        assume(window.closes <= month + timedelta(days=80))
        calendar = replace(calendar, overrides={**calendar.overrides, (month.year, month.month): window})
    for month in [date(*key, 1) for key in calendar.overrides]:
        before, after = month_after(month, -1), month_after(month, 1)
        window = window_of(calendar, month.year, month.month)
        assume(window_of(calendar, before.year, before.month).closes < window.opens)
        assume(window.closes < window_of(calendar, after.year, after.month).opens)
    return calendar


@st.composite
def calendar_months(draw: st.DrawFn) -> tuple[Calendar, date]:
    """A calendar and a month: one with other dates or next to it, where there is one."""
    calendar = draw(calendars())
    other = [month_after(date(*key, 1), add) for key in calendar.overrides for add in (-1, 0, 1)]
    return calendar, draw(st.sampled_from(other) if other else months)


@given(calendar_months())
def test_the_waves_of_a_month_keep_every_rule(calendar_month: tuple[Calendar, date]) -> None:
    calendar, month = calendar_month
    waves = waves_of(calendar, month.year, month.month)
    window = window_of(calendar, month.year, month.month)
    following = month_after(month, 1)
    reopens = window_of(calendar, following.year, following.month).opens

    assert len(waves) <= 4
    assert [wave.name for wave in waves] == [name for name in NAMES if name in {wave.name for wave in waves}]
    assert all(before.begins < after.begins for before, after in pairwise(waves))
    for wave in waves:
        day = wave.begins.date()
        assert is_allowed(calendar.hours, day)
        assert wave.deadline == window.closes
        if wave.name == "missed":
            assert window.closes < day < reopens
            assert wave.not_after <= wave.begins + timedelta(days=7)
            assert wave.not_after.date() < reopens
            assert not wave.for_last
        else:
            assert window.opens <= day < window.closes
            assert wave.not_after.date() <= window.closes
        assert wave.spread_until <= wave.not_after
        assert is_allowed(calendar.hours, wave.not_after.date())
        assert calendar.hours.begins <= wave.not_after.time() <= calendar.hours.ends
    while_open = [wave for wave in waves if wave.name != "missed"]
    assert all(before.not_after <= after.begins for before, after in pairwise(while_open))
    assert [wave.for_last for wave in while_open].count(True) == (1 if while_open else 0)


@given(calendar_months())
def test_there_is_a_reminder_whenever_there_is_an_allowed_day_for_it(calendar_month: tuple[Calendar, date]) -> None:
    calendar, month = calendar_month
    window = window_of(calendar, month.year, month.month)
    days = [window.opens + DAY * count for count in range((window.closes - window.opens).days)]
    allowed = [day for day in days if is_allowed(calendar.hours, day)]
    waves = waves_of(calendar, month.year, month.month)
    assert any(wave.for_last for wave in waves) == bool(allowed)


@given(calendar_months(), st.integers(0, SPREAD - 1))
def test_every_moment_of_every_caller_is_within_hours(calendar_month: tuple[Calendar, date], spread: int) -> None:
    calendar, month = calendar_month
    for wave in waves_of(calendar, month.year, month.month):
        for moment in (wave.moment(spread), wave.moment(0), wave.moment(SPREAD - 1)):
            assert wave.begins <= moment < wave.spread_until
            assert may_send_until(calendar, moment) is not None
            assert next_allowed(calendar, moment) == moment


@given(calendars(), moments, st.integers(0, 200), st.integers(0, 200))
def test_two_stretches_of_time_have_the_waves_of_both(
    calendar: Calendar, start: datetime, first: int, second: int
) -> None:
    middle, end = start + DAY * first, start + DAY * (first + second)
    whole = waves_between(calendar, start, end)
    assert whole == waves_between(calendar, start, middle) + waves_between(calendar, middle, end)
    assert all(before.begins < after.begins for before, after in pairwise(whole))
    assert all(start <= wave.begins < end for wave in whole)
    everything = [wave for month in months_near(start, end) for wave in waves_of(calendar, month.year, month.month)]
    assert [wave for wave in everything if start <= wave.begins < end] == list(whole)


def months_near(start: datetime, end: datetime) -> list[date]:
    count = (end - start).days // 28 + 10
    return [month_after(start.date(), add) for add in range(-6, count)]


@given(calendars(), moments, st.sampled_from(["all", "last"]), st.booleans())
def test_the_next_wave_is_in_the_future_and_none_is_before_it(
    calendar: Calendar, now: datetime, scope: str, done: bool
) -> None:
    done_occurrence = occurrence_now(calendar, now) if done else ""
    found = next_wave(calendar, now, "all" if scope == "all" else "last", done_occurrence)

    def wanted(wave: Wave) -> bool:
        return (scope == "all" or wave.for_last) and wave.occurrence > done_occurrence

    assert found.begins > now
    assert wanted(found)
    between = waves_between(calendar, now, found.begins)
    assert [wave for wave in between if wanted(wave) and wave.begins > now] == []


@given(calendars(), moments)
def test_the_next_allowed_moment_is_allowed_and_none_before_it_is(calendar: Calendar, now: datetime) -> None:
    allowed = next_allowed(calendar, now)
    until = may_send_until(calendar, allowed)
    assert allowed >= now
    assert until is not None
    assert until > allowed
    assert (may_send_until(calendar, now) is not None) == (allowed == now)
    while now < allowed:
        assert may_send_until(calendar, now) is None
        now += timedelta(minutes=97)


@given(calendars(), moments)
def test_the_occurrence_now_is_the_one_that_opened_last(calendar: Calendar, now: datetime) -> None:
    year, month = map(int, occurrence_now(calendar, now).split("-"))
    following = month_after(date(year, month, 1), 1)
    today = now.astimezone(PARIS).date()
    assert window_of(calendar, year, month).opens <= today
    assert today < window_of(calendar, following.year, following.month).opens
