from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from helpline.menus.dated import dated_wave, dated_waves, moment_of, over_at, waves_left
from helpline.menus.waves import is_allowed
from helpline.menus.windows import PARIS
from tests.menus.dated_kinds import DATED

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 1, 1), date(2030, 12, 31)
EVERY_DAY = [FIRST + DAY * count for count in range((LAST - FIRST).days + 1)]  # five years
CLOCKS = [time(0), time(7, 15), time(9), time(10, 29), time(10, 30), time(11), time(14, 30), time(18), time(23, 59)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def names(kind: str, occurrence: str) -> list[tuple[str, str]]:
    return [(wave.name, f"{wave.begins:%Y-%m-%d %H:%M}") for wave in dated_waves(DATED, kind, occurrence)]


def left(kind: str, occurrence: str, now: str) -> list[tuple[str, str]]:
    return [(wave.name, f"{wave.begins:%Y-%m-%d %H:%M}") for wave in waves_left(DATED, kind, occurrence, at(now))]


def test_an_appointment_is_reminded_of_the_day_before_and_in_its_morning() -> None:
    assert names("appointment", "2026-12-11T14:30") == [("eve", "2026-12-10 09:00"), ("morning", "2026-12-11 09:00")]


def test_the_morning_reminder_leaves_ninety_minutes() -> None:
    assert names("appointment", "2026-12-11T10:29") == [("eve", "2026-12-10 09:00")]
    assert names("appointment", "2026-12-11T10:30") == [("eve", "2026-12-10 09:00"), ("morning", "2026-12-11 09:00")]


def test_the_morning_reminder_has_some_time_to_get_out_and_never_much_more() -> None:
    tight, roomy = (dated_wave(DATED, "appointment", f"2026-12-11T{clock}", "morning") for clock in ("10:30", "14:30"))
    assert tight
    assert tight.not_after == at("2026-12-11T09:30")
    assert roomy
    assert roomy.not_after == at("2026-12-11T13:00")


@pytest.mark.parametrize(
    ("occurrence", "eve"),
    [
        ("2026-12-14T14:30", "2026-12-12 09:00"),  # Monday: on Saturday
        ("2026-12-13T14:30", "2026-12-12 09:00"),  # on a Sunday
        ("2026-12-25T14:30", "2026-12-24 09:00"),  # at Christmas
        ("2026-12-26T09:00", "2026-12-24 09:00"),  # the day after it
        ("2026-05-02T14:30", "2026-04-30 09:00"),
    ],
)
def test_the_eve_goes_to_the_last_day_before_on_which_we_may_write(occurrence: str, eve: str) -> None:
    assert names("appointment", occurrence)[0] == ("eve", eve)


@pytest.mark.parametrize("occurrence", ["2026-12-13T14:30", "2026-12-25T14:30"])
def test_nothing_goes_on_the_day_itself_if_that_is_a_sunday_or_a_holiday(occurrence: str) -> None:
    assert [name for name, _ in names("appointment", occurrence)] == ["eve"]


def test_a_paper_is_reminded_of_120_and_75_and_15_days_before() -> None:
    assert names("paper", "2027-03-31") == [
        ("first", "2026-12-01 09:00"),
        ("second", "2027-01-15 09:00"),
        ("last", "2027-03-16 09:00"),
    ]


def test_a_paper_of_which_only_the_month_is_known_is_counted_from_its_first_day() -> None:
    assert names("paper", "2027-03") == names("paper", "2027-03-01")


def test_each_reminder_of_a_paper_may_be_late_until_the_next_one_begins() -> None:
    first, second, last = dated_waves(DATED, "paper", "2027-03-31")
    assert (first.not_after, second.not_after) == (second.begins, last.begins)
    assert last.not_after == at("2027-03-30T19:00")


def test_a_kind_may_move_to_the_next_day_and_may_come_on_the_day_itself() -> None:
    assert names("training", "2026-12-20") == [("week", "2026-12-14 09:00")]
    assert names("training", "2026-12-21") == [("week", "2026-12-14 09:00"), ("start", "2026-12-21 09:00")]


def test_who_notes_an_appointment_on_its_eve_is_reminded_in_the_morning() -> None:
    assert left("appointment", "2026-12-11T14:30", "2026-12-10T20:00") == [("morning", "2026-12-11 09:00")]


def test_the_last_reminder_that_has_begun_still_goes_where_that_is_of_use() -> None:
    assert left("appointment", "2026-12-11T14:30", "2026-12-11T11:00") == [("morning", "2026-12-11 11:00")]
    assert left("paper", "2026-12-24", "2026-12-12T20:00") == [("last", "2026-12-14 09:00")]


def test_for_who_asks_in_a_call_nothing_that_has_begun_goes() -> None:
    begun, ahead = at("2026-12-11T11:00"), at("2026-12-10T20:00")
    assert waves_left(DATED, "appointment", "2026-12-11T14:30", begun, at_once=False) == ()
    both = [waves_left(DATED, "appointment", "2026-12-11T14:30", ahead, at_once=once) for once in (True, False)]
    assert both[0] == both[1] != ()


@pytest.mark.parametrize(
    ("occurrence", "now"),
    [
        ("2026-12-11T14:30", "2026-12-11T12:00"),
        ("2026-12-11T09:00", "2026-12-10T18:30"),
        ("2026-12-11T09:00", "2026-12-10T22:00"),
        ("2026-12-11T14:30", "2026-12-12T09:00"),
        ("2026-12-13T09:00", "2026-12-12T18:01"),
    ],
)
def test_too_late_is_told(occurrence: str, now: str) -> None:
    assert left("appointment", occurrence, now) == []


def test_nothing_comes_of_a_kind_or_a_date_that_is_not_known() -> None:
    assert not dated_waves(DATED, "holiday", "2026-12-11")
    for occurrence in ("", "soon", "2026-13-01", "2026-02-30", "0001-01-01", "9999-12-31", "2026-12-11T14:30+02:00"):
        assert not dated_waves(DATED, "paper", occurrence)


def test_the_moment_of_a_thing_is_french_time() -> None:
    assert moment_of("2026-12-11T14:30") == datetime(2026, 12, 11, 13, 30, tzinfo=UTC)
    assert moment_of("2026-07-11") == datetime(2026, 7, 10, 22, tzinfo=UTC)
    assert moment_of("2027-03") == moment_of("2027-03-01")


def test_a_thing_is_over_at_its_moment_or_with_its_day() -> None:
    assert over_at("2026-12-11T14:30") == at("2026-12-11T14:30")
    assert over_at("2026-12-11") == at("2026-12-12T00:00")
    assert over_at("nothing") is None


def occurrences(day: date) -> list[tuple[str, str]]:
    clock = CLOCKS[day.toordinal() % len(CLOCKS)]
    return [
        *(("appointment", f"{day}T{each:%H:%M}") for each in {clock, time(10, 30), time(14, 30)}),
        ("paper", f"{day}"),
        ("training", f"{day}"),
    ]


def test_on_every_day_of_five_years_what_goes_goes_in_hours_in_order_and_in_time() -> None:
    hours = DATED.hours
    for day in EVERY_DAY:
        for kind, occurrence in occurrences(day):
            waves = dated_waves(DATED, kind, occurrence)
            over = over_at(occurrence)
            assert over
            assert waves, f"{kind} {occurrence}: nobody is reminded"
            rules = {rule.name: rule for rule in DATED.kinds[kind].waves}
            before = None
            for wave in waves:
                rule, said = rules[wave.name], f"{kind} {occurrence} {wave}"
                assert is_allowed(hours, wave.begins.date()), said
                assert wave.begins.timetz() == hours.begins.replace(tzinfo=PARIS), said
                assert wave.begins <= over - rule.leaves, said
                assert wave.begins <= wave.spread_until <= wave.not_after <= over, said
                assert wave.begins + timedelta(minutes=10) < wave.not_after, said
                assert wave.not_after <= max(over - rule.leaves, wave.begins + timedelta(minutes=30)), said
                assert (wave.begins.date() == day) == (rule.days_before == 0), said
                assert before is None or before.not_after <= wave.begins, said
                before = wave


def test_on_every_day_of_five_years_the_eve_is_the_last_allowed_day_before() -> None:
    for day in EVERY_DAY:
        eve = dated_wave(DATED, "appointment", f"{day}T14:30", "eve")
        assert eve
        between = (eve.begins.date() + DAY * count for count in range(1, (day - eve.begins.date()).days))
        assert not any(is_allowed(DATED.hours, each) for each in between)
        morning = dated_wave(DATED, "appointment", f"{day}T14:30", "morning")
        assert (morning is not None) == is_allowed(DATED.hours, day)


def test_on_every_day_of_five_years_who_asks_late_gets_what_is_left_and_nothing_twice() -> None:
    for day in EVERY_DAY:
        for kind, occurrence in occurrences(day)[:4]:
            waves = dated_waves(DATED, kind, occurrence)
            for ago in (timedelta(hours=1), timedelta(hours=5), DAY, 2 * DAY, 16 * DAY, 80 * DAY, 130 * DAY):
                over = over_at(occurrence)
                assert over
                now = over - ago
                found = waves_left(DATED, kind, occurrence, now)
                later = [wave.name for wave in waves if wave.begins > now]
                assert [wave.name for wave in found] == later or (not later and len(found) == 1)
                for wave in found:
                    assert now <= wave.begins < wave.not_after <= over
                    assert is_allowed(DATED.hours, wave.begins.astimezone(PARIS).date())
                    assert DATED.hours.begins <= wave.begins.astimezone(PARIS).time() < DATED.hours.ends
