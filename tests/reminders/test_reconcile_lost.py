"""A backup is restored: the sign-ups that it does not hold are counted, without those that were ended since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.reminders.people import paris
from tests.reminders.restored import BACKUP_AT, MIDDLE, Helpline, restored


def test_sign_ups_that_are_lost_are_counted(before: Helpline, new_disk: Path) -> None:
    known = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    by_text, by_call = before.person(), before.person()
    before.texts(by_text, "rappel", page="remind.ask")
    before.texts(by_text, "1", page="remind.saved")
    before.texts(known, "rappel", page="remind.active")
    before.calls(by_call, "subscribe_all", "confirm")
    before.calls(by_call, "confirm_all", "saved")
    before.sends()
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.lost == 2
        assert [message.to for message in after.sends()] == [known.number]


def test_who_ended_what_they_had_asked_for_since_is_not_counted_as_lost(on_each: Helpline, new_disk: Path) -> None:
    before = on_each
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    texted, not_them, erased, called, stays = (before.person() for _ in range(5))
    for person in (texted, not_them, erased, stays):
        before.texts(person, "rappel", page="remind.ask")
        before.texts(person, "1", "subscribe_all", "saved", page="remind.saved")
    before.calls(called, "subscribe_all", "confirm")
    before.calls(called, "confirm_all", "saved")
    before.sends()
    before.at(paris(2026, 12, 7, 13))
    before.texts(texted, "STOP", "stop", "stopped", page="stop.done")
    before.texts(not_them, "pas moi", "not_me", "stopped", page="not.me.done")
    before.texts(erased, "EFFACER", page="erase.ask")
    before.calls(called, "stop", "stopped")
    before.sends()
    before.at(paris(2026, 12, 7, 13, 1))
    before.texts(erased, "1", "erase", "erased", page="erase.done")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.lost == 1


def test_who_ended_it_by_the_journal_alone_is_not_counted_as_lost(on_each: Helpline) -> None:
    before = on_each
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    stopped, erased, by_operator, stays = (before.person() for _ in range(4))
    for person in (stopped, erased, by_operator, stays):
        before.texts(person, "rappel", page="remind.ask")
        before.texts(person, "1", "subscribe_all", "saved", page="remind.saved")
    before.at(paris(2026, 12, 7, 13))
    before.calls(stopped, "stop", "stopped")
    before.calls(erased, "erase", "erased")
    before.operator_stops(by_operator)
    before.at(MIDDLE)
    with restored(before, backup, before.folder) as after:
        found = after.reconciles()
        assert found
        assert found.lost == 1


def test_who_had_ended_it_when_the_backup_was_made_is_not_counted_as_lost(before: Helpline, new_disk: Path) -> None:
    before.at(BACKUP_AT + timedelta(minutes=10))
    stopped, erased = before.person(), before.person()
    for person in (stopped, erased):
        before.texts(person, "rappel", page="remind.ask")
        before.texts(person, "1", "subscribe_all", "saved", page="remind.saved")
    before.at(BACKUP_AT + timedelta(minutes=20))
    before.calls(stopped, "stop", "stopped")
    before.calls(erased, "erase", "erased")
    before.at(BACKUP_AT + timedelta(minutes=30))
    backup = before.backed_up()
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.lost == 0


def test_who_signed_up_again_after_a_stop_is_lost_like_any_other(before: Helpline, new_disk: Path) -> None:
    in_backup, since = before.subscriber(), before.subscriber()
    before.calls(in_backup, "stop", "stopped")
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.texts(since, "STOP", "stop", "stopped", page="stop.done")
    before.at(paris(2026, 12, 7, 13))
    for person in (in_backup, since):
        before.texts(person, "rappel", page="remind.ask")
        before.texts(person, "1", page="remind.saved")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.lost == 2
