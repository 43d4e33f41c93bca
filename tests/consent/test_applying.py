"""The journals of several machines, one database: each is applied, and nothing goes out before it is."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from helpline.consent.applying import POSITION, TOGETHER, apply_journal, is_applied
from helpline.consent.journal import Journal
from helpline.records.tables import controls, effects, objections
from tests.consent.people import THURSDAY, Person, rows
from tests.consent.test_journal import of, withdrawal


def known_to(engine: Engine, journal: Journal) -> bool:
    with engine.begin() as connection:
        return is_applied(connection, journal)


def test_a_journal_is_applied_when_the_database_knows_its_last_line(engine: Engine, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    assert known_to(engine, journal)
    journal.append(withdrawal(1))
    assert not known_to(engine, journal)
    apply_journal(engine, journal, THURSDAY)
    assert known_to(engine, journal)
    journal.append(withdrawal(2))
    assert not known_to(engine, journal)


def test_a_torn_line_does_not_hold_back_the_sending_for_ever(engine: Engine, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    journal.append(withdrawal(1))
    with journal.path.open("ab") as file:
        file.write(b'{"at": 17')
    assert not known_to(engine, journal)
    apply_journal(engine, journal, THURSDAY)
    assert known_to(engine, journal)


def test_a_journal_that_became_shorter_is_not_applied(engine: Engine, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    journal.append(withdrawal(1), withdrawal(2))
    apply_journal(engine, journal, THURSDAY)
    journal.path.unlink()
    journal.append(withdrawal(3))
    assert not known_to(engine, journal)
    apply_journal(engine, journal, THURSDAY)
    assert known_to(engine, journal)
    assert len(rows(engine, objections)) == 3


def test_each_machine_has_a_journal_and_a_position_of_its_own(somebody: Person, tmp_path: Path) -> None:
    engine = somebody.consent.engine
    first, second, empty = (Journal(tmp_path / name / "withdrawals.jsonl") for name in ("one", "two", "three"))
    first.append(*[withdrawal(number) for number in range(9)])
    apply_journal(engine, first, THURSDAY)
    somebody.signs_up()

    second.append(of(somebody, somebody.later(minutes=5).now))
    assert apply_journal(engine, second, somebody.later(minutes=6).now).applied == 1
    apply_journal(engine, empty, somebody.later(minutes=7).now)

    assert somebody.scope == ""
    assert known_to(engine, first)
    assert known_to(engine, second)
    assert known_to(engine, empty)
    names = [row.name for row in rows(engine, controls, controls.c.name.startswith(POSITION))]
    assert len(names) == 2
    assert all(len(name) <= 40 for name in names)


def test_a_journal_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "withdrawals.jsonl"
    Journal(path).append(withdrawal(1))
    name = Journal(path).identity()
    Journal(path).trim(THURSDAY)
    assert name
    assert Journal(path).identity() == name
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["withdrawals.id", "withdrawals.jsonl"]


def test_many_lines_are_applied_some_at_a_time_and_none_is_left_out(engine: Engine, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    journal.append(*[withdrawal(number) for number in range(2 * TOGETHER + 1)])
    journal.append(withdrawal(0), withdrawal(1, key="SM1.again"), withdrawal(0, key="SM0.again"))
    apply_journal(engine, journal, THURSDAY)
    assert len(rows(engine, objections)) == 2 * TOGETHER + 1
    assert {row.outcome for row in rows(engine, effects)} == {"stopped"}
