"""A backup is restored: what callers noted, ended and did since then, and what was sent of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from helpline.carrier.calling import ListedCall
from helpline.carrier.sending import Carrier
from helpline.records.tables import callers, messages
from helpline.reminders.reconcile import reconcile
from helpline.reminders.statuses import ONCE_MORE_AFTER
from tests.consent.people import Person
from tests.reminders.people import paris
from tests.reminders.restored import OURS, Helpline, restored

APPOINTMENT = ("appointment", "2026-12-09T14:30")
PAPER = ("paper", "2026-12-22")  # its last reminder goes on the 7th
EVE = paris(2026, 12, 8, 18, 30)
DUE = paris(2026, 12, 8, 10)
MORNING = paris(2026, 12, 9, 9, 30)


def noted(before: Helpline, *things: tuple[str, str]) -> Person:
    """Somebody who noted these some days ago."""
    person = before.person()
    for thing in things:
        assert replace(person, now=paris(2026, 12, 3, 12)).notes(*thing) == "saved"
    return person


def test_a_reminder_that_went_since_the_backup_does_not_go_again(on_each: Helpline, new_disk: Path) -> None:
    person = noted(on_each, APPOINTMENT, PAPER)
    backup = on_each.backed_up()
    on_each.at(EVE)
    assert [message.to for message in on_each.sends()] == [person.number] * 2
    with restored(on_each, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["sent"] == 2
        assert after.sends() == []
        after.at(MORNING)
        assert [message.to for message in after.sends()] == [person.number]


def test_who_stopped_since_the_backup_gets_none(on_each: Helpline, new_disk: Path) -> None:
    person = noted(on_each, APPOINTMENT)
    backup = on_each.backed_up()
    on_each.texts(person, "STOP", "stop", "stopped", "stop.sent")
    with restored(on_each, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["stop"] == 1
        after.at(EVE)
        assert after.sends() == []


def test_the_only_thing_that_was_done_since_is_not_reminded_of_again(before: Helpline, new_disk: Path) -> None:
    person = noted(before, APPOINTMENT)
    before.at(EVE)
    before.sends()
    backup = before.backed_up()
    target = before.bench.prompts.menus.nodes["done"].outcomes["done_one"]
    before.texts(person, "FAIT", "done", "done_one", target)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["done_one"] == 1
        after.at(MORNING)
        assert after.sends() == []


def test_done_that_was_about_a_thing_leaves_the_update_to_be_reminded_of(before: Helpline, new_disk: Path) -> None:
    person = noted(before, APPOINTMENT)
    assert replace(person, now=paris(2026, 12, 3, 12)).does("subscribe_all") == "saved"
    before.at(paris(2026, 12, 8, 9, 10))
    backup = before.backed_up()
    which = before.bench.prompts.menus.nodes["done"].outcomes["which"]
    before.received(person, "FAIT")
    before.replied(person, which)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert "done" not in found.counts


@pytest.mark.parametrize("answer", ["appointment.saved", "appointment.saved.call"])
def test_who_noted_something_since_the_backup_is_counted_as_lost(before: Helpline, new_disk: Path, answer: str) -> None:
    known, person = noted(before, APPOINTMENT), before.person()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.replied(person, answer)
    before.replied(known, "menu")
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.lost == 1


def called(before: Helpline, new_disk: Path, *made: tuple[datetime, str], asked: datetime | None = None) -> list[str]:
    """What is reconciled of a reminder that was due at DUE, with these calls in the carrier's list: its states."""
    person = noted(before, APPOINTMENT)
    with before.engine.begin() as connection:
        connection.execute(update(callers).values(channel="voice"))
        connection.execute(update(messages).values(queue="calls"))
        connection.execute(update(messages).where(messages.c.wave == "eve").values(due_at=DUE))
    backup = before.backed_up()
    if asked:
        before.at(asked)
        before.received(person, "APPEL")
        before.replied(person, before.bench.prompts.menus.nodes["call.me"].outcomes["calling"])
    with restored(before, backup, new_disk) as after:
        after.carrier.lists()
        calls = [
            ListedCall(f"CA{number:032}", person.number, "38123", at, "outbound-api", status)
            for number, (at, status) in enumerate(made)
        ]
        sender = replace(after.bench.sender, carrier=_Called(after.bench.carrier(), *reversed(calls)))
        after.at(DUE + timedelta(hours=12))
        found = reconcile(sender, OURS)
        assert found
        with after.engine.begin() as connection:
            rows = connection.execute(select(messages).where(messages.c.wave == "eve")).all()
            assert {row.channel for row in rows if row.tries} <= {"voice"}
            others = select(messages.c.tries).where(messages.c.wave == "morning", messages.c.state == "planned")
            assert connection.scalars(others).all() == [0]
            assert found.counts.get("called", 0) == sum(row.tries > 0 for row in rows)
            return [f"{row.state} {row.tries}" for row in rows]


def test_a_call_that_was_made_since_the_backup_is_not_made_again(before: Helpline, new_disk: Path) -> None:
    assert called(before, new_disk, (DUE + timedelta(minutes=2), "completed")) == ["delivered 1"]


def test_a_call_back_made_since_the_backup_is_not_taken_for_a_reminder(before: Helpline, new_disk: Path) -> None:
    assert called(before, new_disk, (DUE + timedelta(minutes=20), "completed")) == ["planned 0"]


def test_a_call_that_was_asked_for_by_text_is_not_taken_for_a_reminder(before: Helpline, new_disk: Path) -> None:
    made = (DUE + timedelta(minutes=5), "completed")
    assert called(before, new_disk, made, asked=DUE + timedelta(minutes=4)) == ["planned 0"]


def test_a_call_that_was_made_twice_since_the_backup_has_had_both_tries(before: Helpline, new_disk: Path) -> None:
    again = DUE + ONCE_MORE_AFTER + timedelta(minutes=1)
    assert called(before, new_disk, (DUE, "busy"), (again, "completed")) == ["delivered 2"]


class _Called(Carrier):
    """The carrier, with a call in its list."""

    def __init__(self, carrier: Carrier, *made: ListedCall) -> None:
        self.__dict__.update(carrier.__dict__)
        self.made = made

    def calls_since(self, since: datetime) -> Iterator[ListedCall]:
        return (call for call in self.made if call.created >= since)
