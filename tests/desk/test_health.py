"""How each part does, in words: what is, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from helpline.call_requests.waiting import Standing as Asked
from helpline.carrier.errors import act_on
from helpline.desk.health import WHY_REFUSED, Found, Told, told
from helpline.desk.language import words_in
from helpline.reminders.consequences import NOTHING_GOES_OUT
from helpline.reminders.health import Standing
from helpline.reminders.held import Held
from helpline.reminders.pause import By, Pause
from helpline.reminders.spending import Spending
from helpline.reminders.watch import Sending
from helpline.telemetry.alerts import Open
from tests.conftest import THURSDAY

WELL = Found(True, (), Standing(Sending(None, None, timedelta(0)), THURSDAY, ()), THURSDAY)


def paused(by: By, reason: str, *problems: Open) -> Found:
    pause = Pause(by, reason, THURSDAY, THURSDAY)
    return replace(WELL, standing=Standing(Sending(pause, None, timedelta(0)), THURSDAY, problems))


def not_well(found: Found) -> list[Told]:
    return [one for one in told(found) if one.level != "well"]


def test_where_all_is_well_each_part_says_so() -> None:
    assert not_well(WELL) == []
    assert {one.name for one in told(WELL)} == {"reminders", "callers", "prompts", "database"}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        *(("20005", "no_credit"), ("30002", "no_credit"), ("20003", "no_access"), ("401", "no_access")),
        *(("21606", "wrong_sender"), ("63038", "used_up"), ("words", "no_words"), ("99999", "other")),
    ],
)
def test_why_the_carrier_takes_nothing_is_told_by_its_code(code: str, why: str) -> None:
    (one,) = not_well(paused("carrier", code))
    assert (one.level, one.name, one.why) == ("fails", "paused_by_carrier", why)


def test_every_code_that_has_words_is_one_for_an_operator() -> None:
    codes = [int(code) for of in WHY_REFUSED.values() for code in of if code.isdigit()]
    assert {act_on(code, http=code if code < 1000 else 400) for code in codes} == {"operator"}


def test_the_alert_of_a_pause_is_not_told_beside_the_pause() -> None:
    alert = Open("0a1b2c", f"{NOTHING_GOES_OUT}: the carrier answers with error 20005", THURSDAY)
    other = Open("3d4e5f", "A withdrawal could be written neither here nor there", THURSDAY)
    names = [one.name for one in not_well(paused("carrier", "20005", alert, other))]
    assert names == ["paused_by_carrier", "problem"]


@pytest.mark.parametrize(("by", "name"), [("operator", "paused_by_operator"), ("restore", "paused_by_restore")])
def test_a_pause_that_somebody_wants_waits_and_is_no_failure(by: By, name: str) -> None:
    (one,) = not_well(paused(by, "a wrong word"))
    assert (one.level, one.name) == ("waits", name)


def test_a_clock_that_is_silent_and_texts_that_are_late_are_failures() -> None:
    silent = replace(WELL, standing=replace(WELL.standing, last_tick=THURSDAY - timedelta(minutes=3)))
    late = replace(WELL, standing=replace(WELL.standing, sending=Sending(None, THURSDAY, timedelta(minutes=20))))
    assert [one.name for one in not_well(silent)] == ["no_clock"]
    assert [(one.name, one.values) for one in not_well(late)] == [("late", {"minutes": 20})]
    for found in (silent, late):
        assert "reminders" not in [one.name for one in told(found)]


@pytest.mark.parametrize("since_a_tick", [timedelta(seconds=10), timedelta(minutes=3)])
def test_without_redis_the_clock_is_not_blamed_for_standing_still(since_a_tick: timedelta) -> None:
    standing = replace(WELL.standing, last_tick=THURSDAY - since_a_tick)
    found = told(replace(WELL, redis_is_up=False, standing=standing))
    assert [one.name for one in found] == ["redis", "prompts", "database"]


def test_redis_prompts_and_other_problems_are_told_and_failures_come_first() -> None:
    problems = (
        Open("arrived 2026-11 last", "Only 62% arrived", THURSDAY),
        Open("failed jobs", "2 jobs have failed", THURSDAY),
        Open("no tick", "No clock has ticked", THURSDAY),
    )
    found = Found(False, ("a.yaml: no end",), replace(WELL.standing, problems=problems), THURSDAY)
    assert [(one.level, one.name, one.detail) for one in not_well(found)] == [
        ("fails", "few_arrive", "Only 62% arrived"),
        ("fails", "failed_jobs", "2 jobs have failed"),
        ("fails", "redis", ""),
        ("waits", "prompts_refused", "a.yaml: no end"),
    ]


def test_who_waits_to_be_called_is_told_and_that_nobody_does_is_not() -> None:
    (one,) = not_well(replace(WELL, asked=Asked(1, timedelta(hours=2))))
    assert (one.level, one.name) == ("waits", "one_waits")
    (many,) = not_well(replace(WELL, asked=Asked(2, timedelta(hours=2))))
    assert (many.name, many.values) == ("people_wait", {"count": 2, "waits": timedelta(hours=2)})


def test_a_wave_that_is_held_back_is_not_forgotten() -> None:
    held = Held("update", "2026-11", "last", THURSDAY, "Anna", "un mot faux")
    (waits, *_) = told(replace(WELL, held=(held,)))
    assert (waits.level, waits.name, waits.values["reason"]) == ("waits", "wave_held", "un mot faux")


def test_a_wave_that_is_held_back_is_told_once_though_an_alert_told_of_it_too() -> None:
    held = Held("update", "2026-11", "last", THURSDAY, "Anna", "un mot faux")
    alert = Open("held 2026-11 last", "Reminder 'last' of 2026-11 is held back", THURSDAY)
    found = replace(WELL, standing=replace(WELL.standing, problems=(alert,)), held=(held,))
    assert [one.name for one in not_well(found)] == ["wave_held"]


@pytest.mark.parametrize(
    ("spent", "names"),
    [
        (Spending(10, 7), []),
        (Spending(10, 8), ["budget_low"]),
        (Spending(10, 10, True, waiting=5), ["budget_spent"]),
        (Spending(10, 11, True, waiting=5, too_late=2), ["budget_spent", "budget_too_late"]),
        (Spending(10, 5, asked_is_over=True), ["budget_asked"]),
        (Spending(10, 0, answers=10), ["many_answers"]),
    ],
)
def test_what_went_of_the_days_budget_is_told_when_it_matters(spent: Spending, names: list[str]) -> None:
    found = not_well(replace(WELL, spending=spent))
    assert [one.name for one in found] == names
    t = words_in("en")
    for one in found:
        assert "{" not in t(f"health.{one.name}", **one.values) + t(f"health.{one.name}_do")


def test_the_alert_of_the_budget_is_not_told_beside_it() -> None:
    alert = replace(WELL.standing, problems=(Open("budget", "The 10 messages of today are spent", THURSDAY),))
    assert [one.name for one in not_well(replace(WELL, standing=alert, spending=Spending(10, 10)))] == ["budget_spent"]
