"""Somebody must learn of it: a problem goes into one loud line of the log, into /readyz, and by SMS to ALERT_NUMBER.

Each problem at most once an hour, whoever finds it: what was told stands in the database, and in this process for
when the database is what the problem is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread

import structlog
from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from helpline.records.tables import controls

EVERY = timedelta(hours=1)
AGAIN_UNSENT = timedelta(minutes=5)  # an alert that could not be sent is tried again after this
WATCHED_LATELY = timedelta(minutes=15)
_KEPT = timedelta(days=60)
_PREFIX, _LONGEST_NAME, _WATCHED = "alert ", 40, "watched"
_LONGEST_TEXT = 300  # two segments

log = structlog.get_logger(__name__)

Send = Callable[[str], bool]  # an SMS to ALERT_NUMBER; whether the carrier took it


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an operator must put right: a name that stays the same, and words that may change.

    `told_at`: when an operator was already told in other words.
    """

    name: str
    words: str
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A problem that holds, and since when."""

    name: str
    words: str
    since: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    """A problem as the database keeps it. `watched`: it holds until a watch no longer finds it; others for an hour."""

    words: str
    since: datetime
    told: datetime
    watched: bool
    over: bool = False


def send_nothing(text: str) -> bool:
    """Where there is no ALERT_NUMBER, the log and /readyz must do."""
    return True


class Alerts:
    """Tells of problems. Never raises: who has one has enough to do."""

    def __init__(self, engine: Engine, send: Send = send_nothing, clock: Callable[[], datetime] | None = None) -> None:
        self._engine, self._send, self._clock = engine, send, clock or (lambda: datetime.now(UTC))
        self._told: dict[str, datetime] = {}
        self._lock = Lock()

    def say(self, words: str) -> None:
        """Tell of something that happened. The same words with other figures are the same problem."""
        alike = re.sub(r"\d+", "0", words)
        self.tell(Problem(hashlib.sha256(alike.encode()).hexdigest()[:16], words))

    def say_beside(self, words: str) -> None:
        """`say` for who must not wait for the carrier: a caller's turn, a webhook."""
        Thread(target=self.say, args=(words,), name="alert", daemon=True).start()

    def tell(self, problem: Problem, watched: bool = False, at: datetime | None = None) -> bool:
        """Tell of a problem, unless it was told within the hour. Whether it was told now.

        `at`: the date, for who knows that this machine has a wrong one.
        """
        now = at or self._clock()
        try:
            due = self._is_due(problem, now, watched)
        except SQLAlchemyError as error:
            log.warning("alerts are counted in this process only", error=type(error).__name__)
            due = self._is_due_here(problem, now)
        if due:
            log.critical("alert", problem=problem.name, words=problem.words)
            if not self._was_sent(problem):
                self._try_again_soon(problem, now)
        return due

    def report(self, problems: Iterable[Problem]) -> None:
        """What a watch found: tell of each, and note that all others are over."""
        found = list(problems)
        for problem in found:
            self.tell(problem, watched=True)
        try:
            with self._engine.begin() as connection:
                now = self._clock()
                _set(connection, _WATCHED, "", now)
                _close_others(connection, {_row(problem.name) for problem in found}, now)
        except SQLAlchemyError as error:
            log.error("the watch could not be noted", error=type(error).__name__)

    def _is_due(self, problem: Problem, now: datetime, watched: bool) -> bool:
        """Note that the problem holds. Whether its hour is over, and nobody else is telling it now."""
        name = _row(problem.name)
        with self._engine.begin() as connection:
            old = connection.scalar(select(controls.c.value).where(controls.c.name == name).with_for_update())
            kept = _read(old) if old else None
            # What was told in the future was told before the clock was set right.
            told = max((at for at in (kept and kept.told, problem.told_at) if at and at < now + EVERY), default=None)
            due = told is None or now - told >= EVERY
            since = kept.since if kept and not kept.over else problem.told_at or now
            new = _write(_Kept(problem.words, since, now if due else told or now, watched))
            if old is not None:
                _set(connection, name, new, now)
                return due
            return _inserted(connection, name, new, now) and due

    def _is_due_here(self, problem: Problem, now: datetime) -> bool:
        with self._lock:
            told = self._told.get(problem.name)
            if told and abs(now - told) < EVERY:
                return False
            self._told[problem.name] = now
            return True

    def _was_sent(self, problem: Problem) -> bool:
        try:
            return self._send(f"Helpline: {problem.words}"[:_LONGEST_TEXT])
        except Exception as error:
            log.error("an alert could not be sent", problem=problem.name, error=type(error).__name__)
            return False

    def _try_again_soon(self, problem: Problem, now: datetime) -> None:
        again = now - EVERY + AGAIN_UNSENT
        with self._lock:
            self._told[problem.name] = again
        try:
            with self._engine.begin() as connection:
                value = connection.scalar(select(controls.c.value).where(controls.c.name == _row(problem.name)))
                if value:
                    _set(connection, _row(problem.name), _write(replace(_read(value), told=again)), now)
        except SQLAlchemyError:
            pass  # told in this process only, and noted there


def open_problems(connection: Connection, now: datetime) -> tuple[Open, ...]:
    """The problems that hold at this moment."""
    rows = connection.execute(select(controls.c.name, controls.c.value).where(controls.c.name.startswith(_PREFIX)))
    kept = [(row.name.removeprefix(_PREFIX), _read(row.value)) for row in rows.all()]
    return tuple(
        Open(name, found.words, found.since)
        for name, found in sorted(kept, key=lambda item: item[0])
        if not found.over and (found.watched or abs(now - found.told) < EVERY)
    )


def watched_at(connection: Connection) -> datetime | None:
    """When a watch last looked for problems."""
    found: datetime | None = connection.scalar(select(controls.c.changed_at).where(controls.c.name == _WATCHED))
    return found


def healthy(engine: Engine, now: datetime) -> bool:
    """Whether somebody has looked for problems lately, and found none: then the clock calls HEARTBEAT_URL."""
    try:
        with engine.connect() as connection:
            at = watched_at(connection)
            return at is not None and now - at <= WATCHED_LATELY and not open_problems(connection, now)
    except SQLAlchemyError:
        return False


def _close_others(connection: Connection, names: set[str], now: datetime) -> None:
    rows = connection.execute(select(controls).where(controls.c.name.startswith(_PREFIX))).all()
    for row in rows:
        kept = _read(row.value)
        if now - row.changed_at > _KEPT:
            connection.execute(delete(controls).where(controls.c.name == row.name))
        elif kept.watched and not kept.over and row.name not in names:
            log.warning("alert is over", problem=row.name.removeprefix(_PREFIX))
            _set(connection, row.name, _write(replace(kept, over=True)), now)


def _set(connection: Connection, name: str, value: str, now: datetime) -> None:
    if not _inserted(connection, name, value, now):
        row = controls.c.name == name
        connection.execute(update(controls).where(row).values(value=value, changed_at=now))


def _inserted(connection: Connection, name: str, value: str, now: datetime) -> bool:
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = into(controls).values(name=name, value=value, changed_at=now).on_conflict_do_nothing()
    return connection.execute(row.returning(controls.c.name)).first() is not None


def _row(problem: str) -> str:
    return f"{_PREFIX}{problem}"[:_LONGEST_NAME]


def _write(kept: _Kept) -> str:
    moments = {"since": int(kept.since.timestamp()), "told": int(kept.told.timestamp())}
    return json.dumps({"words": kept.words, **moments, "watched": kept.watched, "over": kept.over}, sort_keys=True)


def _read(value: str) -> _Kept:
    found = json.loads(value)
    moments = {name: datetime.fromtimestamp(found[name], UTC) for name in ("since", "told")}
    return _Kept(found["words"], **moments, watched=found["watched"], over=found["over"])
