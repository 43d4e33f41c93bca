"""A backup is restored: who asked to be called since, or not after all, and who may have been called."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from helpline.call_requests.asking import ask, withdraw
from helpline.call_requests.waiting import restored_to
from helpline.records.desk_tables import call_requests
from tests.consent.people import Person
from tests.reminders.people import paris
from tests.reminders.restored import BACKUP_AT, MIDDLE, Helpline, restored

NOON = paris(2026, 12, 7, 12)


def asks(helpline: Helpline, person: Person) -> None:
    """Somebody texts PARLER, it is noted and answered."""
    helpline.received(person, "PARLER")
    with helpline.engine.begin() as connection:
        assert ask(connection, helpline.consent, person.number, "fr", "sms", helpline.clock.now) == "requested"
    helpline.replied(person, "talk.requested")


def thinks_better_of_it(helpline: Helpline, person: Person, text: str = "ANNULER") -> None:
    helpline.received(person, text)
    with helpline.engine.begin() as connection:
        assert withdraw(connection, person.fingerprint, helpline.clock.now)
    helpline.replied(person, "talk.cancelled")


def states(helpline: Helpline) -> list[tuple[str, bool]]:
    with helpline.engine.begin() as connection:
        rows = connection.execute(select(call_requests).order_by(call_requests.c.id)).all()
        return [(row.state, row.number is not None) for row in rows]


@pytest.mark.parametrize("text", ["ANNULER", "no call", "2"])
def test_who_wants_no_call_any_more_since_the_backup_is_not_called(
    on_each: Helpline, new_disk: Path, text: str
) -> None:
    off, stays = on_each.person(), on_each.person()
    for person in (off, stays):
        asks(on_each, person)
    backup = on_each.backed_up()
    on_each.at(NOON)
    thinks_better_of_it(on_each, off, text)
    on_each.at(MIDDLE)
    with restored(on_each, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert states(after) == [("withdrawn", False), ("waiting", True)]
        assert (found.counts["no_call"], found.lost_calls) == (1, 0)


def test_who_asked_to_be_called_since_the_backup_is_counted_as_lost(on_each: Helpline, new_disk: Path) -> None:
    on_each.at(BACKUP_AT - timedelta(minutes=5))
    known = on_each.person()
    asks(on_each, known)
    on_each.at(BACKUP_AT)
    backup = on_each.backed_up()
    on_each.at(NOON)
    lost, off, stopped = (on_each.person() for _ in range(3))
    for person in (lost, off, stopped):
        asks(on_each, person)
    on_each.at(NOON + timedelta(minutes=5))
    thinks_better_of_it(on_each, off)
    on_each.texts(stopped, "STOP", page="stop.done")
    on_each.at(MIDDLE)
    with restored(on_each, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert (found.lost_calls, found.lost) == (1, 0)
        assert states(after) == [("waiting", True)]


def test_who_asked_again_after_calling_it_off_stays_lost(before: Helpline, new_disk: Path) -> None:
    person = before.person()
    asks(before, person)
    backup = before.backed_up()
    before.at(NOON)
    thinks_better_of_it(before, person)
    before.at(NOON + timedelta(hours=1))
    asks(before, person)
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.lost_calls == 1
        assert states(after) == [("withdrawn", False)]


def test_until_when_requests_are_those_of_a_backup_is_remembered(on_each: Helpline, new_disk: Path) -> None:
    backup = on_each.backed_up()
    on_each.at(MIDDLE)
    with restored(on_each, backup, new_disk) as after:
        for _ in range(2):  # while it is looked up, and ever after
            with after.engine.connect() as connection:
                assert restored_to(connection) == BACKUP_AT
            after.reconciles()
