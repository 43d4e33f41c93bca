"""Waves that are held back: nothing of them goes, and once they are let go everything does, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, delete, func, select, update

from helpline.consent.caller_rows import keep_caller
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, wave_of
from helpline.records.desk_tables import held_waves
from helpline.records.engine import reading
from helpline.records.messages import move, want_again
from helpline.records.migrate import downgrade, upgrade
from helpline.records.tables import callers, messages
from helpline.reminders import held as module
from helpline.reminders import jobs, planning
from helpline.reminders.claiming import claim
from helpline.reminders.figures import oldest_due
from helpline.reminders.held import HELD, Done, held, hold, is_held, key_of, let_go, set_apart
from helpline.reminders.pause import paused
from helpline.reminders.planning import plan
from helpline.reminders.watch import watch
from tests.consent.people import Person, consent_on, rows
from tests.databases import address
from tests.fresh_logs import captured_logs
from tests.reminders.bench import KEY, LAST_WAVE, Bench, shipped_prompts
from tests.reminders.people import CALENDAR, many_subscribed, messages_of, paris, subscribed, wave

EVENING_BEFORE = paris(2026, 12, 7, 20)
MORNING = paris(2026, 12, 8, 11)


def calendar() -> Calendar:
    return shipped_prompts().menus.calendar


def shipped(name: str = "last") -> Wave:
    found = wave_of(calendar(), "2026-11", name)
    assert found
    return found


def held_back(engine: Engine, which: Wave, now: datetime = LAST_WAVE, reason: str = "a wrong word") -> bool:
    with engine.begin() as connection:
        return hold(connection, which, "Anna", reason, now)


def gone_on(engine: Engine, which: Wave) -> bool:
    with engine.begin() as connection:
        return let_go(connection, key_of(which))


def queues(engine: Engine, *states: str) -> dict[str, int]:
    """How many messages are in which queue."""
    with reading(engine).connect() as connection:
        grouped = select(messages.c.queue, func.count()).where(messages.c.state.in_(states or ("planned",)))
        return dict(map(tuple, connection.execute(grouped.group_by(messages.c.queue))))


def test_it_is_told_which_waves_are_held_by_whom_and_why(engine: Engine) -> None:
    assert held_back(engine, wave("middle"))
    assert not held_back(engine, wave("middle"), reason="another")
    with engine.begin() as connection:
        (found,) = held(connection)
        assert (found.key, found.who, found.reason) == (key_of(wave("middle")), "Anna", "a wrong word")
        assert found.since == LAST_WAVE
        assert is_held(connection, wave("middle"))
        assert not is_held(connection, wave("last"))
    assert gone_on(engine, wave("middle"))
    assert not gone_on(engine, wave("middle"))


def test_nothing_of_a_held_wave_goes_and_the_others_do(bench: Bench) -> None:
    ours = bench.many_due(3)
    other = bench.message(wave="middle", not_after=LAST_WAVE + timedelta(hours=5))
    asked = bench.message(kind="page", occurrence="updateP0@12345678", queue="replies")
    held_back(bench.engine, shipped())
    assert set_apart(bench.engine, bench.clock()).aside == 3
    assert (bench.deliver().accepted, bench.deliver("replies").accepted) == (1, 1)
    assert bench.states(ours) == ["planned"] * 3
    assert bench.sent(*ours) == []
    assert bench.states([other, asked]) == ["accepted", "accepted"]
    assert bench.remembered


def test_a_claim_comes_upon_none_of_them_even_before_they_are_put_aside(bench: Bench) -> None:
    ours = bench.many_due(5)
    other = bench.message(wave="middle", due_at=LAST_WAVE, not_after=LAST_WAVE + timedelta(hours=5))
    held_back(bench.engine, shipped())
    assert bench.deliver().accepted == 1
    assert bench.state(other) == "accepted"
    assert bench.states(ours) == ["planned"] * 5
    assert queues(bench.engine) == {HELD: 5}
    assert bench.sent(*ours) == []


def test_who_is_called_is_not_called_and_then_is(call_bench: Bench) -> None:
    bench = call_bench
    ours = [bench.call(), bench.call()]
    held_back(bench.engine, shipped())
    assert bench.deliver("calls").accepted == 0
    assert queues(bench.engine) == {HELD: 2}
    gone_on(bench.engine, shipped())
    assert set_apart(bench.engine, bench.clock()).back == 2
    assert queues(bench.engine) == {"calls": 2}
    assert bench.deliver("calls").accepted == 2
    assert len(bench.called(*ours)) == 2


def test_let_go_each_goes_once_by_the_way_that_its_caller_is_reached_by_then(bench: Bench) -> None:
    texted = bench.many_due(3)
    now_called = bench.message()
    held_back(bench.engine, shipped())
    set_apart(bench.engine, bench.clock())
    with bench.engine.begin() as connection:
        caller = bench.row(now_called).caller_id
        connection.execute(update(callers).where(callers.c.id == caller).values(channel="voice"))
    assert gone_on(bench.engine, shipped())
    assert set_apart(bench.engine, bench.clock()) == Done(back=4)
    assert queues(bench.engine) == {"bulk": 3, "calls": 1}
    assert bench.deliver().accepted == 3
    assert bench.deliver().accepted == 0
    assert len(bench.sent(*texted)) == 3


def test_what_is_tried_again_meanwhile_is_held_too(bench: Bench) -> None:
    ours = bench.message(state="sending", tries=1, claimed_at=LAST_WAVE - timedelta(minutes=10))
    held_back(bench.engine, shipped())
    bench.settle()
    assert (bench.state(ours), queues(bench.engine)) == ("planned", {"bulk": 1})
    assert bench.deliver().accepted == 0
    assert queues(bench.engine) == {HELD: 1}
    assert bench.row(ours).tries == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_wave_that_is_planned_while_it_is_held_waits_as_well(engine: Engine, when: str) -> None:
    many_subscribed(engine, 30)
    if when == "after":
        plan(engine, CALENDAR, EVENING_BEFORE)
    held_back(engine, wave("middle"), EVENING_BEFORE)
    set_apart(engine, EVENING_BEFORE)
    many_subscribed(engine, 5)
    subscribed(engine, 1, channel="voice")
    plan(engine, CALENDAR, EVENING_BEFORE + timedelta(minutes=30))
    assert queues(engine) == {HELD: 36}
    gone_on(engine, wave("middle"))
    set_apart(engine, MORNING)
    assert queues(engine) == {"bulk": 35, "calls": 1}
    plan(engine, CALENDAR, MORNING)
    assert queues(engine) == {"bulk": 35, "calls": 1}


def test_a_page_that_was_planned_as_held_while_the_wave_was_let_go_comes_back(engine: Engine) -> None:
    """The planner had looked it up, and commits after it is let go."""
    many_subscribed(engine, 3)
    held_back(engine, wave("middle"), EVENING_BEFORE)
    plan(engine, CALENDAR, EVENING_BEFORE)
    with engine.begin() as connection:
        connection.execute(delete(held_waves))
    assert set_apart(engine, MORNING).back == 3
    assert set_apart(engine, MORNING) == Done()


def test_many_are_moved_by_pieces_and_the_rest_the_next_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 7)
    messages_of(engine, wave("middle"), planned=30, delivered=3)
    messages_of(engine, wave("last"), planned=4)
    held_back(engine, wave("middle"))
    assert set_apart(engine, MORNING, seconds=0) == Done(aside=7)
    assert set_apart(engine, MORNING) == Done(aside=23)
    assert queues(engine) == {HELD: 30, "bulk": 4}
    gone_on(engine, wave("middle"))
    assert set_apart(engine, MORNING, seconds=0) == Done(back=7)
    assert set_apart(engine, MORNING) == Done(back=23)
    assert queues(engine) == {"bulk": 34}


@pytest.mark.parametrize(("said", "reason"), [("stop", "stop"), ("not_me", "not_me"), ("done", "done")])
def test_what_somebody_says_meanwhile_counts(engine: Engine, tmp_path: Path, said: str, reason: str) -> None:
    person = Person(consent_on(engine, tmp_path))
    person.signs_up()
    message = person.gets(wave="middle")
    held_back(engine, wave("middle"), person.now)
    assert set_apart(engine, person.now).aside == 1
    person.later(hours=1).does(said)
    assert person.message_states()["update", "middle"] == ("skipped", reason)
    gone_on(engine, wave("middle"))
    assert set_apart(engine, person.now) == Done()
    assert rows(engine, messages, messages.c.id == message)[0].state == "skipped"


def test_who_is_erased_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    person = Person(consent_on(engine, tmp_path))
    person.signs_up()
    person.gets(wave="middle")
    held_back(engine, wave("middle"), person.now)
    set_apart(engine, person.now)
    assert person.later(hours=1).does("erase") == "erased"
    assert queues(engine) == {}


def test_who_wants_it_again_after_it_was_let_go_gets_it(bench: Bench) -> None:
    stopped, wants = bench.message(), bench.message()
    held_back(bench.engine, shipped())
    set_apart(bench.engine, bench.clock())
    with bench.engine.begin() as connection:
        move(connection, "skipped", bench.clock(), messages.c.id.in_([stopped, wants]), reason="scope")
    gone_on(bench.engine, shipped())
    assert set_apart(bench.engine, bench.clock()) == Done()
    with bench.engine.begin() as connection:
        assert want_again(connection, bench.clock(), messages.c.id == wants) == 1
    assert set_apart(bench.engine, bench.clock()) == Done(back=1)
    bench.deliver()
    assert bench.states([stopped, wants]) == ["skipped", "accepted"]


def test_who_changes_to_calls_meanwhile_is_held_as_well(engine: Engine, tmp_path: Path) -> None:
    person = Person(consent_on(engine, tmp_path))
    person.signs_up()
    message = person.gets(wave="middle")
    held_back(engine, wave("middle"), person.now)
    set_apart(engine, person.now)
    with engine.begin() as connection:
        sealed = person.consent.seals.seal(person.number)
        keep_caller(connection, person.fingerprint, sealed, "fr", person.now, "voice")
    assert rows(engine, messages, messages.c.id == message)[0].queue == "calls"
    assert set_apart(engine, person.now) == Done(aside=1)


def test_what_is_held_beyond_its_time_is_given_up_and_nobody_is_alarmed_before(engine: Engine) -> None:
    messages_of(engine, wave("middle"), planned=3)
    held_back(engine, wave("middle"))
    set_apart(engine, MORNING)
    late = wave("middle").not_after
    with engine.begin() as connection:
        assert oldest_due(connection, late - timedelta(hours=1)) is None
    assert watch(engine, CALENDAR, late - timedelta(hours=2)) == ()
    assert set_apart(engine, late - timedelta(hours=1)) == Done()
    with captured_logs() as logged:
        assert set_apart(engine, late) == Done(expired=3)
    assert [(line["event"], line["count"]) for line in logged if line["log_level"] == "warning"] == [
        ("too late to be sent", 3)
    ]
    assert queues(engine, "expired") == {HELD: 3}


def test_in_sqlite_others_may_write_between_two_pieces(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    breaths: list[float] = []
    monkeypatch.setattr(module, "PIECE", 10)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=breaths.append))
    messages_of(engine, wave("middle"), planned=30)
    held_back(engine, wave("middle"))
    assert set_apart(engine, MORNING).aside == 30
    assert breaths == ([module.BREATH] * 2 if engine.dialect.name == "sqlite" else [])


def test_a_claim_puts_few_aside_for_whom_others_would_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    bench.many_due(20)
    held_back(bench.engine, shipped())
    with bench.engine.begin() as connection:
        assert claim(connection, shipped_prompts(), KEY, "bulk", LAST_WAVE, 2) == ([], 0)
    assert 2 <= queues(bench.engine)[HELD] <= 4


def test_long_after_it_a_wave_is_forgotten(engine: Engine) -> None:
    held_back(engine, wave("middle"), MORNING)
    set_apart(engine, MORNING + timedelta(days=90))
    with engine.begin() as connection:
        assert held(connection)
    set_apart(engine, MORNING + timedelta(days=101))
    with engine.begin() as connection:
        assert held(connection) == ()


def test_an_older_helpline_finds_them_in_their_queues_and_a_pause(engine: Engine) -> None:
    messages_of(engine, wave("middle"), planned=3)
    held_back(engine, wave("middle"))
    set_apart(engine, MORNING)
    downgrade(address(engine), "0003")
    try:
        assert queues(engine) == {"bulk": 3}
        with engine.begin() as connection:
            pause = paused(connection)
        assert pause
        assert (pause.by, pause.reason) == ("operator", "waves were held back")
    finally:
        upgrade(address(engine))


def test_the_planning_of_every_minute_sets_them_apart(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = SimpleNamespace(engine=bench.engine, calendar=calendar(), sender=bench.sender)
    monkeypatch.setattr(jobs, "_tools", tools)
    bench.many_due(3)
    held_back(bench.engine, shipped())
    jobs.plan()
    assert queues(bench.engine) == {HELD: 3}
    gone_on(bench.engine, shipped())
    jobs.plan()
    assert queues(bench.engine) == {"bulk": 3}


def test_where_planning_fails_they_are_set_apart_all_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no planning today")

    monkeypatch.setattr(jobs, "_tools", SimpleNamespace(engine=bench.engine, calendar=calendar(), sender=bench.sender))
    monkeypatch.setattr(planning, "plan", fails)
    bench.many_due(3)
    held_back(bench.engine, shipped())
    with pytest.raises(RuntimeError, match="no planning today"):
        jobs.plan()
    assert queues(bench.engine) == {HELD: 3}
