"""Planning a wave: for whom, when, and however often and by however many."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, event, func, select, update

from helpline.records.engine import open_records
from helpline.records.tables import SPREAD, messages, planned_waves, subscriptions
from helpline.reminders import planning
from helpline.reminders.planning import plan
from tests.databases import address
from tests.reminders.people import CALENDAR, LONG_AGO, a_caller, many_subscribed, paris, planned, subscribed, wave
from tests.server.running import wait_until

EVENING_BEFORE = paris(2026, 12, 7, 20)


def count_of(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(messages)) or 0


def test_every_subscription_gets_one_message_a_wave(engine: Engine) -> None:
    people = [subscribed(engine, number) for number in range(5)]
    assert plan(engine, CALENDAR, EVENING_BEFORE)[wave("middle")] == 5
    assert planned(engine) == [(person, "middle") for person in people]


def test_a_message_says_when_and_until_when_it_goes(engine: Engine) -> None:
    subscribed(engine, 1, spread=SPREAD // 2)
    plan(engine, CALENDAR, EVENING_BEFORE)
    with engine.begin() as connection:
        row = connection.execute(select(messages)).one()
    assert row.due_at == paris(2026, 12, 8, 13, 30)
    assert row.not_after == wave("middle").not_after
    assert (row.kind, row.occurrence, row.wave, row.queue) == ("update", "2026-11", "middle", "bulk")
    assert (row.state, row.tries, row.sid, row.changed_at) == ("planned", 0, None, EVENING_BEFORE)


@pytest.mark.parametrize("spread", [0, 1, 12_345, SPREAD - 1])
def test_sql_reckons_a_callers_moment_as_the_calendar_does(engine: Engine, spread: int) -> None:
    subscribed(engine, 1, spread=spread)
    plan(engine, CALENDAR, EVENING_BEFORE)
    with engine.begin() as connection:
        due = connection.scalar(select(messages.c.due_at))
    assert due == wave("middle").moment(spread).replace(microsecond=0)
    assert wave("middle").begins <= due < wave("middle").spread_until


def test_who_chose_one_reminder_gets_the_last_one_only(engine: Engine) -> None:
    one = subscribed(engine, 1, scope="last")
    every = subscribed(engine, 2)
    plan(engine, CALENDAR, EVENING_BEFORE)
    assert planned(engine) == [(every, "middle")]
    plan(engine, CALENDAR, paris(2026, 12, 12, 8))
    assert planned(engine) == [(every, "middle"), (one, "last"), (every, "last")]


def test_who_is_not_to_be_reminded_is_not(engine: Engine) -> None:
    subscribed(engine, 1, done="2026-11")
    subscribed(engine, 2, ended_at=paris(2026, 12, 1, 12))
    subscribed(engine, 3, since=wave("middle").begins)
    a_caller(engine, 4)
    before = subscribed(engine, 5, since=wave("middle").begins - timedelta(seconds=1), done="2026-10")
    plan(engine, CALENDAR, EVENING_BEFORE)
    assert planned(engine) == [(before, "middle")]


def test_a_wave_is_planned_a_day_ahead_and_until_its_messages_may_go_no_more(engine: Engine) -> None:
    assert list(plan(engine, CALENDAR, paris(2026, 12, 7, 8, 59))) == [wave("opening")]
    assert list(plan(engine, CALENDAR, paris(2026, 12, 7, 9, 1))) == [wave("middle")]
    assert list(plan(engine, CALENDAR, paris(2026, 12, 12, 8, 59))) == [wave("middle"), wave("last")]
    assert list(plan(engine, CALENDAR, wave("last").not_after)) == [wave("missed")]
    assert list(plan(engine, CALENDAR, wave("missed").not_after)) == []


def test_after_a_long_rest_only_the_wave_that_may_still_go_is_planned(engine: Engine) -> None:
    someone = subscribed(engine, 1)
    plan(engine, CALENDAR, paris(2026, 12, 9, 15))
    assert planned(engine) == [(someone, "middle")]


def test_every_day_of_two_years_plans_each_wave_once(sqlite_engine: Engine) -> None:
    someone = subscribed(sqlite_engine, 1, since=LONG_AGO)
    day = paris(2026, 11, 24, 10)
    for _ in range(730):
        plan(sqlite_engine, CALENDAR, day)
        day += timedelta(days=1)
    assert len(planned(sqlite_engine)) == len(set(planned(sqlite_engine))) * 24
    with sqlite_engine.begin() as connection:
        by_month = connection.execute(
            select(messages.c.occurrence, func.count()).group_by(messages.c.occurrence).order_by(messages.c.occurrence)
        ).all()
    assert {count for _, count in by_month} == {4}
    assert {person for person, _ in planned(sqlite_engine)} == {someone}


def test_planning_again_adds_only_who_is_new(engine: Engine) -> None:
    subscribed(engine, 1)
    plan(engine, CALENDAR, EVENING_BEFORE)
    with engine.begin() as connection:
        connection.execute(update(messages).values(state="skipped", reason="stop"))
    late = subscribed(engine, 2, since=paris(2026, 12, 8, 8, 59))
    assert plan(engine, CALENDAR, paris(2026, 12, 8, 9, 1))[wave("middle")] == 1
    assert planned(engine)[-1] == (late, "middle")
    with engine.begin() as connection:
        assert connection.scalars(select(messages.c.state).order_by(messages.c.id)).all() == ["skipped", "planned"]


def passes_of(engine: Engine, *moments: datetime) -> list[datetime]:
    """At which of these moments a pass went over the subscriptions."""
    return [moment for moment in moments if plan(engine, CALENDAR, moment)]


def test_before_it_begins_a_wave_is_gone_over_now_and_then_and_at_its_beginning_for_good(engine: Engine) -> None:
    begins = wave("middle").begins
    early, too_soon, soon = EVENING_BEFORE, EVENING_BEFORE + timedelta(minutes=14), EVENING_BEFORE + timedelta(hours=1)
    just_before, at_once = begins - timedelta(seconds=30), begins + timedelta(seconds=30)
    last, after = begins + timedelta(minutes=1), begins + timedelta(hours=3)
    went = passes_of(engine, early, too_soon, soon, just_before, at_once, last, after)
    assert went == [early, soon, just_before, last]


def test_a_sign_up_that_was_committed_late_is_taken_in_by_the_last_pass(engine: Engine) -> None:
    begins = wave("middle").begins
    plan(engine, CALENDAR, begins)
    late = subscribed(engine, 1, since=begins - timedelta(seconds=1))
    plan(engine, CALENDAR, begins + timedelta(minutes=1))
    assert planned(engine) == [(late, "middle")]


def test_who_signs_up_after_the_date_was_set_back_is_taken_in_whenever_it_comes_again(engine: Engine) -> None:
    subscribed(engine, 1)
    later = wave("middle").begins + timedelta(hours=1)
    plan(engine, CALENDAR, later)
    plan(engine, CALENDAR, EVENING_BEFORE - timedelta(days=5))
    subscribed(engine, 2)
    assert plan(engine, CALENDAR, later)[wave("middle")] == 1


def test_a_clock_that_is_set_back_a_second_makes_nobodys_message_twice(engine: Engine) -> None:
    subscribed(engine, 1)
    later = wave("middle").begins + timedelta(hours=1)
    for moment in (later, later - timedelta(seconds=1), later):
        plan(engine, CALENDAR, moment)
    assert count_of(engine) == 1
    assert plan(engine, CALENDAR, later) == {}


def test_a_wave_that_was_gone_over_after_it_began_is_not_looked_at_again(engine: Engine) -> None:
    begins = wave("middle").begins
    plan(engine, CALENDAR, begins + timedelta(minutes=2))
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert plan(engine, CALENDAR, begins + timedelta(minutes=5)) == {}
    assert not any("subscriptions" in statement for statement in statements)


def test_pages_leave_nobody_out(engine: Engine) -> None:
    many_subscribed(engine, 25)
    with engine.begin() as connection:
        ended = subscriptions.c.caller_id.in_([3, 4, 10, 11, 12, 13, 14, 15, 16, 25])
        connection.execute(update(subscriptions).where(ended).values(ended_at=EVENING_BEFORE))
    assert plan(engine, CALENDAR, EVENING_BEFORE, page=5)[wave("middle")] == 15


def test_a_pass_that_takes_too_long_is_gone_on_with(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    many_subscribed(engine, 30)
    begun = wave("middle").begins + timedelta(minutes=2)
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    one_a_commit = SimpleNamespace(monotonic=lambda: len(commits), sleep=time.sleep)
    monkeypatch.setattr(planning, "time", one_a_commit)
    assert plan(engine, CALENDAR, begun, page=10, seconds=0) == {}
    assert plan(engine, CALENDAR, begun, page=10, seconds=1.5)[wave("middle")] == 20
    assert plan(engine, CALENDAR, begun, page=10, seconds=10)[wave("middle")] == 10
    assert plan(engine, CALENDAR, begun, page=10, seconds=10) == {}


def test_two_planners_at_once_plan_everybody_once(engine: Engine) -> None:
    many_subscribed(engine, 300)
    other = open_records(address(engine))
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda one: plan(one, CALENDAR, EVENING_BEFORE, page=30), [engine, other]))
    other.dispose()
    assert sum(each.get(wave("middle"), 0) for each in found) == 300  # the slower one may find it planned
    assert count_of(engine) == 300


def test_an_older_pass_that_ends_later_does_not_hide_the_newer_one(engine: Engine) -> None:
    begins = wave("middle").begins
    plan(engine, CALENDAR, begins + timedelta(minutes=2))
    with engine.begin() as connection:
        planning._remember(connection, wave("middle"), begins - timedelta(hours=1))
        assert connection.scalar(select(planned_waves.c.planned_at)) == begins + timedelta(minutes=2)


SLOWLY = """
import sys, time
from sqlalchemy import event
from helpline.records.engine import open_records
from helpline.reminders.planning import plan
from tests.reminders.people import CALENDAR, LONG_AGO, paris
engine = open_records(sys.argv[1])
event.listen(engine, "commit", lambda connection: time.sleep(0.05))
plan(engine, CALENDAR, paris(2026, 12, 7, 20), page=10)
"""


def test_a_planner_that_is_killed_leaves_nothing_to_mend(engine: Engine) -> None:
    many_subscribed(engine, 400)
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, address(engine)])
    wait_until(lambda: count_of(engine) >= 20 or process.poll() is not None, lambda: "nothing was planned")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 0 < count_of(engine) < 400
    new = plan(engine, CALENDAR, EVENING_BEFORE)[wave("middle")]
    assert 0 < new < 400
    assert count_of(engine) == 400


def test_who_is_erased_while_their_page_is_planned_breaks_nothing(postgresql_engine: Engine) -> None:
    many_subscribed(postgresql_engine, 10)
    erased: list[int] = []

    def erase(*call: object) -> None:
        if "INSERT INTO messages" in str(call[2]) and not erased:
            erased.append(5)
            raw = open_records(address(postgresql_engine))
            with raw.begin() as connection:
                connection.exec_driver_sql("DELETE FROM callers WHERE id = 5")
            raw.dispose()

    event.listen(postgresql_engine, "before_cursor_execute", erase)
    assert plan(postgresql_engine, CALENDAR, EVENING_BEFORE)[wave("middle")] == 9
