"""The notice that is up, as a process knows it: read every few seconds, held in memory, asked for by every turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event, Lock

from sqlalchemy import Engine

from helpline.notices.kept import Notice, not_over
from helpline.records.engine import reading

LOOK_SECONDS = 3.0
FIRST_LOOK_SECONDS = 0.15


class Board:
    """What a process knows of the notices. `now` is the helpline's date.

    While the database is away, what was known stays, until its end; a process that begins then knows of none.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._lock, self._looked = Lock(), Event()
        self._known: Notice | None = None

    def current(self, now: datetime) -> Mapping[str, str] | None:
        """The words by language that are up at a moment."""
        known = self._known
        return known.words if known and known.since <= now < known.until else None

    def look(self) -> None:
        """Read which one is up. SQLAlchemyError where the database is away."""
        try:
            with self._lock, reading(self._engine).connect() as connection:
                self._known = not_over(connection, self._now())
        finally:
            self._looked.set()

    def wait_for_first_look(self) -> None:
        """Wait until a process that has just begun has looked once: a moment at most, and once."""
        if not self._looked.is_set():
            self._looked.wait(FIRST_LOOK_SECONDS)
            self._looked.set()
