"""Where callers give up, told from whole conversations."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from helpline.tallies.counting import add
from helpline.tallies.reading import Left, gave_up
from tests.phone import new_sid
from tests.tallies.conftest import TODAY, Counting


def test_who_goes_on_to_the_end_gave_up_nowhere(counting: Counting) -> None:
    caller = counting.phone()
    for body in ("menu", "1", "2"):
        caller.text(body)
    before = counting.left()
    assert before["menu", "sms"] == (1, 1)
    assert before["update", "sms"] == (1, 1)
    for body in ("6", "6", "6", "6", "6"):  # the next page, as often as there is one
        caller.text(body)
    caller.text("merci")
    assert all(shown == went_on for shown, went_on in counting.left().values())


def test_who_writes_nothing_more_gave_up_at_the_last_place(counting: Counting) -> None:
    caller = counting.phone()
    for body in ("menu", "1"):
        caller.text(body)
    assert counting.left() == {("update", "sms"): (1, 0), ("menu", "sms"): (1, 1)}


def test_a_text_that_is_posted_again_is_counted_once(counting: Counting) -> None:
    caller, sid = counting.phone(), new_sid()
    caller.text("menu")
    for _ in range(3):
        caller.text("1", sid)
    assert counting.left() == {("update", "sms"): (1, 0), ("menu", "sms"): (1, 1)}


def test_what_keeps_a_caller_where_they_are_changes_nothing(counting: Counting) -> None:
    caller = counting.phone()
    for body in ("menu", "8", "encore", "1"):  # a wrong key, a repetition
        caller.text(body)
    assert counting.left() == {("update", "sms"): (1, 0), ("menu", "sms"): (1, 1)}


def test_who_is_not_understood_twice_and_leaves_gave_up_where_a_person_is_named(counting: Counting) -> None:
    caller = counting.phone()
    for body in ("menu", "xyzzy plugh", "qwerty flurb"):
        caller.text(body)
    assert counting.left() == {("sorry.again", "sms"): (1, 0), ("menu", "sms"): (1, 1)}


def test_who_writes_again_an_hour_later_gave_up_before_and_begins_anew(counting: Counting) -> None:
    caller = counting.phone()
    caller.text("menu")
    counting.clock.pass_by(hours=1)
    caller.text("menu")
    caller.text("1")
    assert counting.left()["menu", "sms"] == (2, 1)


def test_goodbyes_are_no_place_to_give_up(counting: Counting) -> None:
    for body in ("merci", "STOP"):
        counting.phone().text(body)
    assert counting.left() == {}


def test_who_hangs_up_in_a_menu_gave_up_there_and_silence_is_no_answer(counting: Counting) -> None:
    caller = counting.phone()
    reply = caller.press(caller.dial(), "1")
    reply = caller.press(reply, "2")
    for _ in range(2):
        reply = caller.wait(reply)
    assert counting.left() == {
        ("signin", "voice"): (1, 0),
        ("language", "voice"): (1, 1),
        ("menu", "voice"): (1, 1),
    }
    assert caller.wait(reply).hangs_up
    assert counting.left()["signin", "voice"] == (1, 0)


def test_who_hangs_up_at_the_first_question_gave_up_there(counting: Counting) -> None:
    counting.phone().dial()
    assert counting.left() == {("language", "voice"): (1, 0)}


def test_only_days_from_then_on_count_and_the_worst_place_comes_first(engine: Engine) -> None:
    def of(day: str, node: str, shown: int, answered: int) -> dict[tuple[str, str, str], int]:
        labels = "channel=sms,did={},node={}"
        return {
            (day, "at", labels.format("shown", node)): shown,
            (day, "at", labels.format("answered", node)): answered,
        }

    with engine.begin() as connection:
        add(connection, of(TODAY, "menu", 10, 8) | of(TODAY, "update", 9, 1) | of("2026-12-02", "menu", 5, 5))
        # Reminders are answered without having been asked for; what is late may be answered twice.
        add(connection, of(TODAY, "invite.ask", 0, 4) | of(TODAY, "signin", 3, 4) | of("2026-12-01", "menu", 100, 0))
        found = gave_up(connection, date(2026, 12, 2))
    assert found == [Left("update", "sms", 9, 1), Left("menu", "sms", 15, 13), Left("signin", "sms", 3, 3)]
    assert [each.gave_up for each in found] == [8, 2, 0]
