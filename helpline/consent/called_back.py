"""Who asked to be called by a person, and no longer wants it. The rows are those of `helpline/call_requests`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, select, update

from helpline.consent.rounds import Page
from helpline.consent.withdrawal import CLOCKS_DIFFER
from helpline.records.desk_tables import call_requests
from helpline.records.engine import reading

OPEN = ("waiting", "taken")


def withdraw_request(connection: Connection, fingerprint: str, now: datetime, until: datetime | None = None) -> bool:
    """End the open request, and drop its number. Whether there was one. `until`: only if it was made by then."""
    mine = [*_of(fingerprint, until), call_requests.c.state.in_(OPEN)]
    ended = update(call_requests).where(*mine)
    ended = ended.values(state="withdrawn", number=None, number_key=None, changed_at=now)
    return connection.execute(ended).rowcount > 0


def forget_requests(connection: Connection, fingerprint: str, until: datetime | None = None) -> bool:
    """Every request of this caller goes, whatever became of it. Whether there was any."""
    return connection.execute(delete(call_requests).where(*_of(fingerprint, until))).rowcount > 0


def has_asked(connection: Connection, fingerprint: str, until: datetime | None = None) -> bool:
    """Whether anybody asked for a call under this number, as far as that is still kept."""
    found = select(call_requests.c.id).where(*_of(fingerprint, until)).limit(1)
    return connection.scalar(found) is not None


def is_waiting(connection: Connection, fingerprint: str) -> bool:
    """Whether somebody is to call this person."""
    mine = (call_requests.c.fingerprint == fingerprint, call_requests.c.state.in_(OPEN))
    return connection.scalar(select(call_requests.c.id).where(*mine)) is not None


def drop_ended_numbers(engine: Engine, page: int, after: int | None) -> Iterator[Page]:
    """The numbers of requests that are over, page by page: nobody is to call them."""
    over = (call_requests.c.number.is_not(None), call_requests.c.state.not_in(OPEN))
    last = after or 0
    while True:
        found = select(call_requests.c.id).where(call_requests.c.id > last, *over).order_by(call_requests.c.id)
        with reading(engine).connect() as connection:
            ids = list(connection.scalars(found.limit(page)))
        if not ids:
            return
        with engine.begin() as connection:
            dropped = update(call_requests).where(call_requests.c.id.in_(ids), *over)
            count = connection.execute(dropped.values(number=None, number_key=None)).rowcount
        last = ids[-1]
        yield last, {"numbers": count}


def _of(fingerprint: str, until: datetime | None) -> list[ColumnElement[bool]]:
    mine: list[ColumnElement[bool]] = [call_requests.c.fingerprint == fingerprint]
    return mine if until is None else [*mine, call_requests.c.asked_at <= until + CLOCKS_DIFFER]
