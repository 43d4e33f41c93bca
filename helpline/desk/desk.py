"""What the pages of the desk work with, handed over by `app.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from helpline.menus.shapes import Calendar
from helpline.notices.board import Board
from helpline.operators.keys import Keys
from helpline.operators.signing_in import Door
from helpline.wiring import Parts as Wired


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the helpline that Today tells of."""

    redis_is_up: Callable[[], bool]
    refused_prompts: Callable[[], tuple[str, ...]]
    calendar: Callable[[], Calendar]
    last_tick: Callable[[], datetime | None]


@dataclass(frozen=True, slots=True)
class Desk:
    """`now` is the helpline's date, which tells what is due; `real` is what sessions, codes and the audit go by.

    `wired` is what the helpline is made of: its settings, prompts, database, carrier. `notices` is what its callers
    are told first.
    """

    door: Door
    parts: Parts
    wired: Wired
    notices: Board
    service: str
    now: Callable[[], datetime]
    real: Callable[[], datetime]
    is_secure: bool

    @property
    def engine(self) -> Engine:
        return self.door.engine

    @property
    def keys(self) -> Keys:
        return self.door.keys
