"""A backup is restored: nobody who stopped, or said that it is done, since then is written to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.reminders.people import paris
from tests.reminders.restored import BACKUP_AT, LAST, MIDDLE, Helpline, restored


def test_who_stopped_since_the_backup_is_not_written_to(on_each: Helpline, new_disk: Path) -> None:
    before = on_each
    stays = before.subscriber()
    texted, called, by_operator, stranger, erased = (before.subscriber() for _ in range(5))
    english = before.subscriber(language="en")
    backup = before.backed_up()

    before.at(paris(2026, 12, 7, 10))
    before.texts(texted, "Stop svp", "stop", "stopped", page="stop.done")
    before.calls(called, "stop", "stopped")
    before.operator_stops(by_operator)
    before.texts(stranger, "pas moi", "not_me", "stopped", page="not.me.done")
    before.texts(english, "please stop", "stop", "stopped", page="stop.done")
    before.texts(erased, "EFFACER", page="erase.ask")
    before.at(paris(2026, 12, 7, 11))
    before.texts(erased, "1", "erase", "erased", page="erase.done")
    assert {message.to for message in before.sends()} == {called.number, by_operator.number}

    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["stop"] == 4
        assert (found.counts["not_me"], found.counts["erase"]) == (1, 1)
        assert [message.to for message in after.sends()] == [stays.number]
        after.at(LAST)
        assert [message.to for message in after.sends()] == [stays.number]


def test_who_said_that_it_is_done_is_left_in_peace(on_each: Helpline, new_disk: Path) -> None:
    before = on_each
    by_word, by_key = before.subscriber(), before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.texts(by_word, "C'est fait", "done", "done_all", page="remind.done")
    before.texts(by_key, "7", "done", "done_all", page="remind.done")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["done"] == 2
        assert after.sends() == []
        after.at(paris(2026, 12, 28, 18, 30))
        assert len(after.sends()) == 2


def test_a_7_that_we_did_not_answer_as_done_is_no_proof_that_it_is(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.texts(person, "7", page="about")  # it was an option of the page that they saw
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts.get("done", 0) == 0
        assert [message.to for message in after.sends()] == [person.number]


def test_who_only_asked_to_be_erased_and_did_not_confirm_it_stays(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.texts(person, "EFFACER", page="erase.ask")
    before.at(paris(2026, 12, 7, 13))
    before.texts(person, "2", page="erase.kept")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        assert len(after.sends()) == 1


def test_a_stop_that_only_our_answer_tells_of_counts(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.received(person, "2")  # "no", when asked whether to keep the reminders
    before.replied(person, "stop.done")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        assert after.sends() == []


def test_a_stop_of_before_the_backup_does_not_end_what_came_after_it(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    before.texts(person, "STOP", "stop", "stopped", page="stop.done")
    before.at(BACKUP_AT + timedelta(minutes=20))
    person.later(minutes=20).signs_up()
    before.at(BACKUP_AT + timedelta(minutes=30))
    backup = before.backed_up()
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        assert [message.to for message in after.sends()] == [person.number]


def test_the_journal_on_the_old_disk_is_applied_first(before: Helpline) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    assert person.later(hours=9).does("stop") == "stopped"  # the carrier's list does not have it
    before.at(MIDDLE)
    with restored(before, backup, before.folder) as after:
        after.reconciles()
        assert after.sends() == []


def test_texts_of_another_service_on_the_same_account_say_nothing(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before._lists(person.number, "+33937000000", "STOP", "inbound")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        assert len(after.sends()) == 1
