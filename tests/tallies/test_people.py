"""Who is helped: an answer by text, a key or a word in a call. Nobody twice a day."""

from __future__ import annotations

from helpline.carrier.callers import WITHHELD
from tests.tallies.conftest import Counting


def test_an_answer_by_text_helps_somebody_once_a_day(counting: Counting) -> None:
    caller = counting.phone()
    caller.text("menu")
    caller.text("1")
    assert counting.people() == 1
    counting.phone().text("blabla")
    assert counting.people() == 2
    counting.clock.pass_by(days=1)
    caller.text("menu")
    assert counting.people() == 3


def test_a_call_helps_who_presses_a_key_or_speaks(counting: Counting) -> None:
    caller = counting.phone()
    reply = caller.dial()
    reply = caller.wait(reply)
    assert counting.people() == 0
    reply = caller.press(reply, "1")
    assert counting.people() == 1
    other = counting.phone()
    other.speak(other.dial(), "mot de passe")
    assert counting.people() == 2


def test_who_texts_and_calls_is_one_person(counting: Counting) -> None:
    caller = counting.phone()
    caller.text("menu")
    caller.press(caller.dial(), "1")
    assert counting.people() == 1


def test_a_withheld_number_is_nobody(counting: Counting) -> None:
    caller = counting.phone()
    caller.number = min(WITHHELD)
    caller.press(caller.dial(), "1")
    caller.text("menu")
    assert counting.people() == 0
    assert any(name.startswith("2026-12-03 turns{channel=voice") for name in counting.counts())


def test_nothing_that_is_counted_holds_a_number_or_words(counting: Counting) -> None:
    caller = counting.phone()
    for body in ("menu", "xyzzy plugh", "mon mot de passe est Secret123", "1 85 05 78 006 084 36"):
        caller.text(body)
    counting.app.test_client().get(f"/nowhere/{caller.number}")
    shown = str(counting.counts())
    for secret in (caller.number, caller.number[1:], "xyzzy", "Secret123", "85 05"):
        assert secret not in shown
