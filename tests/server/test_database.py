"""The database at the start of the helpline."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.records.engine import open_records
from helpline.records.migrate import is_current, upgrade
from helpline.server import database
from helpline.server.database import prepare_database
from helpline.server.errors import ServerError
from tests.server.running import wait_until


def test_an_empty_one_gets_the_tables(tmp_path: Path) -> None:
    url, said = f"sqlite:///{tmp_path / 'var' / 'helpline.db'}", list[str]()
    prepare_database(url, said.append)()
    assert is_current(url)
    assert said == []


def test_one_that_does_not_answer_is_named_and_the_helpline_goes_on() -> None:
    said: list[str] = []
    prepare_database("postgresql+psycopg://helpline:secret@127.0.0.1:1/helpline", said.append)
    assert "127.0.0.1:1" in said[0]
    assert "calls and texts are answered" in said[0]
    assert "secret" not in said[0]


def test_it_is_made_ready_as_soon_as_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PAUSE", 0.05)
    file = tmp_path / "helpline.db"
    file.mkdir()  # stands in the way
    said: list[str] = []
    url = f"sqlite:///{file}"
    go_on_trying = prepare_database(url, said.append)
    assert len(said) == 1
    go_on_trying()
    file.rmdir()
    wait_until(lambda: len(said) == 2, lambda: f"only {said}")
    assert said[1] == "The database answers now, and is ready."
    assert is_current(url)


def test_one_of_a_newer_helpline_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'helpline.db'}"
    upgrade(url)
    engine = open_records(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ServerError, match="made by a newer helpline"):
        prepare_database(url, print)
