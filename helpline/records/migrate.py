"""Brings a database to the tables of this program, or back: the steps are in `migrations/versions`.

All steps run in one transaction: done, or not begun. Processes that start together wait for each other.
Alembic takes them. It is loaded only for that: each process asks at its start which revision there is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, make_url, text

from helpline.records.engine import open_records, reading
from helpline.records.errors import RecordsError, told_of
from helpline.records.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

_MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 60.0  # seconds that one process waits for another's steps
ADVISORY_LOCK = 0x68656C706C696E65  # "helpline": nobody else in the same database takes this number by chance


def upgrade(url: str) -> str:
    """Take every step that is missing. Returns the revision that the database then has.

    RecordsError if the database does not answer, or was made by a newer helpline.
    """
    make_file(url)
    with told_of(url), opened(url) as engine, engine.begin() as connection:
        one_at_a_time(connection)
        step_to(connection, "head")
        return revision_of(connection)


def downgrade(url: str, to: str) -> None:
    """Go back to the revision `to`; "base" is before the first, without any table. What those tables held is lost."""
    with told_of(url), opened(url) as engine, engine.begin() as connection:
        one_at_a_time(connection)
        step_to(connection, to)


def step_to(connection: Connection, revision: str) -> None:
    """Take the steps up or down to `revision`, or to "head" or "base", in the transaction of `connection`."""
    found, known = revision_of(connection), revisions()
    if found and found not in known:
        raise RecordsError(
            f"The database was made by a newer helpline: it is at revision {found}, "
            f"and this one knows revisions up to {known[-1]}.\nStart the newer helpline again, "
            "or restore a backup of this one into an empty database."
        )
    if not found and set(metadata.tables) & set(inspect(connection).get_table_names()):
        raise RecordsError(
            "The database holds tables of the helpline, but not which revision they are of.\n"
            "Name an empty database by DATABASE_URL, or remove the file if nothing in it counts."
        )
    from alembic import command

    aim = {"head": known[-1], "base": ""}.get(revision, revision)
    goes_down = not aim or (found and known.index(aim) < known.index(found))
    (command.downgrade if goes_down else command.upgrade)(_config(connection), revision)


def is_current(url: str) -> bool:
    """Whether the database has exactly the tables that this program works with."""
    path = file_of(url)
    if path and not path.exists():
        return False
    with told_of(url), opened(url) as engine, reading(engine).begin() as connection:
        return revision_of(connection) == newest()


def newest() -> str:
    """The revision that this program works with."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Every revision that this program knows, the first one first: the names of their files begin with them."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def revision_of(connection: Connection) -> str:
    """The revision of a database; "" if no step was taken yet."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other process changes tables. In SQLite the transaction began as a writer: there is only one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE:.0f}s'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # a step may have a million rows to go over
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine with patience, for this use alone. RecordsError if there is no file of SQLite."""
    path = file_of(url)
    if path and not path.exists():
        raise RecordsError(f"There is no database {path} yet. First run: helpline migrate")
    engine = open_records(url, PATIENCE)
    try:
        yield engine
    finally:
        engine.dispose()


def file_of(url: str) -> Path | None:
    """The file of an SQLite database."""
    address = make_url(url)
    return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


def make_file(url: str) -> None:
    """The file of SQLite, so that nobody else may read it."""
    path = file_of(url)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise RecordsError(f"The database {path} cannot be made: {error.strerror}. Check VAR_DIR.") from error
