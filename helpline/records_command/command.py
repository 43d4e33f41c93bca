"""`helpline migrate`, `helpline backup`, `helpline restore`: the database in the hands of an operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from helpline.date.of_settings import clock_of
from helpline.records.backup import Progress as Report
from helpline.records.backup import write_backup
from helpline.records.backup_file import Header
from helpline.records.belonging import refuse_that_of_another
from helpline.records.engine import reading
from helpline.records.migrate import opened, upgrade
from helpline.records.restore import restore_backup
from helpline.records_command.progress import shown
from helpline.reminders.pause import paused
from helpline.reminders_command.pause_shown import pause_as_json
from helpline.server.errors import ServerError
from helpline.server.only_server import only_server
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.terminal import Terminal

FILE = click.Path(dir_okay=False, path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")


@click.command()
@AS_JSON
def migrate(as_json: bool) -> None:
    """Bring the database to the tables of this helpline.

    `helpline server` does so by itself. Nothing is lost, and a second time does nothing. Of two that run at once, one
    waits for the other. One of a demo is refused where real callers call, and the other way round. With --json:
    `revision`.

    \b
    Examples:
      DATABASE_URL=postgresql://helpline@localhost/helpline helpline migrate
      helpline migrate --json
    """
    settings = _settings()
    with told_plainly():
        refuse_that_of_another(settings.database_url, settings.belongs_to)
        revision = upgrade(settings.database_url)
    if as_json:
        _echo({"revision": revision})
    else:
        Terminal().line(f"The database is at revision {revision}.")


@click.command()
@click.argument("file", type=FILE)
@AS_JSON
def backup(file: Path, as_json: bool) -> None:
    """Write everything in the database to FILE, as it is at this moment; the helpline may run meanwhile.

    FILE is compressed, readable by its owner only, and complete or not there. Numbers are sealed in it: NUMBER_KEYS
    and FINGERPRINT_KEY are needed to restore it, and are not in it. Keep them in another place. With --json: `file`,
    `taken_at`, `version`, `revision`, `rows` of each table, `bytes`.

    \b
    Examples, one file for each day of the week, and one for a program:
      helpline backup /backups/helpline-$(date +%a).gz
      helpline backup /backups/helpline.gz --json
    """
    settings, terminal = _settings(), Terminal()
    with told_plainly(), opened(settings.database_url) as engine, _progress(terminal, as_json) as report:
        header = write_backup(engine, file, settings.fingerprint_key, clock_of(settings)(), report)
    size = file.stat().st_size
    if as_json:
        _echo({**_as_json(file, header), "bytes": size})
    else:
        terminal.line(f"{file}: {_of(header)}, {size:,} bytes.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", is_flag=True, help="Remove the callers that the database holds now.")
@AS_JSON
def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Put a backup into the database, on this kind of database or the other. Stop the helpline before.

    FILE is read to its end first: one that is damaged, or was made with other keys, or is of a demo where this is
    none (and the other way round), changes nothing. A restored
    helpline starts paused: withdrawals and sent messages since the backup are first looked up at the carrier. A pause
    of an operator outlasts that. With --json: `file`, `taken_at`, `version`, `revision`, `rows` of each table, and
    `paused`: `by`, `reason`, `since`.

    \b
    Examples, into a PostgreSQL, and for a program:
      DATABASE_URL=postgresql://helpline@localhost/helpline helpline restore /backups/helpline-Mon.gz
      helpline restore /backups/helpline-Mon.gz --json
    """
    settings, terminal = _settings(), Terminal()
    with told_plainly(), _nothing_runs(settings), _progress(terminal, as_json) as report:
        header = restore_backup(
            settings.database_url,
            file,
            settings.fingerprint_key,
            settings.number_keys,
            clock_of(settings)(),
            report,
            replace=replace,
            use=settings.belongs_to,
        )
    with told_plainly(), opened(settings.database_url) as engine, reading(engine).connect() as connection:
        pause = paused(connection)
    if as_json:
        _echo({**_as_json(file, header), "paused": pause_as_json(pause)})
        return
    terminal.line(f"Restored {file}: {_of(header)}.")
    terminal.line("Sending is paused. Start the helpline, then see: helpline reminders status")
    if pause and pause.by == "operator":
        why = f" ({pause.reason})" if pause.reason else ""
        terminal.line(f"An operator had paused it{why}: to end that too: helpline reminders resume")


def _progress(terminal: Terminal, as_json: bool) -> AbstractContextManager[Report]:
    return nullcontext(_nobody_looks) if as_json else shown(terminal)


def _nobody_looks(table: str, done: int, total: int) -> None:
    """A program waits for the end."""


def _echo(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _as_json(file: Path, header: Header) -> dict[str, Any]:
    return {
        "file": str(file),
        "taken_at": header.taken_at.isoformat(),
        "version": header.version,
        "revision": header.revision,
        "rows": header.rows,
    }


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
