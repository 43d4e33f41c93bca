"""`helpline backup`: everything in the database at one moment, in a file, while the helpline goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Engine, Table, func, literal_column, select

from helpline.records.backup_file import PAGE, Header, written
from helpline.records.engine import reading
from helpline.records.errors import RecordsError, told_of
from helpline.records.migrate import newest, revision_of
from helpline.records.sealing import key_mark
from helpline.records.tables import callers, metadata

Progress = Callable[[str, int, int], None]  # the table, its rows so far, and how many it has


def write_backup(engine: Engine, path: Path, fingerprint_key: bytes, now: datetime, progress: Progress) -> Header:
    """Write a backup of everything that was committed by now, and perhaps a little more.

    RecordsError if the tables are not those of this program, or the file cannot be written.
    """
    with told_of(engine.url.render_as_string(hide_password=False)), _one_moment(engine) as connection:
        header = _header(connection, fingerprint_key, now)
        with written(path) as file:
            file.header(header)
            for name in header.tables:
                done = 0
                with _all_rows(connection, metadata.tables[name]) as rows:
                    for page in rows.partitions():
                        file.page(name, [list(row) for row in page])
                        done += len(page)
                        progress(name, done, header.rows[name])
            file.end()
    return header


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nothing changes, whatever others commit meanwhile."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with reading(engine).begin() as connection:
        yield connection


def _header(connection: Connection, fingerprint_key: bytes, now: datetime) -> Header:
    found = revision_of(connection)
    if found != newest():
        raise RecordsError(
            f"The database is at revision {found or 'none'}, and this helpline works with {newest()}.\n"
            "First run: helpline migrate"
        )
    tables = metadata.sorted_tables  # a table comes after those that it refers to
    sealing = select(callers.c.number_key).where(callers.c.number_key.is_not(None)).distinct()
    return Header(
        version=version("helpline"),
        revision=found,
        taken_at=now.replace(microsecond=0),
        fingerprint_key=key_mark(fingerprint_key.decode()),
        number_keys=sorted(mark for mark in connection.scalars(sealing) if mark),
        tables={table.name: list(table.c.keys()) for table in tables},
        rows={table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables},
    )


def _all_rows(connection: Connection, table: Table) -> CursorResult[*tuple[Any, ...]]:
    """The rows as the database holds them, in the order of their keys; read page by page."""
    as_they_are: list[ColumnElement[Any]] = [literal_column(f'"{column.name}"') for column in table.c]
    wanted = select(*as_they_are).select_from(table).order_by(*table.primary_key.columns)
    return connection.execution_options(yield_per=PAGE).execute(wanted)
