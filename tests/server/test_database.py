"""The database at the start of the helpline."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.records.belonging import OfAnother, Use, take_for
from helpline.records.engine import open_records
from helpline.records.migrate import is_current, upgrade
from helpline.server import database
from helpline.server.database import prepare_database
from helpline.server.errors import ServerError
from tests.records.filled import everything, fill
from tests.server.running import wait_until


def test_an_empty_one_gets_the_tables(tmp_path: Path) -> None:
    url, said = f"sqlite:///{tmp_path / 'var' / 'helpline.db'}", list[str]()
    prepare_database(url, "production", said.append)()
    assert is_current(url)
    assert said == []


def test_one_that_does_not_answer_is_named_and_the_helpline_goes_on() -> None:
    said: list[str] = []
    prepare_database("postgresql+psycopg://helpline:secret@127.0.0.1:1/helpline", "demo", said.append)
    assert "127.0.0.1:1" in said[0]
    assert "calls and texts are answered" in said[0]
    assert "secret" not in said[0]


def test_it_is_made_ready_as_soon_as_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PAUSE", 0.05)
    file = tmp_path / "helpline.db"
    file.mkdir()  # stands in the way
    said: list[str] = []
    url = f"sqlite:///{file}"
    go_on_trying = prepare_database(url, "production", said.append)
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
        prepare_database(url, "production", print)


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [("production", "demo", "Unset DATABASE_URL"), ("demo", "production", "Name an empty database by DATABASE_URL")],
)
def test_what_real_callers_use_a_demo_refuses_and_the_other_way_round(
    database_url: str, first: Use, then: Use, told: str
) -> None:
    prepare_database(database_url, first, print)
    prepare_database(database_url, first, print)
    with pytest.raises(ServerError, match=told):
        prepare_database(database_url, then, print)
    prepare_database(database_url, first, print)


def test_one_from_before_this_was_written_down_is_of_whoever_comes_first(database_url: str) -> None:
    upgrade(database_url)
    prepare_database(database_url, "demo", print)
    with pytest.raises(ServerError, match="belongs to a demo"):
        prepare_database(database_url, "production", print)


def test_a_demo_leaves_callers_alone_of_whom_nothing_says_whose_they_are(database_url: str) -> None:
    upgrade(database_url)
    engine = open_records(database_url)
    fill(engine)
    before = everything(engine)
    with pytest.raises(ServerError, match="holds 3 callers"):
        prepare_database(database_url, "demo", print)
    assert everything(engine) == before
    engine.dispose()
    prepare_database(database_url, "production", print)
    with pytest.raises(ServerError, match="belongs to a helpline for real callers"):
        prepare_database(database_url, "demo", print)


def test_one_of_another_is_refused_before_its_tables_are_changed(database_url: str) -> None:
    prepare_database(database_url, "production", print)
    engine = open_records(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ServerError, match="belongs to a helpline for real callers"):
        prepare_database(database_url, "demo", print)


def test_one_that_answers_later_and_is_of_another_ends_the_helpline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSE", 0.05)
    file, elsewhere = tmp_path / "helpline.db", tmp_path / "elsewhere.db"
    prepare_database(f"sqlite:///{elsewhere}", "production", print)
    file.mkdir()  # stands in the way
    reasons: list[str] = []
    prepare_database(f"sqlite:///{file}", "demo", print, reasons.append)()
    file.rmdir()
    elsewhere.rename(file)
    wait_until(lambda: bool(reasons), lambda: "nothing was given up")
    assert "belongs to a helpline for real callers" in reasons[0]


def test_two_helplines_that_come_at_once_do_not_both_get_it(database_url: str) -> None:
    upgrade(database_url)

    def takes(use: Use) -> bool:
        try:
            take_for(database_url, use)
        except OfAnother:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        took = list(threads.map(takes, ["demo", "production"] * 2))
    assert took in ([True, False] * 2, [False, True] * 2)
