"""`helpline restore`: a database as a backup says, with the helpline paused until it knows what happened since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, RowMapping, delete, func, insert, inspect, select, text

from helpline.records import backup_file, migrate
from helpline.records.backup import Progress
from helpline.records.backup_file import Header, Row
from helpline.records.belonging import BELONGS_TO, Use, refuse_backup, refuse_marked
from helpline.records.desk_tables import held_waves, operator_links, operator_sessions
from helpline.records.errors import RecordsError, told_of
from helpline.records.held import held
from helpline.records.sealing import key_mark
from helpline.records.tables import controls, metadata

if TYPE_CHECKING:
    import psycopg

_ROWS_A_SECOND = 1000  # more than are ever made, of each kind
# Rows of `controls`, as `reminders` and `consent` know them.
PAUSED, RECONCILE, JOURNAL_POSITION = "paused", "reconcile_since", "journal_position"


def check_backup(path: Path, fingerprint_key: bytes, number_keys: Iterable[str], use: Use) -> Header:
    """Reads a backup to its end, without a database.

    RecordsError unless it is whole, made for these keys, and not of a helpline of the other kind.
    """
    header, mark = _read(path)
    if header.revision not in migrate.revisions():
        raise RecordsError(
            f"The backup {path} was made by a newer helpline (version {header.version}, revision {header.revision}): "
            "restore it with that one."
        )
    if header.fingerprint_key != key_mark(fingerprint_key.decode()):
        raise RecordsError(
            f"The backup {path} was made with another FINGERPRINT_KEY: this helpline would recognise none of its "
            f"callers, nor that they said stop.\nSet the one whose mark is {header.fingerprint_key} "
            f"(this one's is {key_mark(fingerprint_key.decode())})."
        )
    ours = {key_mark(key) for key in number_keys}
    if missing := [mark for mark in header.number_keys if mark not in ours]:
        raise RecordsError(
            f"The backup {path} holds numbers that NUMBER_KEYS does not open: they are sealed with the key of mark "
            f"{', '.join(missing)}.\nAdd that key to NUMBER_KEYS, after a comma."
        )
    refuse_backup(path, mark, use)
    return header


def _read(path: Path) -> tuple[Header, str]:
    """Of a whole backup, its header and what it says of whose the database was."""
    header, pages = backup_file.read(path)
    mark = ""
    for name, rows in pages:
        if name == controls.name:
            found = (dict(zip(header.tables[name], row, strict=True)) for row in rows)
            mark = next((str(row["value"]) for row in found if row["name"] == BELONGS_TO), mark)
    return header, mark


def restore_backup(
    url: str,
    path: Path,
    fingerprint_key: bytes,
    number_keys: Iterable[str],
    now: datetime,
    progress: Progress,
    *,
    replace: bool = False,
    use: Use = "production",
) -> Header:
    """Put a backup in the place of what the database holds: all of it, or nothing if anything goes wrong.

    RecordsError if the file is not whole or not for these keys; if backup or database belong to a helpline of another
    kind than `use`; or if there are callers in the database, unless `replace` says that they may go.
    """
    checked = check_backup(path, fingerprint_key, number_keys, use)
    migrate.make_file(url)
    with told_of(url), migrate.opened(url) as engine, engine.begin() as connection:
        migrate.one_at_a_time(connection)
        refuse_marked(connection, url, use)
        if not replace and (people := held(connection)):
            raise RecordsError(
                f"The database holds callers or what they left already ({people}), and a restore would remove them.\n"
                "Name an empty database by DATABASE_URL. Or, if they may go: back it up, and add --replace"
            )
        stands, held_back = _operators_pause(connection), _held_waves(connection)
        migrate.step_to(connection, "base")
        migrate.step_to(connection, checked.revision)
        header, pages = backup_file.read(path)
        if header != checked:
            raise backup_file.damaged(path, "it changed while it was read")
        _fill(connection, header, pages, progress)
        migrate.step_to(connection, "head")
        _end_sessions(connection)
        _hold(connection, held_back)
        _go_on_counting(connection, now)
        _pause(connection, header.taken_at, now, stands or _operators_pause(connection))
    return header


def _fill(connection: Connection, header: Header, pages: Iterable[tuple[str, list[Row]]], progress: Progress) -> None:
    done = dict.fromkeys(header.tables, 0)
    for name, rows in pages:
        if not rows:
            continue
        _insert(connection, name, header.tables[name], rows)
        done[name] += len(rows)
        progress(name, done[name], header.rows[name])


def _insert(connection: Connection, table: str, columns: list[str], rows: list[Row]) -> None:
    """The quickest way that each kind of database has: who restores a backup is waited for."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    into = f"{quote(table)} ({', '.join(map(quote, columns))})"
    if connection.dialect.name == "sqlite":
        values = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({values})", [tuple(row) for row in rows])  # noqa: S608
        return
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _go_on_counting(connection: Connection, now: datetime) -> None:
    """New rows get ids that no row had, also of those that were made since the backup: the carrier still names them.

    By the clock, since another restore of the same backup begins from the same rows.
    """
    by_clock = int(now.timestamp()) * _ROWS_A_SECOND
    for name, made in metadata.tables.items():
        if "id" not in made.c:
            continue
        last = max(by_clock, connection.scalar(select(func.max(made.c.id))) or 0)
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})"))
        elif made.dialect_options["sqlite"]["autoincrement"]:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), {"name": name, "last": last})


def _end_sessions(connection: Connection) -> None:
    """Operators sign in again: a session or a link of the backup may have been ended since."""
    for table in (operator_sessions, operator_links):
        connection.execute(delete(table))


def _operators_pause(connection: Connection) -> str | None:
    """The pause of an operator that the database holds, as it is written there."""
    if not inspect(connection).has_table(controls.name):
        return None
    value: str | None = connection.scalar(select(controls.c.value).where(controls.c.name == PAUSED))
    return value if value and json.loads(value)["by"] == "operator" else None


def _held_waves(connection: Connection) -> Sequence[RowMapping]:
    """The waves that operators hold back in the database."""
    if not inspect(connection).has_table(held_waves.name):
        return ()
    return connection.execute(select(held_waves)).mappings().all()


def _hold(connection: Connection, waves: Sequence[RowMapping]) -> None:
    """Those go on being held. So do those that the backup holds: whether they were let go since is not known."""
    key = list(held_waves.primary_key)
    there = {tuple(row) for row in connection.execute(select(*key))}
    for wave in waves:
        if tuple(wave[column.name] for column in key) not in there:
            connection.execute(insert(held_waves).values(dict(wave)))


def _pause(connection: Connection, taken_at: datetime, now: datetime, operators: str | None) -> None:
    """Nothing goes out until it is known what happened since, nor after that as long as an operator wants it so.

    Whether a pause that stood when the backup was made has ended since is not known: an operator may end it again.
    """
    since = taken_at.isoformat()
    # If the backup was of a helpline that had itself been restored and not caught up yet, it has more to catch up.
    earlier = connection.scalar(select(controls.c.value).where(controls.c.name == RECONCILE))
    _set(connection, RECONCILE, min(since, earlier or since, key=datetime.fromisoformat), now)
    moment = int(now.timestamp())
    pause = {"by": "restore", "reason": "restored", "since": moment, "probed": moment}  # as reminders/pause.py reads it
    _set(connection, PAUSED, operators or json.dumps(pause, sort_keys=True), now)
    # This may be another disk, with another journal of withdrawals: all of it counts, and none of it does harm twice.
    connection.execute(delete(controls).where(controls.c.name.startswith(JOURNAL_POSITION, autoescape=True)))


def _set(connection: Connection, name: str, value: str, now: datetime) -> None:
    connection.execute(delete(controls).where(controls.c.name == name))
    connection.execute(insert(controls).values(name=name, value=value, changed_at=now))
