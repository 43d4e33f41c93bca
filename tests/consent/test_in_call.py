"""A call never tells what is active: anybody can call under another's number, and a phone may be shared."""

from __future__ import annotations

import pytest

from helpline.records.tables import consents, messages
from tests.consent.people import Person, rows


@pytest.mark.parametrize("scope", ["", "all", "last"])
@pytest.mark.parametrize("is_done", [False, True])
def test_everybody_who_can_be_texted_gets_the_same_outcome(somebody: Person, scope: str, is_done: bool) -> None:
    if scope:
        somebody.signs_up(scope)
    if is_done:
        somebody.does("done")
    call = somebody.calls().later(minutes=5)
    assert call.does("look_up_reminders") == "in_call"
    assert call.does("subscribe_all") == "confirm"
    assert call.does("confirm_all") == "saved"
    assert call.scope == "all"


def test_by_text_the_caller_is_told(somebody: Person) -> None:
    somebody.signs_up("last")
    somebody.calls().does("look_up_reminders")
    assert somebody.later(minutes=5).does("look_up_reminders") == "last"


def test_who_chooses_what_is_active_already_gets_the_text_that_confirms_it(somebody: Person) -> None:
    """The page of the call says that it comes."""
    somebody.signs_up()
    call = somebody.calls().later(minutes=5)
    for effect in ("look_up_reminders", "subscribe_all", "confirm_all"):
        call.does(effect)
    assert [(row.kind, row.wave) for row in rows(call.consent.engine, messages)] == [("welcome", "all")]
    assert [row.event for row in rows(call.consent.engine, consents)].count("given") == 1


def test_whoever_has_nothing_is_noted_as_asked(somebody: Person) -> None:
    somebody.calls().does("look_up_reminders")
    assert [(row.event, row.channel) for row in rows(somebody.consent.engine, consents)] == [("asked", "voice")]
