"""What waits in the journal of withdrawals is applied once, in its time, and ends nothing that is newer."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from helpline.consent.applying import POSITION, apply_journal
from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.records.tables import consents, controls, effects, messages, objections
from tests.consent.people import THURSDAY, Person, rows
from tests.consent.test_journal import of, withdrawal
from tests.fresh_logs import captured_logs


def test_the_journal_is_applied_where_the_database_was_down(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    journal = somebody.consent.journal
    journal.append(of(somebody, somebody.later(minutes=5).now))

    applied = apply_journal(somebody.consent.engine, journal, somebody.later(hours=2).now)

    assert (applied.applied, applied.known, applied.damaged) == (1, 0, 0)
    assert somebody.scope == ""
    assert somebody.message_states() == {("update", "last"): ("skipped", "stop")}
    assert somebody.row().number is None
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.at, ended.sid) == ("ended", somebody.later(minutes=5).now, "SMx")


def test_it_is_applied_from_where_it_was_applied_to(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    assert apply_journal(engine, journal, THURSDAY).applied == 0
    journal.append(withdrawal(1), withdrawal(2))
    assert apply_journal(engine, journal, THURSDAY).applied == 2
    assert position(engine) == journal.size()
    assert apply_journal(engine, journal, THURSDAY).applied == 0
    journal.append(withdrawal(3))
    assert apply_journal(engine, journal, THURSDAY).applied == 1
    assert {row.fingerprint for row in rows(engine, objections)} == {f"{number:032x}" for number in (1, 2, 3)}


def test_a_withdrawal_ends_nothing_that_is_newer_than_itself(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    somebody.consent.journal.append(
        of(somebody, somebody.later(minutes=-1).now),
        of(somebody, somebody.later(minutes=-2).now, "SMy.erase", erases=True),
    )
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=1).now)
    assert somebody.scope == "all"
    assert somebody.message_states() == {("update", "last"): ("planned", "")}
    assert rows(somebody.consent.engine, objections) == []


def test_no_line_whatever_stands_in_it_holds_back_the_sending(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    somebody.signs_up()
    odd = "\0 " + "é" * 200 + "x" * 200
    journal.append(Withdrawal(somebody.fingerprint, "stop", THURSDAY, odd, odd, odd, odd, odd))
    assert apply_journal(engine, journal, THURSDAY).applied == 1
    assert somebody.scope == ""


def test_applying_twice_is_applying_once(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    somebody.signs_up()
    journal.append(of(somebody, somebody.later(minutes=5).now))
    apply_journal(engine, journal, somebody.later(minutes=6).now)
    somebody.later(minutes=7).signs_up()
    forget_position(engine)

    apply_journal(engine, journal, somebody.later(minutes=8).now)

    assert somebody.scope == "all"
    assert [row.event for row in rows(engine, consents)].count("ended") == 1


def test_a_stop_that_waits_in_the_journal_does_not_end_what_is_agreed_to_after_it(somebody: Person) -> None:
    """The old subscription still looks active when its caller asks anew."""
    somebody.signs_up()
    somebody.consent.journal.append(of(somebody, somebody.later(minutes=5).now))
    assert somebody.later(minutes=9).does("look_up_reminders") == "none"
    assert somebody.later(minutes=10).does("subscribe_all") == "saved"
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=11).now)
    assert somebody.scope == "all"


@pytest.mark.parametrize(
    ("effect", "outcome"),
    [("look_up_reminders", "none"), ("show_data", "nothing"), ("done", "nothing"), ("keep", "not_saved")],
)
def test_who_stopped_while_the_database_was_down_is_told_so_at_once(
    somebody: Person, effect: str, outcome: str
) -> None:
    somebody.signs_up()
    somebody.consent.journal.append(of(somebody, somebody.later(minutes=5).now))
    assert somebody.later(minutes=9).does(effect) == outcome


def test_a_shorter_journal_is_applied_from_its_beginning(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    journal.append(*[withdrawal(number) for number in range(9)])
    apply_journal(engine, journal, THURSDAY)
    journal.path.unlink()
    assert apply_journal(engine, journal, THURSDAY).applied == 0
    assert position(engine) == 0
    somebody.signs_up()
    journal.append(of(somebody, somebody.later(minutes=5).now))
    assert apply_journal(engine, journal, somebody.later(minutes=6).now).applied == 1
    assert somebody.scope == ""


def test_a_torn_last_line_waits_and_is_told_once(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    journal.append(withdrawal(1))
    whole = journal.size()
    with journal.path.open("ab") as file:
        file.write(b'{"at": 17965')
    with captured_logs() as logs:
        first = apply_journal(engine, journal, THURSDAY)
        apply_journal(engine, journal, THURSDAY)
    assert (first.applied, first.torn, first.damaged) == (1, 12, 0)
    assert position(engine) == whole
    assert [entry["log_level"] for entry in logs] == ["warning", "info"]

    journal.append(withdrawal(2))
    with captured_logs() as logs:
        second = apply_journal(engine, journal, THURSDAY)
    assert (second.applied, second.torn, second.damaged) == (1, 0, 1)
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert position(engine) == journal.size()


def test_more_than_one_reading_is_applied(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    known = withdrawal(1)
    journal.append(known)
    apply_journal(engine, journal, THURSDAY)
    journal.append(*[known] * 3000)  # as if a webhook had been repeated: known by its key
    journal.append(withdrawal(2))
    applied = apply_journal(engine, journal, THURSDAY)
    assert (applied.applied, applied.known) == (1, 3000)


def test_a_stop_by_voice_that_waited_is_confirmed_within_the_day_only(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    other = replace(somebody, number="+33639980002")
    somebody.signs_up()
    other.signs_up()
    journal.append(of(somebody, somebody.later(minutes=5).now, "CA1.3.stop", tell=True))
    apply_journal(engine, journal, somebody.later(hours=2).now)
    journal.append(of(other, other.later(hours=5).now, "CA2.3.stop", tell=True))
    apply_journal(engine, journal, other.later(days=2).now)
    assert [(row.caller_id, row.kind) for row in rows(engine, messages)] == [(somebody.row().id, "stopped")]


def test_two_appliers_at_once_do_it_once(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    people = [replace(somebody, number=f"+336399800{number:02}") for number in range(10, 30)]
    for person in people:
        person.signs_up()
    journal.append(*[of(person, person.later(minutes=1).now, f"SM{person.number}.stop") for person in people])
    threads = [
        threading.Thread(target=apply_journal, args=(engine, Journal(journal.path), somebody.later(minutes=2).now))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.event for row in rows(engine, consents)].count("ended") == 20
    assert len(rows(engine, objections)) == 20
    assert position(engine) == journal.size()


def test_what_cannot_be_read_stops_the_sending(consent: Consent) -> None:
    consent.journal.path.mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        apply_journal(consent.engine, consent.journal, THURSDAY)


def position(engine: Engine) -> int:
    return int(rows(engine, controls, controls.c.name.startswith(POSITION))[0].value)


def forget_position(engine: Engine) -> None:
    """As after a backup was restored: and the outcomes of effects are older too."""
    with engine.begin() as connection:
        connection.execute(controls.delete())
        connection.execute(effects.delete())
