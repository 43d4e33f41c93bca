"""Who waits to be called by a person: the longest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, func, insert, or_, select, tuple_

from helpline.consent.called_back import OPEN
from helpline.records.desk_tables import call_requests
from helpline.records.restore import RECONCILE
from helpline.records.tables import controls
from helpline.telemetry.alerts import Problem

FORGOTTEN_AFTER = timedelta(minutes=75)  # without an outcome, others may take it over; no call lasts so long
TOO_LONG = timedelta(hours=24)  # for somebody to wait without anybody's learning of it
SHOWN_AFTERWARDS = timedelta(days=30)  # who was not reached
A_PAGE = 50
_RESTORED = "requests_as_of"  # a row of `controls`

_SHOWN = (
    *(call_requests.c.id, call_requests.c.fingerprint, call_requests.c.language, call_requests.c.channel),
    *(call_requests.c.state, call_requests.c.asked_at, call_requests.c.changed_at, call_requests.c.taken_by),
    call_requests.c.tries,
)
_IN_ORDER = (call_requests.c.asked_at, call_requests.c.id)
# Written out as in the condition of the partial index, or SQLite would not use it.
_OPEN = call_requests.c.state.in_(bindparam("open", OPEN, expanding=True, literal_execute=True))


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody who asked to be called. `channel` is how they asked, `tries` how often nobody answered.

    `changed_at`: when it was taken, tried or ended.
    """

    id: int
    fingerprint: str
    language: str
    channel: str
    state: str
    asked_at: datetime
    changed_at: datetime
    taken_by: str
    tries: int

    def is_forgotten(self, now: datetime) -> bool:
        """Whether it was taken, and nothing came of it for so long that others may take it over."""
        return self.state == "taken" and abs(now - self.changed_at) >= FORGOTTEN_AFTER

    def waits(self, now: datetime) -> timedelta:
        """For how long somebody has waited. A demo's date may have gone back behind it."""
        return max(now - self.asked_at, timedelta(0))


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait for somebody to take them, and for how long the first of them has."""

    waiting: int
    longest: timedelta


def waiting(
    connection: Connection, now: datetime, limit: int = A_PAGE, after: int = 0, language: str = ""
) -> list[Request]:
    """Whom somebody may take now, the oldest first: who waits, and who was taken and forgotten.

    `after`: only those behind the one of that id. `language`: only those who read or hear that one.
    """
    wanted = _requests(_OPEN, is_free(now)).order_by(*_IN_ORDER).limit(limit)
    if language:
        wanted = wanted.where(call_requests.c.language == language)
    if after:
        the_last = select(*_IN_ORDER).where(call_requests.c.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(*_IN_ORDER) > the_last)
    return _found(connection, wanted)


def taken(connection: Connection, now: datetime, limit: int = A_PAGE) -> list[Request]:
    """Whom somebody is calling, the oldest first. Who was forgotten is among those who wait."""
    being_called = (_OPEN, call_requests.c.state == "taken", ~is_free(now))
    return _found(connection, _requests(*being_called).order_by(*_IN_ORDER).limit(limit))


def not_reached(connection: Connection, now: datetime, limit: int = A_PAGE) -> list[Request]:
    """Who never answered, the last tried first."""
    lately = (call_requests.c.state == "no_answer", call_requests.c.changed_at > now - SHOWN_AFTERWARDS)
    newest = _requests(*lately).order_by(call_requests.c.changed_at.desc(), call_requests.c.id.desc())
    return _found(connection, newest.limit(limit))


def one(connection: Connection, request_id: int) -> Request | None:
    """The request of that id, whatever became of it."""
    found = connection.execute(_requests(call_requests.c.id == request_id)).one_or_none()
    return Request(*found) if found else None


def how_many(connection: Connection) -> int:
    """How many are open: who waits, and who is being called."""
    return connection.scalar(select(func.count()).where(_OPEN)) or 0


def by_language(connection: Connection, now: datetime) -> Mapping[str, int]:
    """How many may be taken now, by language."""
    counted = select(call_requests.c.language, func.count()).where(_OPEN, is_free(now))
    rows = connection.execute(counted.group_by(call_requests.c.language).order_by(call_requests.c.language))
    return dict(rows.all())


def standing(connection: Connection, now: datetime) -> Standing:
    """How it stands with everybody who asked to be called."""
    free = select(func.count(), func.min(call_requests.c.asked_at)).where(_OPEN, is_free(now))
    count, oldest = connection.execute(free).one()
    return Standing(count, max(now - oldest, timedelta(0)) if count else timedelta(0))


def problem(connection: Connection, now: datetime) -> Problem | None:
    """That somebody has waited for more than a day, in words for an operator."""
    late = (_OPEN, is_free(now), call_requests.c.asked_at < now - TOO_LONG)
    if connection.scalar(select(call_requests.c.id).where(*late).limit(1)) is None:
        return None
    count = standing(connection, now).waiting
    people = "1 person waits" if count == 1 else f"{count} people wait"
    hours = int(TOO_LONG.total_seconds()) // 3600
    return Problem(
        "nobody calls",
        f"{people} to be called, one of them for more than {hours} hours. See the desk: Call requests",
    )


def restored_to(connection: Connection) -> datetime | None:
    """The moment of the last backup that was restored. Who had asked by then may have been called since."""
    names = controls.c.name.in_((_RESTORED, RECONCILE))
    moments = [datetime.fromisoformat(value) for value in connection.scalars(select(controls.c.value).where(names))]
    return max(moments, default=None)


def remember_restore(connection: Connection, backup: datetime, now: datetime) -> None:
    """Keep the moment of a backup, also once it is known what was sent since."""
    connection.execute(delete(controls).where(controls.c.name == _RESTORED))
    connection.execute(insert(controls).values(name=_RESTORED, value=backup.isoformat(), changed_at=now))


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether anybody may take a request now. A demo's date may have gone back, so what is ahead is forgotten too."""
    forgotten = or_(
        call_requests.c.changed_at <= now - FORGOTTEN_AFTER, call_requests.c.changed_at >= now + FORGOTTEN_AFTER
    )
    return or_(call_requests.c.state == "waiting", and_(call_requests.c.state == "taken", forgotten))


def _requests(*wanted: ColumnElement[bool]) -> Select[Any]:
    return select(*_SHOWN).where(*wanted)


def _found(connection: Connection, wanted: Select[Any]) -> list[Request]:
    return [Request(*row) for row in connection.execute(wanted)]
