"""What waits in the journal, in the turn of one caller."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from helpline.consent import own_lines
from helpline.consent.applying import apply_journal
from helpline.consent.withdrawal import Withdrawal
from helpline.records.tables import objections
from tests.consent.people import THURSDAY, Person, rows

EFFECTS = ("look_up_reminders", "subscribe_all", "done", "keep", "show_data")


def backlog(person: Person, own: int = 500, count: int = 1_000) -> None:
    """Withdrawals of many callers, of which one is this person's."""
    fingerprints = [f"{number:032x}" for number in range(count)]
    fingerprints[own] = person.fingerprint
    person.consent.journal.append(
        *(Withdrawal(one, "stop", person.now, "sms", key=f"SM{at}.stop") for at, one in enumerate(fingerprints))
    )


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_turn_applies_what_its_caller_withdrew_and_nothing_of_others(somebody: Person, effect: str) -> None:
    somebody.signs_up()
    stopped = somebody.later(minutes=1)
    backlog(stopped)
    writes: list[str] = []
    event.listen(somebody.consent.engine, "begin", lambda connection: writes.append("begin"))

    assert somebody.later(minutes=2).does(effect) in ("none", "not_asked", "nothing", "not_saved")

    assert somebody.scope == ""
    assert {row.fingerprint for row in rows(somebody.consent.engine, objections)} == {somebody.fingerprint}
    assert len(writes) < 10


def test_what_a_turn_applied_is_known_to_who_applies_all(somebody: Person) -> None:
    somebody.signs_up()
    backlog(somebody.later(minutes=1), own=5, count=10)
    somebody.later(minutes=2).signs_up()
    done = apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=3).now)
    assert (done.applied, done.known) == (9, 1)
    assert somebody.scope == "all"


def test_a_stop_of_before_is_not_looked_at_again(somebody: Person) -> None:
    somebody.signs_up()
    backlog(somebody.later(minutes=1), own=5, count=10)
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=2).now)
    somebody.later(minutes=3).signs_up()
    assert somebody.later(minutes=4).does("look_up_reminders") == "all"


def test_nobody_signs_up_while_too_much_waits_to_be_looked_through(
    somebody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_lines, "MOST_READ", 1_000)
    backlog(somebody, own=5, count=10)
    assert somebody.later(minutes=1).does("subscribe_all") == "not_saved"
    apply_journal(somebody.consent.engine, somebody.consent.journal, THURSDAY + timedelta(minutes=2))
    assert somebody.later(minutes=3).does("subscribe_all") == "saved"


@pytest.mark.parametrize(("seconds", "scope"), [(0, ""), (3, ""), (10, "all")])
def test_a_stop_by_a_clock_that_is_a_little_behind_counts(somebody: Person, seconds: int, scope: str) -> None:
    """Another machine wrote it after the sign-up, and its clock says before."""
    somebody.signs_up()
    at = somebody.now - timedelta(seconds=seconds)
    somebody.consent.journal.append(Withdrawal(somebody.fingerprint, "stop", at, "sms", key="SM1.stop"))
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=1).now)
    assert somebody.scope == scope
