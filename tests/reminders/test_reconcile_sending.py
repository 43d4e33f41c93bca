"""A backup is restored: nothing goes out before the carrier was asked, and nobody gets a reminder twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from helpline.carrier.sending import Carrier, Direction, Listed
from helpline.menus.waves import wave_of
from helpline.records.tables import controls, messages, subscriptions
from helpline.reminders.held import hold, key_of, let_go, set_apart
from helpline.reminders.pause import pause, paused
from helpline.reminders.reconcile import NotReconciled, TooEarly, reconcile, restored_since
from tests.reminders.people import paris
from tests.reminders.restored import BACKUP_AT, LAST, MIDDLE, OURS, Helpline, restored


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


def test_what_was_held_back_in_the_backup_and_let_go_since_is_not_sent_again(before: Helpline, new_disk: Path) -> None:
    before.subscriber()
    middle = wave_of(before.bench.prompts.menus.calendar, "2026-11", "middle")
    assert middle
    with before.engine.begin() as connection:
        hold(connection, middle, "Anna", "a wrong word", MIDDLE)
    before.at(MIDDLE)
    assert before.sends() == []
    backup = before.backed_up()
    with before.engine.begin() as connection:
        let_go(connection, key_of(middle))
    set_apart(before.engine, MIDDLE)
    (sent,) = before.sends()
    with restored(before, backup, new_disk) as after:
        after.reconciles()
        with after.engine.begin() as connection:
            assert connection.execute(select(messages)).one().sid == sent.sid
            let_go(connection, key_of(middle))
        set_apart(after.engine, MIDDLE)
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
    before.at(paris(2026, 12, 7, 9))
    before.calls(person, "stop", "stopped")
    before.at(paris(2026, 12, 8, 18, 10))
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
