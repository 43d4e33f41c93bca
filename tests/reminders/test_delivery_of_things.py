"""Delivery of reminders of things with a date of their own, of what callers ask for, and of what goes by call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from helpline.menus.dated import moment_of
from helpline.records.tables import callers, messages, objections, subscriptions
from helpline.reminders.claiming import Claimed, claim
from helpline.reminders.last_message import went
from tests.reminders.bench import KEY, LAST_WAVE, Bench
from tests.reminders.people import paris

TODAY = "2026-12-12T14:30"  # Saturday, as the bench's clock says
EARLIER = paris(2026, 12, 1)


def with_thing(bench: Bench, kind: str = "appointment", occurrence: str = TODAY, **columns: Any) -> int:
    """Somebody who noted a thing; their id."""
    about = {"kind": kind, "occurrence": occurrence, "at": moment_of(occurrence), "since": EARLIER}
    return bench.caller(**about | columns)


def reminder(bench: Bench, caller: int, wave: str = "morning", occurrence: str = TODAY, **columns: Any) -> int:
    about = {"kind": "appointment", "wave": wave, "occurrence": occurrence, "queue": "replies"}
    return bench.message(caller, **about | columns)


def claimed(bench: Bench, queue: str, now: datetime = LAST_WAVE) -> list[Claimed]:
    with bench.engine.begin() as connection:
        return claim(connection, bench.prompts, KEY, queue, now, 100)[0]


def reached_by_calls(bench: Bench, caller: int) -> None:
    with bench.engine.begin() as connection:
        connection.execute(update(callers).where(callers.c.id == caller).values(channel="voice"))


def test_a_reminder_of_an_appointment_says_when_it_is(bench: Bench) -> None:
    message = reminder(bench, with_thing(bench))
    assert bench.deliver("replies").accepted == 1
    (sent,) = bench.sent(message)
    assert "14 h 30" in sent.body
    assert "{" not in sent.body


def test_what_is_answered_next_is_about_that_appointment(bench: Bench) -> None:
    message = reminder(bench, with_thing(bench))
    bench.deliver("replies")
    (remembered,) = bench.remembered
    assert remembered.place.node == "appointment.wave.morning"
    assert remembered.form == (("day", "2026-12-12"), ("time", "14:30"))
    with bench.engine.begin() as connection:
        last = went(connection, message)
    assert last
    assert (last.place, last.form) == (remembered.place, remembered.form)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [({"ended_at": LAST_WAVE}, "not_subscribed"), ({"occurrence": "2026-12-14T14:30"}, "not_subscribed")],
)
def test_what_was_ended_or_is_another_thing_is_not_sent(bench: Bench, columns: dict[str, Any], reason: str) -> None:
    message = reminder(bench, with_thing(bench, **columns))
    bench.deliver("replies")
    assert (bench.state(message), bench.row(message).reason) == ("skipped", reason)


def test_the_monthly_reminders_do_not_stand_for_an_appointment_nor_it_for_them(bench: Bench) -> None:
    of_thing = reminder(bench, bench.caller())
    of_update = bench.message(with_thing(bench))
    bench.deliver("replies")
    bench.deliver("bulk")
    assert bench.states([of_thing, of_update]) == ["skipped", "skipped"]


def test_a_wave_that_is_no_more_is_not_sent(bench: Bench) -> None:
    message = reminder(bench, with_thing(bench), wave="noon")
    bench.deliver("replies")
    assert (bench.state(message), bench.row(message).reason) == ("skipped", "no_wave")


def test_who_objects_gets_nothing_of_it(bench: Bench) -> None:
    caller = with_thing(bench)
    message = reminder(bench, caller)
    with bench.engine.begin() as connection:
        who = connection.scalar(select(callers.c.fingerprint).where(callers.c.id == caller))
        connection.execute(insert(objections).values(fingerprint=who, since=LAST_WAVE, reason="stop"))
    bench.deliver("replies")
    assert bench.row(message).reason == "objection"


def test_a_reminder_waits_for_the_hours_and_an_answer_does_not(bench: Bench) -> None:
    at_night = paris(2026, 12, 12, 22)
    caller = with_thing(bench, occurrence="2026-12-15T14:30")
    waits = reminder(bench, caller, "eve", "2026-12-15T14:30")
    answers = bench.message(caller, "welcome", wave="appointment", occurrence="2026-12-15T14:30@0123abcd")
    bench.change(answers, wave="appointment")
    assert [each.id for each in claimed(bench, "replies", at_night)] == [answers]
    assert bench.state(waits) == "planned"


def test_a_welcome_to_a_thing_is_about_that_thing(sqlite_bench: Bench) -> None:
    caller = with_thing(sqlite_bench, occurrence="2026-12-15T14:30")
    message = sqlite_bench.message(caller, "welcome", occurrence="2026-12-15T14:30@0123abcd")
    sqlite_bench.change(message, wave="appointment")
    (found,) = claimed(sqlite_bench, "replies")
    assert found.place.node == "appointment.welcome"
    assert found.form == (("day", "2026-12-15"), ("time", "14:30"))
    assert not found.fault


def test_a_page_that_was_asked_for_goes_to_whoever_asked(sqlite_bench: Bench) -> None:
    caller = sqlite_bench.caller(subscribed=False)
    sqlite_bench.message(caller, "page", occurrence="passwordP0@0123abcd")
    node = next(iter(sorted(sqlite_bench.prompts.topics & {n for n, _ in sqlite_bench.prompts.forms})))
    asked = sqlite_bench.message(caller, "page", occurrence=f"{node}P0@89abcdef")
    found = {each.id: each for each in claimed(sqlite_bench, "replies")}
    assert found[asked].place.node == node
    assert found[asked].channel == "sms"


def test_an_invitation_goes_to_who_has_nothing_yet(sqlite_bench: Bench) -> None:
    invited = sqlite_bench.message(sqlite_bench.caller(subscribed=False), "invite", queue="bulk")
    has_it = sqlite_bench.message(sqlite_bench.caller(), "invite", queue="bulk")
    assert [each.id for each in claimed(sqlite_bench, "bulk")] == [invited]
    assert sqlite_bench.row(has_it).reason == "subscribed"


def test_a_call_has_a_place_and_no_text(bench: Bench) -> None:
    caller = with_thing(bench)
    reached_by_calls(bench, caller)
    message = reminder(bench, caller, queue="calls")
    (found,) = claimed(bench, "calls")
    assert (found.channel, found.text, found.fault) == ("voice", "", "")
    assert found.place.node == "appointment.call.morning"
    assert found.form == (("day", "2026-12-12"), ("time", "14:30"))
    assert bench.row(message).channel == "voice"
    with bench.engine.begin() as connection:
        assert went(connection, message) is None  # a digit by text answers no call


def test_an_update_by_call_has_words_of_its_own(sqlite_bench: Bench) -> None:
    caller = sqlite_bench.caller()
    reached_by_calls(sqlite_bench, caller)
    sqlite_bench.message(caller, queue="calls")
    (found,) = claimed(sqlite_bench, "calls")
    assert found.place.node == "call.last.open"


def test_a_call_back_goes_at_any_hour(sqlite_bench: Bench) -> None:
    caller = sqlite_bench.caller(subscribed=False)
    sqlite_bench.message(caller, "call_back", queue="calls")
    (found,) = claimed(sqlite_bench, "calls", paris(2026, 12, 12, 23))
    assert (found.place.node, found.channel) == ("menu", "voice")


def test_what_is_in_the_wrong_queue_goes_to_the_right_one(bench: Bench) -> None:
    caller = with_thing(bench)
    reached_by_calls(bench, caller)
    message = reminder(bench, caller)
    assert claimed(bench, "replies") == []
    assert (bench.state(message), bench.row(message).queue) == ("planned", "calls")
    back = reminder(bench, with_thing(bench), queue="calls")
    assert [each.id for each in claimed(bench, "calls")] == [message]
    assert bench.row(back).queue == "replies"


def test_nothing_of_it_is_left_when_the_caller_is_erased(sqlite_bench: Bench) -> None:
    caller = with_thing(sqlite_bench)
    reminder(sqlite_bench, caller)
    with sqlite_bench.engine.begin() as connection:
        connection.execute(callers.delete().where(callers.c.id == caller))
        assert connection.execute(select(messages)).all() == []
        assert connection.execute(select(subscriptions)).all() == []
