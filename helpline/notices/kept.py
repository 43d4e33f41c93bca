"""Notices in SQL. One is up at a time: a new one takes the place of the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from helpline.records.desk_tables import notices

KEPT = timedelta(days=365)  # after its end


@dataclass(frozen=True, slots=True)
class Notice:
    """What every caller is told first from `since` until `until`. `words` by language."""

    id: int
    since: datetime
    until: datetime
    words: Mapping[str, str]
    put_up_by: str


def put_up(connection: Connection, words: Mapping[str, str], until: datetime, who: str, now: datetime) -> int:
    """Put up a notice in the place of any other; its id."""
    connection.execute(delete(notices).where(notices.c.until < now - KEPT))
    connection.execute(update(notices).where(notices.c.until > now).values(until=now))
    row = {"since": now, "until": until, "words": json.dumps(dict(words), ensure_ascii=False), "put_up_by": who}
    return int(connection.execute(insert(notices).values(row).returning(notices.c.id)).scalar_one())


def take_down(connection: Connection, notice: int, now: datetime) -> bool:
    """Have that notice end now. False where it was over before, or another one is up in its place.

    One that was put up in the same moment, and is older, ends with it: it must not come back.
    """
    is_it = (notices.c.id <= notice) & (notices.c.until > now)
    return connection.execute(update(notices).where(is_it).values(until=now)).rowcount > 0


def not_over(connection: Connection, now: datetime) -> Notice | None:
    """The notice whose end is still to come; of several the last that was put up."""
    wanted = select(notices).where(notices.c.until > now).order_by(notices.c.id.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    return _read(row) if row else None


def _read(row: Row[tuple[object, ...]]) -> Notice:
    return Notice(row.id, row.since, row.until, json.loads(row.words), row.put_up_by)
