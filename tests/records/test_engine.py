"""The connection to the database, the tables, and the databases that the tests run on."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, column, func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from helpline.records.engine import open_records, reading
from helpline.records.tables import callers, metadata, subscriptions
from tests.databases import address
from tests.records.filled import NOON, fill


def test_each_test_has_all_tables_and_nothing_in_them(engine: Engine) -> None:
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            assert connection.scalar(select(func.count()).select_from(table)) == 0


def test_a_moment_is_kept_in_whole_seconds_and_comes_back_with_its_zone(engine: Engine) -> None:
    fill(engine, people=1)
    paris = timezone(timedelta(hours=1))
    with engine.begin() as connection:
        connection.execute(callers.update().values(last_seen=datetime(2026, 11, 2, 13, 0, 0, 999_999, paris)))
        assert connection.scalar(select(callers.c.last_seen)) == NOON
        assert connection.scalar(select(callers.c.last_seen)).tzinfo is UTC
        raw = select(column("last_seen")).select_from(callers)
        assert connection.scalar(raw) == int(NOON.timestamp())


def test_a_caller_has_one_active_subscription_of_a_kind_and_any_number_of_ended_ones(engine: Engine) -> None:
    fill(engine, people=1)
    with engine.begin() as connection:
        caller = connection.scalar(select(callers.c.id))
        new = {"caller_id": caller, "kind": "update", "scope": "all", "since": NOON}
        for _ in range(2):
            connection.execute(insert(subscriptions).values(new | {"ended_at": NOON}))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(subscriptions).values(new))


def test_who_only_reads_waits_for_no_writer(engine: Engine) -> None:
    fill(engine, people=1)
    impatient = open_records(address(engine), patience=0.2)
    with engine.begin() as writer:
        writer.execute(callers.update().values(language="en"))
        with reading(impatient).begin() as reader:
            assert reader.scalar(select(callers.c.language)) == "fr"
    impatient.dispose()


def test_nobody_waits_for_a_writer_longer_than_their_patience(engine: Engine) -> None:
    fill(engine, people=1)
    impatient = open_records(address(engine), patience=0.2)
    with engine.begin() as writer:
        writer.execute(callers.update().values(language="en"))
        with pytest.raises(OperationalError), impatient.begin() as other:
            other.execute(callers.update().values(language="ar"))
    impatient.dispose()


def test_what_was_committed_outlives_a_power_cut(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_line_to_postgresql_that_is_cut_is_given_up_by_the_kernel(postgresql_engine: Engine) -> None:
    quick = open_records(address(postgresql_engine), patience=2.0)
    with quick.connect() as connection:
        told = connection.connection.dbapi_connection.info.get_parameters()  # type: ignore[union-attr]
    quick.dispose()
    assert (told["tcp_user_timeout"], told["keepalives_idle"], told["keepalives_count"]) == ("6000", "2", "3")


def test_who_opens_a_new_file_with_others_at_once_waits_for_them(tmp_path: Path) -> None:
    together, failed = threading.Barrier(6), list[BaseException]()

    def open_it(number: int) -> None:
        engine = open_records(f"sqlite:///{tmp_path}/{number}.db")
        together.wait()
        try:
            with engine.begin() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        except BaseException as error:
            failed.append(error)
        finally:
            engine.dispose()

    for number in range(40):
        threads = [threading.Thread(target=open_it, args=(number,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert failed == []
