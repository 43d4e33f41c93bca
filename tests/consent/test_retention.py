"""What is forgotten, and when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event, insert, update

from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.consent.idleness import months_before
from helpline.consent.retention import Forgotten, retention
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.menus.windows import PARIS
from helpline.records.engine import open_records
from helpline.records.messages import STATES
from helpline.records.sealing import Seals
from helpline.records.tables import (
    callers,
    carrier_blocks,
    consents,
    controls,
    effects,
    messages,
    objections,
    subscriptions,
)
from tests.consent.people import MOBILE, SEALING, THURSDAY, Person, rows
from tests.menus.calendars import USUAL

NOTHING = Forgotten(**dict.fromkeys(Forgotten.__slots__, 0))
YEAR = timedelta(days=365)


def night(consent: Consent, now: datetime, seen: Iterable[str] = (), **more: Any) -> Forgotten:
    return retention(consent.engine, consent.seals, seen, now, USUAL, consent.journal, **more)


def paris(year: int, month: int, day: int, hour: int = 3) -> datetime:
    return datetime(year, month, day, hour, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        (paris(2026, 12, 3), 11, paris(2026, 1, 3)),
        (paris(2027, 3, 31), 1, paris(2027, 2, 28)),
        (paris(2028, 2, 29), 12, paris(2027, 2, 28)),
        (paris(2026, 10, 25, 12), 12, paris(2025, 10, 25, 12)),
        (paris(2026, 1, 15), 36, paris(2023, 1, 15)),
    ],
)
def test_months_are_those_of_the_calendar(now: datetime, months: int, then: datetime) -> None:
    assert months_before(now.astimezone(UTC), months) == then


def test_a_night_with_nothing_to_do_does_nothing(somebody: Person) -> None:
    somebody.signs_up()
    assert night(somebody.consent, somebody.later(days=1).now) == NOTHING
    assert somebody.scope == "all"


def test_who_was_seen_is_not_idle(somebody: Person) -> None:
    somebody.signs_up()
    later = somebody.later(days=200).now
    assert night(somebody.consent, later, seen=(somebody.fingerprint, "f" * 32)).seen == 1
    assert somebody.row().last_seen == later
    assert night(somebody.consent, later, seen=(somebody.fingerprint,)).seen == 0


def test_who_was_seen_is_written_down_before_more_are_asked_for(consent: Consent) -> None:
    people = [Person(consent, f"+3363998000{number}") for number in range(5)]
    for person in people:
        person.signs_up()
    later = people[0].later(days=200).now
    written: list[int] = []

    def told() -> Iterator[str]:
        for person in people:
            written.append(sum(row.last_seen == later for row in rows(consent.engine, callers)))
            yield person.fingerprint

    assert night(consent, later, seen=told(), page=2).seen == 5
    assert written == [0, 0, 2, 2, 4]


def test_after_eleven_months_the_question_is_planned_once(somebody: Person) -> None:
    somebody.signs_up()  # Thursday 3 December 2026, at 10
    assert night(somebody.consent, paris(2027, 11, 3)).asked == 0
    assert night(somebody.consent, paris(2027, 11, 4)).asked == 1
    (question,) = rows(somebody.consent.engine, messages)
    assert (question.kind, question.queue, question.state, question.occurrence) == (
        "keep",
        "bulk",
        "planned",
        "2027-11",
    )
    assert paris(2027, 11, 4, 9) <= question.due_at < paris(2027, 11, 4, 18)
    assert question.not_after == paris(2027, 11, 11, 9)
    for day in (5, 20, 30):
        assert night(somebody.consent, paris(2027, 11, day)).asked == 0


def test_the_question_waits_for_an_hour_in_which_we_may_write(somebody: Person) -> None:
    somebody.signs_up()
    assert night(somebody.consent, paris(2027, 12, 25)).asked == 1  # Christmas, a Saturday
    (question,) = rows(somebody.consent.engine, messages)
    assert paris(2027, 12, 27, 9) <= question.due_at < paris(2027, 12, 27, 18)


def test_the_questions_of_a_night_are_spread_over_the_day(consent: Consent) -> None:
    for number in range(20):
        Person(consent, f"+336399800{number:02}").signs_up()
    assert night(consent, paris(2027, 11, 4), page=7).asked == 20
    hours = {row.due_at.astimezone(PARIS).hour for row in rows(consent.engine, messages)}
    assert hours <= set(range(9, 18))
    assert len(hours) > 4


def asked(person: Person, state: str = "delivered") -> None:
    """The question was planned on 4 November 2027, and this became of it."""
    assert night(person.consent, paris(2027, 11, 4)).asked == 1
    with person.consent.engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.kind == "keep").values(state=state))


def test_who_does_not_answer_for_a_month_is_erased(somebody: Person) -> None:
    somebody.signs_up()
    asked(somebody)
    assert night(somebody.consent, paris(2027, 12, 4)).erased == 0  # the day that the question named
    assert night(somebody.consent, paris(2027, 12, 5)).erased == 1
    for table in (callers, subscriptions, messages, objections):
        assert rows(somebody.consent.engine, table) == []
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.heard, ended.channel) == ("ended", "idle", "nightly")


def test_a_question_that_went_late_leaves_a_month_to_answer(somebody: Person) -> None:
    somebody.signs_up()
    asked(somebody)
    with somebody.consent.engine.begin() as connection:
        connection.execute(update(messages).values(claimed_at=paris(2027, 11, 9, 12)))
    assert night(somebody.consent, paris(2027, 12, 9)).erased == 0
    assert night(somebody.consent, paris(2027, 12, 10)).erased == 1


def test_who_answers_is_kept_and_asked_again_next_year(somebody: Person) -> None:
    somebody.signs_up()
    asked(somebody)
    assert replace(somebody, now=paris(2027, 11, 20, 12)).does("keep") == "kept"
    assert night(somebody.consent, paris(2027, 12, 20)) == NOTHING
    assert night(somebody.consent, paris(2028, 10, 21)).asked == 1


def test_who_was_heard_of_otherwise_is_kept_too(somebody: Person) -> None:
    somebody.signs_up()
    asked(somebody)
    night(somebody.consent, paris(2027, 12, 1), seen=(somebody.fingerprint,))
    assert night(somebody.consent, paris(2027, 12, 20)) == NOTHING


@pytest.mark.parametrize("state", ["expired", "skipped", "failed", "undelivered"])
def test_who_could_not_be_asked_is_asked_again_and_not_erased(somebody: Person, state: str) -> None:
    somebody.signs_up()
    asked(somebody, state)
    found = night(somebody.consent, paris(2027, 12, 20))
    assert (found.asked, found.erased) == (1, 0)
    assert [row.occurrence for row in rows(somebody.consent.engine, messages)] == ["2027-11", "2027-12"]


@pytest.mark.parametrize("state", ["undelivered", "failed", "unknown"])
def test_who_cannot_be_reached_is_erased_three_months_later(somebody: Person, state: str) -> None:
    somebody.signs_up()
    asked(somebody, state)
    for day in (paris(2027, 12, 5), paris(2028, 1, 5), paris(2028, 2, 2), paris(2028, 3, 2)):
        assert night(somebody.consent, day).erased == 0
        with somebody.consent.engine.begin() as connection:
            connection.execute(update(messages).where(messages.c.kind == "keep").values(state=state))
    assert night(somebody.consent, paris(2028, 3, 4)).erased == 1


def test_no_night_keeps_others_from_writing_while_it_looks(somebody: Person) -> None:
    """In SQLite a web turn waits two seconds for whoever writes, and a look at everybody takes longer."""
    engine = somebody.consent.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    somebody.signs_up()
    somebody.later(days=1).does("stop")
    looks: list[str] = []

    def write(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if " LIMIT " in statement:
            looks.append(statement)
            other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
            with closing(other):
                other.execute("BEGIN IMMEDIATE")

    event.listen(engine, "before_cursor_execute", write)
    night(somebody.consent, paris(2028, 1, 5))
    assert len(looks) > 5


def test_the_row_of_who_ended_everything_goes_after_a_year(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(days=1).does("stop")
    assert night(somebody.consent, paris(2027, 12, 3)).erased == 0
    assert night(somebody.consent, paris(2027, 12, 4)).erased == 1
    assert rows(somebody.consent.engine, callers) == []
    assert len(rows(somebody.consent.engine, objections)) == 1
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["asked", "given", "ended"]


def test_a_restored_backup_does_not_bring_back_who_was_erased(somebody: Person) -> None:
    """The journal has them; the rows are made again here, as a restore would."""
    somebody.signs_up()
    engine = somebody.consent.engine
    (caller,), (subscription,) = rows(engine, callers), rows(engine, subscriptions)
    asked(somebody)
    night(somebody.consent, paris(2027, 12, 5))
    with engine.begin() as connection:
        connection.execute(insert(callers).values(caller._asdict()))
        connection.execute(insert(subscriptions).values(subscription._asdict()))
        connection.execute(controls.delete())
        connection.execute(effects.delete())
    assert apply_journal(engine, somebody.consent.journal, paris(2027, 12, 6)).applied == 1
    assert rows(engine, callers) == []


def test_the_number_goes_once_nothing_is_in_doubt(somebody: Person) -> None:
    somebody.signs_up()
    message = somebody.gets(state="sending")
    somebody.later(minutes=1).does("stop")
    assert night(somebody.consent, somebody.later(hours=1).now).numbers == 0
    with somebody.consent.engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.id == message).values(state="accepted"))
    assert night(somebody.consent, somebody.later(hours=2).now, page=1).numbers == 1
    assert somebody.row().number is None


def test_messages_go_after_90_days_unless_they_are_open(somebody: Person) -> None:
    somebody.signs_up()
    for state in STATES:
        somebody.gets(wave=state, state=state)
    assert night(somebody.consent, somebody.later(days=89).now).messages == 0
    assert night(somebody.consent, somebody.later(days=90).now, page=2).messages == 7
    assert {row.state for row in rows(somebody.consent.engine, messages)} == {"planned", "sending", "unknown"}


def test_outcomes_of_effects_go_after_30_days(somebody: Person) -> None:
    somebody.signs_up()
    assert night(somebody.consent, somebody.later(days=29).now).effects == 0
    assert night(somebody.consent, somebody.later(days=31).now).effects == 2
    assert rows(somebody.consent.engine, effects) == []


def test_proof_and_objection_go_three_years_after_the_end(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(days=400).does("erase")  # 7 January 2028
    found = night(somebody.consent, paris(2031, 1, 6))
    assert (found.proofs, found.objections) == (0, 0)
    found = night(somebody.consent, paris(2031, 1, 8), page=2)
    assert (found.proofs, found.objections) == (3, 1)
    assert rows(somebody.consent.engine, consents) == []


def test_the_proof_of_who_still_gets_reminders_stays(somebody: Person) -> None:
    somebody.signs_up()
    night(somebody.consent, paris(2030, 12, 1), seen=(somebody.fingerprint,))
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["asked", "given"]


def test_that_somebody_was_asked_and_did_not_answer_goes_after_30_days(somebody: Person) -> None:
    somebody.does("look_up_reminders")
    assert night(somebody.consent, somebody.later(days=29).now).questions == 0
    assert night(somebody.consent, somebody.later(days=31).now).questions == 1


def test_a_block_by_the_carrier_is_remembered_for_three_years(somebody: Person) -> None:
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, THURSDAY)
    night(somebody.consent, THURSDAY + 2 * YEAR)
    assert len(rows(somebody.consent.engine, carrier_blocks)) == 1
    found = night(somebody.consent, THURSDAY + 3 * YEAR + timedelta(days=2))
    assert (found.objections, found.blocks) == (1, 1)
    assert rows(somebody.consent.engine, carrier_blocks) == []


def test_old_lines_of_the_journal_go_and_none_that_is_newer_is_missed(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    somebody.does("stop")
    size = journal.size()
    assert night(somebody.consent, paris(2029, 12, 20)).journal_lines == 0
    other = replace(somebody, number="+33639980002", now=paris(2030, 1, 5))
    other.signs_up()
    other.later(minutes=1).does("stop")
    assert night(somebody.consent, paris(2030, 1, 6)).journal_lines == 1
    assert journal.size() == size
    other.later(hours=1).signs_up()
    apply_journal(engine, journal, paris(2030, 1, 6))
    assert other.scope == "all"


def test_numbers_are_sealed_again_with_the_newest_key(somebody: Person) -> None:
    somebody.signs_up()
    newer = Fernet.generate_key().decode()
    seals = Seals([newer, SEALING])
    found = retention(somebody.consent.engine, seals, (), THURSDAY, USUAL)
    assert (found.resealed, found.unreadable) == (1, 0)
    assert Seals([newer]).open(somebody.row().number) == MOBILE
    assert retention(somebody.consent.engine, Seals([SEALING]), (), THURSDAY, USUAL).unreadable == 1


def test_a_stop_that_waits_in_the_journal_is_applied_first(somebody: Person) -> None:
    somebody.signs_up()
    later = somebody.later(days=1)
    replace(later, consent=_without_database(somebody.consent)).does("stop")
    night(somebody.consent, paris(2027, 11, 10))
    assert rows(somebody.consent.engine, messages) == []
    assert somebody.scope == ""


def _without_database(consent: Consent) -> Consent:
    return replace(consent, engine=open_records(f"sqlite:///{consent.journal.path.parent}/no/folder.db", 0.1))
