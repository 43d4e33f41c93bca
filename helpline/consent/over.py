"""What has a date of its own is forgotten once it is over: it would tell about somebody for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, or_, select

from helpline.consent.caller_rows import drop_numbers
from helpline.consent.consent import KIND
from helpline.consent.rounds import Page
from helpline.menus.dated import dated_waves, over_at
from helpline.menus.shapes import Calendar
from helpline.records.engine import reading
from helpline.records.messages import FINAL, IN_DOUBT
from helpline.records.tables import callers, messages, subscriptions

KEPT = timedelta(days=1)  # after a thing with a time of day is over, or was ended: FAIT may still come
_WELCOME = "welcome"


def forget_over(
    engine: Engine, calendar: Calendar, now: datetime, page: int, after: int | None = None
) -> Iterator[Page]:
    """Delete what is over and all of its messages; and the numbers of those who then have nothing left.

    An appointment a day after it, a paper with its last reminder, and what was ended a day later. What may be on its
    way waits until that is known.
    """
    last = after or 0
    while rows := _dated(engine, last, page):
        last = rows[-1].id
        people = sorted({row.caller_id for row in rows})
        with engine.begin() as connection:
            # Asked anew under the callers' lock: they may have changed their mind meanwhile.
            locked = select(callers.c.id).where(callers.c.id.in_(people)).order_by(callers.c.id).with_for_update()
            connection.execute(locked)
            again = _rows(connection, [row.id for row in rows])
            sent = _messages(connection, people)
            over = [row for row in again if _is_over(row, sent.get(_thing(row), []), calendar, now)]
            for row in over:
                _forget(connection, row)
            numbers = drop_numbers(connection, sorted({row.caller_id for row in over})) if over else 0
        yield last, {"dated": len(over), "numbers": numbers}


def _dated(engine: Engine, after: int, page: int) -> Sequence[Any]:
    found = select(subscriptions.c.id, subscriptions.c.caller_id)
    found = found.where(subscriptions.c.id > after, subscriptions.c.kind != KIND).order_by(subscriptions.c.id)
    with reading(engine).connect() as connection:
        return connection.execute(found.limit(page)).all()


def _rows(connection: Connection, ids: list[int]) -> Sequence[Any]:
    names = ("id", "caller_id", "kind", "occurrence", "at", "ended_at")
    columns = (subscriptions.c[name] for name in names)
    return connection.execute(select(*columns).where(subscriptions.c.id.in_(ids))).all()


def _messages(connection: Connection, people: list[int]) -> dict[tuple[int, str, str], list[Row[Any]]]:
    """The messages of these people by the thing that they are about; its welcome among them."""
    names = ("caller_id", "kind", "occurrence", "wave", "state", "changed_at")
    columns = (messages.c[name] for name in names)
    rows = connection.execute(select(*columns).where(messages.c.caller_id.in_(people), messages.c.kind != KIND))
    found: dict[tuple[int, str, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(_of_welcome(row) if row.kind == _WELCOME else _thing(row), []).append(row)
    return found


def _thing(row: Row[Any]) -> tuple[int, str, str]:
    return row.caller_id, row.kind, row.occurrence


def _of_welcome(row: Row[Any]) -> tuple[int, str, str]:
    """The thing that a welcome is about, which it names in its own way (`extra_messages.py`)."""
    return row.caller_id, row.wave, row.occurrence.partition("@")[0]


def _is_over(row: Row[Any], sent: Sequence[Any], calendar: Calendar, now: datetime) -> bool:
    if any(message.state in IN_DOUBT for message in sent):
        return False
    if row.ended_at is not None:
        return bool(row.ended_at + KEPT <= now)
    over = over_at(row.occurrence) or row.at
    if over is None or over + KEPT <= now:
        return True
    waves = () if "T" in row.occurrence else dated_waves(calendar, row.kind, row.occurrence)
    if not waves:
        return False
    last = next((one for one in sent if (one.kind, one.wave) == (row.kind, waves[-1].name)), None)
    return waves[-1].not_after <= now or (last is not None and _is_through(last, now))


def _is_through(message: Row[Any], now: datetime) -> bool:
    """Whether nothing more comes of a message. What the carrier took and then forgot arrived, or never will."""
    return message.state in FINAL or (message.state in ("accepted", "sent") and message.changed_at + KEPT <= now)


def _forget(connection: Connection, row: Row[Any]) -> None:
    """The thing and its messages. Of two rows of one thing the one that goes on keeps its messages."""
    connection.execute(delete(subscriptions).where(subscriptions.c.id == row.id))
    same = (subscriptions.c.caller_id == row.caller_id, subscriptions.c.kind == row.kind)
    others = select(subscriptions.c.id).where(*same, subscriptions.c.occurrence == row.occurrence).limit(1)
    if connection.execute(others).first():
        return
    about = and_(messages.c.kind == row.kind, messages.c.occurrence == row.occurrence)
    welcome = and_(
        messages.c.kind == _WELCOME,
        messages.c.wave == row.kind,
        messages.c.occurrence.startswith(f"{row.occurrence}@"),
    )
    connection.execute(delete(messages).where(messages.c.caller_id == row.caller_id, or_(about, welcome)))
