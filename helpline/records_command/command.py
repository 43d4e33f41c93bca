"""`helpline migrate`, `helpline backup`, `helpline restore`: the database in the hands of an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from helpline.records.backup import write_backup
from helpline.records.backup_file import Header
from helpline.records.migrate import opened, upgrade
from helpline.records.restore import restore_backup
from helpline.records_command.progress import shown
from helpline.server.errors import ServerError
from helpline.server.only_server import only_server
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.terminal import Terminal

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
def migrate() -> None:
    """Bring the database to the tables of this helpline.

    `helpline server` does so by itself. Nothing is lost, and a second time does nothing. Of two that run at once, one
    waits for the other.

    \b
    Example:
      DATABASE_URL=postgresql://helpline@localhost/helpline helpline migrate
    """
    settings = _settings()
    with told_plainly():
        Terminal().line(f"The database is at revision {upgrade(settings.database_url)}.")


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write everything in the database to FILE, as it is at this moment; the helpline may run meanwhile.

    FILE is compressed, readable by its owner only, and complete or not there. Numbers are sealed in it: NUMBER_KEYS
    and FINGERPRINT_KEY are needed to restore it, and are not in it. Keep them in another place.

    \b
    Example, one file for each day of the week:
      helpline backup /backups/helpline-$(date +%a).gz
    """
    settings, terminal = _settings(), Terminal()
    with told_plainly(), opened(settings.database_url) as engine, shown(terminal) as report:
        header = write_backup(engine, file, settings.fingerprint_key, datetime.now(UTC), report)
    terminal.line(f"{file}: {_of(header)}, {file.stat().st_size:,} bytes.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Remove the callers that the database holds now.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup into the database, on this kind of database or the other. Stop the helpline before.

    FILE is read to its end first: one that is damaged, or was made with other keys, changes nothing. A restored
    helpline starts paused: withdrawals and sent messages since the backup are first looked up at the carrier.

    \b
    Example, into a PostgreSQL:
      DATABASE_URL=postgresql://helpline@localhost/helpline helpline restore /backups/helpline-Mon.gz
    """
    settings, terminal = _settings(), Terminal()
    with told_plainly(), _nothing_runs(settings), shown(terminal) as report:
        header = restore_backup(
            settings.database_url,
            file,
            settings.fingerprint_key,
            settings.number_keys,
            datetime.now(UTC),
            report,
            replace=replace,
        )
    terminal.line(f"Restored {file}: {_of(header)}.")
    terminal.line("Sending is paused. Start the helpline, then see: helpline reminders status")


def _settings() -> Settings:
    with told_plainly():
        return load_settings()


@contextmanager
def _nothing_runs(settings: Settings) -> Iterator[None]:
    """A helpline that runs in the same folder would go on with what it read before."""
    try:
        with only_server(settings.var_dir):
            yield
    except ServerError as error:
        reason = str(error).split("\n")[0]
        raise ServerError(f"{reason}\nStop it before a restore, and start it again afterwards.") from error


def _of(header: Header) -> str:
    moment = header.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{sum(header.rows.values()):,} rows, {header.rows['callers']:,} callers, as of {moment}"
