"""Whose a database is: a helpline's for real callers, or a demo's. What the one has written the other never touches.

The server writes it down when it first uses a database. One from before that was written down belongs to the first
server that comes; a demo takes none in which there is somebody.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, insert, inspect, make_url, select

from helpline.records.engine import reading
from helpline.records.errors import RecordsError, told_of
from helpline.records.held import held
from helpline.records.migrate import file_of, one_at_a_time, opened
from helpline.records.tables import controls

Use = Literal["demo", "production"]
BELONGS_TO = "belongs_to"  # the row of `controls`

_AS_ITS_SERVER = (
    "If this is the helpline for real callers: run this with the same settings as its server, above all "
    "HELPLINE_ENV=production"
)
_OWN = "Unset DATABASE_URL, and the demo makes a database of its own."
_OF_DATABASE: Mapping[str, str] = {
    "production": f"belongs to a helpline for real callers, and this is a demo.\n{_OWN} {_AS_ITS_SERVER}",
    "demo": "belongs to a demo, and this helpline is for real callers: nobody in it is one.\n"
    "Name an empty database by DATABASE_URL, or a helpline's for real callers.",
}
_OF_BACKUP: Mapping[str, str] = {
    "production": f"is of a helpline for real callers, and this is a demo. Nothing was changed.\n{_AS_ITS_SERVER}",
    "demo": "is of a demo, and this helpline is for real callers: nobody in it is one. Nothing was changed.\n"
    "Take a backup of a helpline for real callers. For a demo: unset TWILIO_AUTH_TOKEN and HELPLINE_ENV",
}


class OfAnother(RecordsError):
    """The database or the backup belongs to a helpline of the other kind, or may do so."""


def take_for(url: str, use: Use) -> None:
    """Note on first use whose it is. OfAnother if it is of the other kind; nothing was changed then."""
    with told_of(url), opened(url) as engine, engine.begin() as connection:
        one_at_a_time(connection)
        refuse_marked(connection, url, use)
        if not mark_of(connection):
            _refuse_unmarked(connection, url, use)
            now = datetime.fromtimestamp(int(time.time()), UTC)
            connection.execute(insert(controls).values(name=BELONGS_TO, value=use, changed_at=now))


def refuse_that_of_another(url: str, use: Use, *, unmarked: bool = False) -> None:
    """OfAnother if it is of the other kind; with `unmarked` also if a demo may not take it. Nothing is written.

    One that is not there yet, or is empty, is nobody's.
    """
    path = file_of(url)
    if path and not path.exists():
        return
    with told_of(url), opened(url) as engine, reading(engine).begin() as connection:
        refuse_marked(connection, url, use)
        if unmarked and not mark_of(connection):
            _refuse_unmarked(connection, url, use)


def refuse_marked(connection: Connection, url: str, use: Use) -> None:
    """OfAnother if the database says that it is of the other kind."""
    if (mark := mark_of(connection)) and mark != use:
        raise OfAnother(f"The database {make_url(url)!r} {_OF_DATABASE[mark]}")


def refuse_backup(path: Path, mark: str, use: Use) -> None:
    """OfAnother if a backup with that mark, or none, is of the other kind."""
    if mark and mark != use:
        raise OfAnother(f"The backup {path} {_OF_BACKUP[mark]}")


def mark_of(connection: Connection) -> str:
    """What the database says; nothing if it does not say."""
    if not inspect(connection).has_table(controls.name):
        return ""
    return connection.scalar(select(controls.c.value).where(controls.c.name == BELONGS_TO)) or ""


def _refuse_unmarked(connection: Connection, url: str, use: Use) -> None:
    if use == "demo" and (people := held(connection)):
        file = f" If it is this one already: move {path} away." if (path := file_of(url)) else ""
        raise OfAnother(
            f"The database {make_url(url)!r} holds {people} and does not say whose they are: "
            f"a demo leaves them alone, since they may be real.\n{_OWN}{file} {_AS_ITS_SERVER}"
        )
