"""What a process knows of the notices, and from when on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from helpline.notices.board import LOOK_SECONDS, Board
from helpline.notices.kept import put_up, take_down
from helpline.records.engine import open_records
from tests.conftest import THURSDAY, Clock

WORDS = {"fr": "Le site est en panne.", "en": "The site is down."}
EVENING = THURSDAY + timedelta(hours=8)


def test_a_process_knows_what_was_up_when_it_looked(engine: Engine) -> None:
    board = Board(engine, Clock())
    with engine.begin() as connection:
        made = put_up(connection, WORDS, EVENING, "Anna", THURSDAY)
    assert board.current(THURSDAY) is None
    board.look()
    assert board.current(THURSDAY) == WORDS
    with engine.begin() as connection:
        take_down(connection, made, THURSDAY)
    board.look()
    assert board.current(THURSDAY) is None


def test_every_process_looks_often_enough_to_know_within_ten_seconds() -> None:
    assert LOOK_SECONDS <= 5


def test_it_ends_by_itself_also_where_nobody_looks_again(engine: Engine) -> None:
    board = Board(engine, Clock())
    with engine.begin() as connection:
        put_up(connection, WORDS, EVENING, "Anna", THURSDAY)
    board.look()
    assert board.current(EVENING - timedelta(seconds=1)) == WORDS
    assert board.current(EVENING) is None


def test_it_is_not_up_on_a_date_before_it_was_put_up(engine: Engine) -> None:
    """A demo's date can go back."""
    board = Board(engine, Clock())
    with engine.begin() as connection:
        put_up(connection, WORDS, EVENING, "Anna", THURSDAY)
    board.look()
    assert board.current(THURSDAY - timedelta(hours=1)) is None


def test_while_the_database_is_away_what_was_known_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(engine, Clock())
    with engine.begin() as connection:
        put_up(connection, WORDS, EVENING, "Anna", THURSDAY)
    board.look()
    monkeypatch.setattr(board, "_engine", _of_nowhere())
    with pytest.raises(SQLAlchemyError):
        board.look()
    assert board.current(THURSDAY) == WORDS
    assert board.current(EVENING) is None


def test_a_process_that_begins_while_the_database_is_away_knows_of_none() -> None:
    board = Board(_of_nowhere(), Clock())
    with pytest.raises(SQLAlchemyError):
        board.look()
    board.wait_for_first_look()
    assert board.current(THURSDAY) is None


def test_who_comes_first_waits_until_the_process_has_looked_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpline.notices.board.FIRST_LOOK_SECONDS", 60)
    board = Board(engine, Clock())
    with engine.begin() as connection:
        put_up(connection, WORDS, EVENING, "Anna", THURSDAY)
    looking = Thread(target=board.look)
    looking.start()
    board.wait_for_first_look()
    assert board.current(THURSDAY) == WORDS
    looking.join()


def test_who_comes_first_waits_no_longer_than_a_moment_and_nobody_after_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = Board(engine, Clock())  # nobody looks
    board.wait_for_first_look()
    monkeypatch.setattr("helpline.notices.board.FIRST_LOOK_SECONDS", 3600)
    board.wait_for_first_look()
    assert board.current(THURSDAY) is None


def _of_nowhere() -> Engine:
    return open_records(f"sqlite:///{Path('/nowhere/at/all.db')}", patience=0.1)
