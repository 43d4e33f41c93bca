"""What is kept of somebody's things: for who answers them, and for themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import insert

from helpline.callers_command.caller_shown import as_json, show_caller, summary
from helpline.consent.kept import what_is_kept
from helpline.records.tables import invitations
from helpline.terminal import Terminal
from tests.consent.people import APPOINTMENT, Person, rows

Shown = Callable[[Person], str]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    """What an operator sees of somebody, in a pipe."""

    def show(person: Person) -> str:
        capsys.readouterr()
        show_caller(Terminal(), what_is_kept(person.consent.engine, person.fingerprint))
        return capsys.readouterr().out

    return show


def test_each_thing_is_shown_with_its_date(somebody: Person, shown: Shown) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    somebody.notes("paper", "2027-03")
    output = shown(somebody)
    assert "Appointment   2026-12-11 14:30, noted 2026-12-03" in output
    assert "Paper         2027-03, noted 2026-12-03" in output
    assert "given (appointment), sms fr" in output
    kept = what_is_kept(somebody.consent.engine, somebody.fingerprint)
    assert summary(kept).startswith("all reminders since 2026-12-03, and 2 things with a date; ")
    assert [one["occurrence"] for one in as_json(kept)["subscriptions"]] == ["", "2026-12-11T14:30", "2027-03"]
    assert {proof["kind"] for proof in as_json(kept)["proofs"]} == {"update", "appointment", "paper"}


def test_who_has_only_things_is_reminded_of_something(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    kept = what_is_kept(somebody.consent.engine, somebody.fingerprint)
    assert kept.active is None
    assert kept.is_reminded
    assert summary(kept).startswith("reminders of 1 thing with a date; ")


def test_how_they_are_reached_is_shown(somebody: Person, shown: Shown) -> None:
    somebody.calls().does("confirm_call_all")
    assert "Reached       by call" in shown(somebody)


def test_an_invitation_is_shown_and_erased_with_the_rest(somebody: Person, shown: Shown) -> None:
    row = {"fingerprint": somebody.fingerprint, "form": "2026-07", "signed_on": "2026-11-30", "language": "fr"}
    with somebody.consent.engine.begin() as connection:
        connection.execute(insert(invitations).values(**row, invited_at=somebody.now))
    assert "Invited       2026-12-03 10:00 (form 2026-07, signed 2026-11-30)" in shown(somebody)
    somebody.does("erase")
    assert rows(somebody.consent.engine, invitations) == []
