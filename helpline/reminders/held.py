"""Waves that an operator holds back.

`held_waves` says what is held. Its messages lie in a queue of their own, which no worker takes from, so that nobody
walks over them again and again. Only the queue of a planned message ever changes here: nothing is lost by whatever
breaks it off. What gets past it, planned or to be tried again at that moment, is put aside by the claim that comes upon
it; what is left behind, `set_apart` finds, every minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, delete, exists, or_, select, update

from helpline.consent.consent import KIND
from helpline.consent.kinds import queue_in_sql
from helpline.consent.once import insert_new
from helpline.menus.waves import Wave
from helpline.records.desk_tables import held_waves
from helpline.records.engine import reading
from helpline.records.messages import IS_PLANNED, move
from helpline.records.tables import callers, messages
from helpline.reminders.queues import SENDING
from helpline.reminders.wanted import SHORTEST

HELD = "held"  # the queue of their messages
PIECE = 2_000  # messages a transaction
BREATH = 0.15  # seconds between two pieces of work in SQLite, in which writers who wait for their turn get it
SECONDS = 20.0
LONGEST_REASON = 100
_FORGOTTEN_AFTER = timedelta(days=100)  # whatever was held is too late by far
Key = tuple[str, str, str]  # kind, occurrence, wave

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A wave that is held back, since when, by whom and why."""

    kind: str
    occurrence: str
    wave: str
    since: datetime
    who: str
    reason: str

    @property
    def key(self) -> Key:
        return self.kind, self.occurrence, self.wave


@dataclass(frozen=True, slots=True)
class Done:
    """How many messages were put aside, put back into their queues, and given up because their time was over."""

    aside: int = 0
    back: int = 0
    expired: int = 0


def key_of(wave: Wave) -> Key:
    """A wave of the monthly update, as `held_waves` names it."""
    return KIND, wave.occurrence, wave.name


def held(connection: Connection) -> tuple[Held, ...]:
    """Every wave that is held back now."""
    return tuple(Held(*row) for row in connection.execute(select(held_waves).order_by(held_waves.c.since)))


def held_keys(connection: Connection) -> frozenset[Key]:
    """The same, for who asks often."""
    names = (held_waves.c.kind, held_waves.c.occurrence, held_waves.c.wave)
    return frozenset((row.kind, row.occurrence, row.wave) for row in connection.execute(select(*names)))


def is_held(connection: Connection, wave: Wave) -> bool:
    """Whether a wave of the monthly update is held back now."""
    return bool(connection.scalar(select(exists().where(_is(key_of(wave))))))


def hold(connection: Connection, wave: Wave, who: str, reason: str, now: datetime) -> bool:
    """Hold a wave back: no claim from now on takes its messages. False if it is held already."""
    kind, occurrence, name = key_of(wave)
    names = {"kind": kind, "occurrence": occurrence, "wave": name}
    new = insert_new(connection, held_waves, **names, since=now, who=who, reason=reason[:LONGEST_REASON])
    if new:
        log.warning("a wave is held back", wave=name, occurrence=occurrence)
    return new


def let_go(connection: Connection, key: Key) -> bool:
    """Let a wave go; `set_apart` brings its messages back. False if it is not held."""
    ended = connection.execute(delete(held_waves).where(_is(key))).rowcount > 0
    if ended:
        log.warning("a wave goes on", wave=key[2], occurrence=key[1])
    return ended


def given_up_at(connection: Connection, wave: Held, now: datetime) -> datetime | None:
    """When messages that should have gone by now, and wait because the wave is held, are given up; none if none do."""
    waits = (IS_PLANNED, messages.c.queue.in_((HELD, *SENDING)), _of(wave.key), messages.c.due_at <= now)
    found: datetime | None = connection.scalar(
        select(messages.c.not_after).where(*waits, messages.c.not_after > now).limit(1)
    )
    return found


def put_aside(connection: Connection, now: datetime, ids: Iterable[int]) -> int:
    """Take planned messages out of the way of claims. How many went."""
    planned = update(messages).where(messages.c.id.in_(ids), IS_PLANNED, messages.c.queue != HELD)
    return connection.execute(planned.values(queue=HELD, changed_at=now)).rowcount


def more_of(connection: Connection, keys: Iterable[Key], queue: str) -> list[int]:
    """The ids of planned messages of these waves in a queue, locked; what somebody else has locked is left to them."""
    return list(connection.scalars(_ids(messages.c.queue == queue, or_(*(_of(key) for key in keys)))))


def set_apart(engine: Engine, now: datetime, seconds: float = SECONDS) -> Done:
    """Bring each message to where it belongs, by pieces; what is left when the time is over is left to the next time.

    Those of held waves are put aside, those of others come back, and those whose time is over are given up.
    """
    end = time.monotonic() + seconds
    with reading(engine).connect() as connection:
        keys = held_keys(connection)
    _forget(engine, now)
    back = _by_pieces(engine, end, [messages.c.queue == HELD, ~_is_held()], lambda c, ids: _put_back(c, now, ids))
    late = [messages.c.queue == HELD, messages.c.not_after < now + SHORTEST]
    expired = _by_pieces(engine, end, late, lambda c, ids: move(c, "expired", now, messages.c.id.in_(ids)))
    aside = 0
    if keys:
        elsewhere = [messages.c.queue.in_(SENDING), or_(*(_of(key) for key in keys)), _is_held()]
        aside = _by_pieces(engine, end, elsewhere, lambda c, ids: put_aside(c, now, ids))
    if expired:
        log.warning("too late to be sent", queue=HELD, count=expired)
    if back or expired or aside:
        log.info("held messages", aside=aside, back=back, expired=expired)
    return Done(aside, back, expired)


def _by_pieces(
    engine: Engine, end: float, where: list[ColumnElement[bool]], act: Callable[[Connection, list[int]], int]
) -> int:
    """Each piece has its own transaction, and none is begun for nothing: who writes keeps others waiting."""
    count = 0
    while True:
        with reading(engine).connect() as connection:
            if not connection.scalar(select(messages.c.id).where(IS_PLANNED, *where).limit(1)):
                return count
        if count and engine.dialect.name == "sqlite":
            time.sleep(BREATH)
        with engine.begin() as connection:
            ids = list(connection.scalars(_ids(*where)))
            count += act(connection, ids) if ids else 0
        if not ids or time.monotonic() > end:  # none: others have them locked, and do with them what is right
            return count


def _ids(*where: ColumnElement[bool]) -> Select[int]:
    found = select(messages.c.id).where(IS_PLANNED, *where).order_by(messages.c.due_at).limit(PIECE)
    return found.with_for_update(of=messages, skip_locked=True)


def _put_back(connection: Connection, now: datetime, ids: list[int]) -> int:
    """Into the queue of whoever sends them: a caller may have changed to calls meanwhile."""
    is_called = exists().where(callers.c.id == messages.c.caller_id, callers.c.channel == "voice")
    right = case((is_called, queue_in_sql("voice")), else_=queue_in_sql("sms"))
    there = update(messages).where(messages.c.id.in_(ids), IS_PLANNED, messages.c.queue == HELD)
    return connection.execute(there.values(queue=right, changed_at=now)).rowcount


def _forget(engine: Engine, now: datetime) -> None:
    long_ago = held_waves.c.since < now - _FORGOTTEN_AFTER
    with reading(engine).connect() as connection:
        if not connection.scalar(select(exists().where(long_ago))):
            return
    with engine.begin() as connection:
        connection.execute(delete(held_waves).where(long_ago))


def _is(key: Key) -> ColumnElement[bool]:
    kind, occurrence, wave = key
    return and_(held_waves.c.kind == kind, held_waves.c.occurrence == occurrence, held_waves.c.wave == wave)


def _of(key: Key) -> ColumnElement[bool]:
    kind, occurrence, wave = key
    return and_(messages.c.kind == kind, messages.c.occurrence == occurrence, messages.c.wave == wave)


def _is_held() -> ColumnElement[bool]:
    same = (getattr(held_waves.c, name) == getattr(messages.c, name) for name in ("kind", "occurrence", "wave"))
    return exists().where(*same)
