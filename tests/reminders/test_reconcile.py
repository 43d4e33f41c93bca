"""A backup is restored: nobody who stopped since is written to, and nobody gets a reminder twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from helpline.carrier.sending import Carrier, Direction, Listed
from helpline.records.tables import controls, messages, subscriptions
from helpline.reminders.pause import pause, paused
from helpline.reminders.reconcile import NotReconciled, TooEarly, reconcile, restored_since
from tests.reminders.people import paris
from tests.reminders.restored import BACKUP_AT, OURS, Helpline, helpline, restored

MIDDLE = paris(2026, 12, 8, 18, 30)  # every moment of the wave of the middle is past
LAST = paris(2026, 12, 12, 18, 30)


@pytest.fixture
def on_each(engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Helpline]:
    """A helpline on the morning of 7 December, before anything is lost, on each kind of database."""
    with helpline(engine, redis, tmp_path) as made:
        yield made


@pytest.fixture
def before(sqlite_engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Helpline]:
    """The same on SQLite alone."""
    with helpline(sqlite_engine, redis, tmp_path) as made:
        yield made


@pytest.fixture
def new_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


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


def test_what_was_sent_since_the_backup_is_not_sent_again(on_each: Helpline, new_disk: Path) -> None:
    before = on_each
    people = [before.subscriber(language=language) for language in ("fr", "en", "fr")]
    backup = before.backed_up()
    before.at(MIDDLE)
    assert {message.to for message in before.sends()} == {person.number for person in people}
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["sent"] == 3
        assert after.sends() == []
        assert after.went() == 3
        after.at(LAST)
        assert {message.to for message in after.sends()} == {person.number for person in people}


def test_what_still_waits_at_the_carrier_is_not_sent_again(before: Helpline, new_disk: Path) -> None:
    people = [before.subscriber() for _ in range(3)]
    backup = before.backed_up()
    before.at(MIDDLE)
    before.sends()
    with restored(before, backup, new_disk) as after:
        after.carrier.lists()
        unsent = _Unsent(after.bench.carrier())
        sender = replace(after.bench.sender, carrier=unsent)
        found = reconcile(sender, OURS)
        assert found
        assert found.counts["sent"] == len(people)
        assert after.sends() == []


class _Unsent(Carrier):
    """The carrier, with no DateSent yet on any text of ours: its list by time leaves them out."""

    def __init__(self, carrier: Carrier) -> None:
        self.__dict__.update(carrier.__dict__)

    def listed(self, since: datetime, direction: Direction | None = None) -> Iterator[Listed]:
        return (message for message in super().listed(since, direction) if message.direction != "outbound-api")


def test_what_had_been_planned_before_the_backup_and_sent_after_it_is_not_sent_again(
    before: Helpline, new_disk: Path
) -> None:
    before.subscriber()
    before.at(paris(2026, 12, 8, 8))
    before.sends()
    assert before.states() == {"planned": 1}
    backup = before.backed_up()
    before.at(MIDDLE)
    (sent,) = before.sends()
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        with after.engine.begin() as connection:
            row = connection.execute(select(messages)).one()
        assert row.state in ("accepted", "sent", "delivered")
        assert (row.sid, row.claimed_at) == (sent.sid, MIDDLE)
        assert after.sends() == []


def test_edited_words_are_known_by_their_sender_and_their_time(
    before: Helpline, new_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before.subscriber()
    backup = before.backed_up()
    before.at(MIDDLE)
    before.sends()
    stub = before.carrier.stub
    edited = stub.journal.read_text(encoding="utf-8").replace("Relais Droits : il reste", "Relais Droits : encore")
    stub.journal.write_text(edited, encoding="utf-8")
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts["sent"] == 1
        assert after.sends() == []


def test_another_text_of_ours_is_not_taken_for_the_reminder(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 8, 18, 10))
    before.calls(person, "stop", "stopped")
    before.calls(person, "subscribe_all", "confirm")
    before.calls(person, "confirm_all", "saved")
    before.sends()
    with restored(before, backup, new_disk) as after:
        found = after.reconciles()
        assert found
        assert found.counts.get("sent", 0) == 0


def test_what_was_not_sent_before_the_disk_was_lost_goes_now(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        assert after.sends() == []
        after.reconciles()
        assert [message.to for message in after.sends()] == [person.number]


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


def test_an_operators_pause_that_came_meanwhile_outlasts_it(before: Helpline, new_disk: Path) -> None:
    before.subscriber()
    backup = before.backed_up()
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        with after.engine.begin() as connection:
            assert pause(connection, "operator", "wrong words", after.clock.now)
        assert after.reconciles()
        with after.engine.begin() as connection:
            held = paused(connection)
        assert held
        assert held.by == "operator"
        assert after.sends() == []


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


def test_the_journal_on_the_old_disk_is_applied_first(before: Helpline) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    assert person.later(hours=9).does("stop") == "stopped"  # the carrier's list does not have it
    before.at(MIDDLE)
    with restored(before, backup, before.folder) as after:
        after.reconciles()
        assert after.sends() == []


def test_nothing_goes_out_before_the_carrier_was_asked(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.texts(person, "STOP", "stop", "stopped")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        after.carrier.lists()
        after.carrier.stub.kill()
        assert after.sends() == []
        with pytest.raises(NotReconciled, match="the carrier's list cannot be had"):
            reconcile(after.bench.sender, OURS)
        with after.engine.begin() as connection:
            pause = paused(connection)
            assert restored_since(connection) == BACKUP_AT
        assert pause
        assert pause.by == "restore"
        assert "the carrier's list cannot be had" in pause.reason
        assert after.sends() == []
        after.carrier.stub.start()
        assert after.reconciles()
        assert after.sends() == []


def test_it_waits_until_the_carriers_list_is_complete(before: Helpline, new_disk: Path) -> None:
    first = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before.texts(first, "STOP", "stop", "stopped")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        with pytest.raises(TooEarly, match="complete in 120 seconds"):
            after.reconciles(settle=timedelta(minutes=2))
        with after.engine.begin() as connection:
            assert paused(connection)
        after.clock.pass_by(minutes=3)
        assert after.reconciles(settle=timedelta(minutes=2))
        with after.engine.begin() as connection:
            assert paused(connection) is None
            assert restored_since(connection) is None


def test_it_runs_twice_without_harm_and_then_has_nothing_to_do(before: Helpline, new_disk: Path) -> None:
    stopped, stays = before.subscriber(), before.subscriber()
    backup = before.backed_up()
    before.at(MIDDLE)
    before.sends()
    before.texts(stopped, "STOP", "stop", "stopped")
    with restored(before, backup, new_disk) as after:
        with after.engine.begin() as connection:
            kept = connection.execute(select(controls)).all()
        after.reconciles()
        assert after.reconciles() is None
        with after.engine.begin() as connection:  # as if it had been killed just before its end
            rows = [dict(row._mapping) for row in kept if row.name in ("paused", "reconcile_since")]
            connection.execute(controls.insert(), rows)
        again = after.reconciles()
        assert again
        assert again.counts.get("sent", 0) == 0
        assert after.sends() == []
        with after.engine.begin() as connection:
            active = select(subscriptions.c.id).where(subscriptions.c.ended_at.is_(None))
            assert len(connection.execute(active).all()) == 1
        after.at(LAST)
        assert [message.to for message in after.sends()] == [stays.number]


def test_texts_of_another_service_on_the_same_account_say_nothing(before: Helpline, new_disk: Path) -> None:
    person = before.subscriber()
    backup = before.backed_up()
    before.at(paris(2026, 12, 7, 12))
    before._lists(person.number, "+33937000000", "STOP", "inbound")
    before.at(MIDDLE)
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        assert len(after.sends()) == 1
