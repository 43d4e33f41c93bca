"""Planning: one message for every subscription and every wave that is near, planned by the database itself.

A pass goes over the subscriptions page by page, each page one statement and one transaction. What is planned already
stays as it is, so that passes may be broken off, repeated, and run beside each other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from helpline.consent.consent import KIND
from helpline.menus.shapes import Calendar
from helpline.menus.waves import SPREAD, Wave, waves_between
from helpline.records.columns import Moment
from helpline.records.engine import reading
from helpline.records.tables import callers, messages, planned_waves, subscriptions
from helpline.reminders.held import BREATH, HELD, is_held
from helpline.reminders.queues import BULK, CALLS

HORIZON = timedelta(hours=24)
PAGE = 20_000  # subscriptions a statement: long enough to cost little each, short enough for who waits in SQLite
AGAIN_AFTER = timedelta(minutes=15)  # before a wave begins, who signed up meanwhile is taken in this often
# Who signed up just before a wave began may be committed just after it: the last pass comes a little later.
LATEST_COMMIT = timedelta(minutes=1)
SECONDS = 40.0  # a job has a minute
_LONGEST_WAVE = timedelta(days=60)
_TRIES = 3
COUNTED = {"preserve_rowcount": True}

log = structlog.get_logger(__name__)


def plan(
    engine: Engine,
    calendar: Calendar,
    now: datetime,
    horizon: timedelta = HORIZON,
    again_after: timedelta = AGAIN_AFTER,
    page: int = PAGE,
    seconds: float = SECONDS,
) -> dict[Wave, int]:
    """Plan the waves that begin within `horizon` or that have begun and may still go. Counts what was new, by wave.

    A wave is gone over at most once in `again_after` until it begins, once more then, and never again. A pass that
    takes longer than `seconds` is broken off; the next one soon comes to where it was, and goes on from there.
    """
    end = time.monotonic() + seconds
    _forget_passes(engine, now)
    return {
        wave: _pass(engine, wave, now, page, end)
        for wave in waves_to_plan(calendar, now, horizon)
        if time.monotonic() < end and _is_wanted(engine, wave, now, again_after)
    }


def waves_to_plan(calendar: Calendar, now: datetime, horizon: timedelta = HORIZON) -> tuple[Wave, ...]:
    """The waves that begin within `horizon`, and those that have begun and may still go."""
    near = waves_between(calendar, now - _LONGEST_WAVE, now + horizon)
    return tuple(wave for wave in near if wave.not_after > now)


def is_planned_for_good(wave: Wave, planned_at: datetime | None) -> bool:
    """Whether a pass that began at `planned_at` has seen everybody whom the wave is for."""
    return planned_at is not None and planned_at >= wave.begins + LATEST_COMMIT


def planned_at(connection: Connection, wave: Wave) -> datetime | None:
    """When the last pass over a wave that was completed began."""
    found: datetime | None = connection.scalar(select(planned_waves.c.planned_at).where(*_of(wave)))
    return found


def due_at(wave: Wave) -> ColumnElement[Any]:
    """A caller's moment in a wave, in SQL: `callers.spread` laid over the day's hours."""
    seconds = int((wave.spread_until - wave.begins).total_seconds())
    return int(wave.begins.timestamp()) + cast(callers.c.spread, BigInteger) * seconds // SPREAD


def is_for(wave: Wave) -> ColumnElement[bool]:
    """Which subscriptions a wave is for, in SQL; those who answered that it is done are not among them."""
    wanted = [
        subscriptions.c.kind == KIND,
        subscriptions.c.ended_at.is_(None),
        subscriptions.c.since < wave.begins,
        subscriptions.c.done != wave.occurrence,
    ]
    return and_(*wanted) if wave.for_last else and_(*wanted, subscriptions.c.scope == "all")


def _forget_passes(engine: Engine, after: datetime) -> None:
    """Where the date was set back, passes that began later have not seen who signs up from now on."""
    later = planned_waves.c.planned_at > after
    with reading(engine).connect() as connection:
        if not connection.scalar(select(exists().where(later))):
            return
    with engine.begin() as connection:
        connection.execute(delete(planned_waves).where(later))


def _is_wanted(engine: Engine, wave: Wave, now: datetime, again_after: timedelta) -> bool:
    with engine.connect() as connection:
        last = planned_at(connection, wave)
    if last is None:
        return True
    if now >= wave.begins + LATEST_COMMIT:
        return not is_planned_for_good(wave, last)
    return now - last >= again_after


def _pass(engine: Engine, wave: Wave, now: datetime, page: int, end: float) -> int:
    count = 0
    last = 0
    while True:
        new, upper = _planned_page(engine, wave, last, now, page)
        count += new
        if upper is None:
            break
        last = upper
        if time.monotonic() > end:
            log.info("wave planned in part", wave=wave.name, occurrence=wave.occurrence, new=count)
            return count
        if engine.dialect.name == "sqlite":
            time.sleep(BREATH)
    with engine.begin() as connection:
        _remember(connection, wave, now)
    log.info("wave planned", wave=wave.name, occurrence=wave.occurrence, new=count)
    return count


def _planned_page(engine: Engine, wave: Wave, last: int, now: datetime, page: int) -> tuple[int, int | None]:
    """Plan the callers after `last`: how many were new, and where the next page begins, if there is one."""
    for tries in range(1, _TRIES + 1):
        try:
            with engine.begin() as connection:
                upper = connection.scalar(_end_of_page(last, page))
                statement = _statement(engine, wave, last, upper, now, is_held(connection, wave))
                planned = connection.execute(statement, execution_options=COUNTED)
                return planned.rowcount, upper
        except DBAPIError as error:
            # Somebody was erased while their page was planned, or two planners waited for each other.
            if tries == _TRIES:
                raise
            log.warning("page planned again", wave=wave.name, error=type(error.orig).__name__)
    raise AssertionError("unreachable")


def _end_of_page(last: int, page: int) -> Select[Any]:
    """The caller with whom the page after `last` ends; none if fewer are left than a page holds."""
    active = and_(subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None), subscriptions.c.caller_id > last)
    return select(subscriptions.c.caller_id).where(active).order_by(subscriptions.c.caller_id).offset(page - 1).limit(1)


def _statement(engine: Engine, wave: Wave, last: int, upper: int | None, now: datetime, held_back: bool) -> Insert:
    by_call = case((callers.c.channel == "voice", literal(CALLS, String)), else_=literal(BULK, String))
    values: dict[str, ColumnElement[Any]] = {
        "caller_id": subscriptions.c.caller_id,
        "kind": literal(KIND, String),
        "occurrence": literal(wave.occurrence, String),
        "wave": literal(wave.name, String),
        "queue": literal(HELD, String) if held_back else by_call,
        "due_at": due_at(wave),
        "not_after": literal(wave.not_after, Moment),
        "changed_at": literal(now, Moment),
    }
    # The page's bounds on both tables: each is read as one stretch of its index.
    bounds = [subscriptions.c.caller_id > last, callers.c.id > last]
    if upper is not None:
        bounds += [subscriptions.c.caller_id <= upper, callers.c.id <= upper]
    rows = (
        select(*values.values())
        .join_from(subscriptions, callers, callers.c.id == subscriptions.c.caller_id)
        .where(is_for(wave), *bounds)
        .order_by(subscriptions.c.caller_id)  # two planners at once wait for each other in one order
    )
    insert = _insert(engine, messages).from_select(list(values), rows)
    statement: Insert = insert.on_conflict_do_nothing(index_elements=["caller_id", "kind", "occurrence", "wave"])
    return statement


def _remember(connection: Connection, wave: Wave, now: datetime) -> None:
    """A pass that began at `now` is complete. Of two passes the one that began later counts."""
    row = {"kind": KIND, "occurrence": wave.occurrence, "wave": wave.name, "planned_at": now}
    insert = _insert(connection.engine, planned_waves).values(row)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=list(planned_waves.primary_key),
            set_={"planned_at": insert.excluded.planned_at},
            where=planned_waves.c.planned_at < insert.excluded.planned_at,
        )
    )


def _insert(engine: Engine, table: Table) -> Any:
    return sqlite.insert(table) if engine.dialect.name == "sqlite" else postgresql.insert(table)


def _of(wave: Wave) -> Iterator[ColumnElement[bool]]:
    yield planned_waves.c.kind == KIND
    yield planned_waves.c.occurrence == wave.occurrence
    yield planned_waves.c.wave == wave.name
