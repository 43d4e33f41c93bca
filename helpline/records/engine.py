"""The connection to the database: SQLite in `var/` unless DATABASE_URL names another one."""

from __future__ import annotations

import sqlite3
import time
from functools import partial

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

QUICK, PATIENT = 2.0, 20.0  # seconds that a caller's turn waits for the database, and that a worker does
BUSY_SECONDS = 0.01  # between two attempts to open a file that others open
POOL_QUICK = 1.0  # seconds that a turn waits for others to give a connection back, before it waits for the database


def open_records(url: str, patience: float = PATIENT) -> Engine:
    """An engine that has not connected yet. Nothing waits for a lock longer than `patience` seconds.

    Where a caller waits, with QUICK, nothing waits for an answer much longer either, even from a PostgreSQL that is
    frozen. A process that forks afterwards calls `engine.dispose(close=False)` in the child.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": patience}, pool_timeout=patience)
        event.listen(engine, "connect", partial(_sqlite_connected, patience))
        event.listen(engine, "begin", _sqlite_begins)
        return engine
    milliseconds = int(patience * 1000)
    is_quick = patience <= QUICK
    if is_quick:
        from helpline.records.unanswered import RestingPool, give_up_after  # needs the driver; SQLite does without
    engine = create_engine(
        url,
        hide_parameters=True,  # an error's words end up in logs
        pool_pre_ping=True,
        poolclass=RestingPool if is_quick else None,
        pool_timeout=POOL_QUICK if is_quick else patience,
        connect_args={
            "connect_timeout": max(2, int(patience)),
            # A server that is frozen, or a line that is cut, answers nothing: the kernel gives up for us.
            "tcp_user_timeout": milliseconds * 3,
            "keepalives": 1,
            "keepalives_idle": max(1, int(patience)),
            "keepalives_interval": 1,
            "keepalives_count": 3,
            "options": f"-c statement_timeout={milliseconds if is_quick else milliseconds * 3} "
            f"-c lock_timeout={milliseconds} -c timezone=UTC",
        },
    )
    if is_quick:
        give_up_after(engine, patience + 1)  # after the server's own limit: who is only slow says so itself
    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for who only reads: in SQLite they wait for no writer, and no writer for them."""
    return engine.execution_options(only_reads=True)


def _sqlite_connected(patience: float, connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    _keep_ahead(cursor, patience)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep_ahead(cursor: DBAPICursor, patience: float) -> None:
    """Let the file have a write-ahead log. Of several who open a new one at once SQLite lets some not even wait."""
    until = time.monotonic() + patience
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(BUSY_SECONDS)


def _sqlite_begins(connection: Connection) -> None:
    # At once as a writer: a reader that turns writer later could not wait for its turn.
    only_reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
