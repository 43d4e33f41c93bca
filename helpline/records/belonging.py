"""Whose a database is: a helpline's for real callers, or a demo's. What the one has written the other never touches.

Written down at the first use. A database from before that was written down belongs to whoever comes first.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, insert, inspect, make_url, select

from helpline.records.engine import reading
from helpline.records.errors import RecordsError, told_of
from helpline.records.migrate import file_of, one_at_a_time, opened
from helpline.records.tables import controls

Use = Literal["demo", "production"]
BELONGS_TO = "belongs_to"  # the row of `controls`

_WHY: Mapping[str, str] = {
    "production": "belongs to a helpline for real callers, and this is a demo.\n"
    "Unset DATABASE_URL, and the demo makes a database of its own. If this is the helpline for real callers: "
    "HELPLINE_ENV=production",
    "demo": "belongs to a demo, and this helpline is for real callers: nobody in it is one.\n"
    "Name an empty database by DATABASE_URL, or a helpline's for real callers.",
}


class OfAnother(RecordsError):
    """The database belongs to a helpline of the other kind."""


def take_for(url: str, use: Use) -> None:
    """Note on first use whose it is. OfAnother if it is of the other kind; nothing was changed then."""
    with told_of(url), opened(url) as engine, engine.begin() as connection:
        one_at_a_time(connection)
        found = _found(connection, url, use)
        if not found:
            now = datetime.fromtimestamp(int(time.time()), UTC)
            connection.execute(insert(controls).values(name=BELONGS_TO, value=use, changed_at=now))


def refuse_that_of_another(url: str, use: Use) -> None:
    """OfAnother if it is of the other kind. One that is not there yet, or is empty, is nobody's."""
    path = file_of(url)
    if path and not path.exists():
        return
    with told_of(url), opened(url) as engine, reading(engine).begin() as connection:
        if inspect(connection).has_table(controls.name):
            _found(connection, url, use)


def _found(connection: Connection, url: str, use: Use) -> str:
    found = connection.scalar(select(controls.c.value).where(controls.c.name == BELONGS_TO)) or ""
    if found and found != use:
        raise OfAnother(f"The database {make_url(url)!r} {_WHY[found]}")
    return str(found)
