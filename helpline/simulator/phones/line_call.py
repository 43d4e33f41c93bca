"""One call on a phone's line, as the carrier keeps it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helpline.simulator.line.call import Call
from helpline.simulator.phones.phone import Phone

Changed = Callable[["LineCall", str], None]


@dataclass(slots=True, eq=False)
class LineCall:
    """One call on a phone's line. `direction` is as the phone sees it: outgoing or incoming."""

    sid: str
    phone: Phone
    direction: str
    made: float  # on the helpline's date, as the next two
    sender: str
    to: str
    url: str = ""
    twiml: str = ""
    changed: Changed = lambda call, event: None
    state: str = "ringing"
    answered: float | None = None
    ended: float | None = None
    call: Call | None = None
    waits: dict[str, Any] | None = None
    is_saying_goodbye: bool = False  # the last words are heard; then it ends
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    timer: asyncio.TimerHandle | None = None
    since: float = field(default_factory=time.monotonic)
    seconds: int = 0

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    def shown(self) -> dict[str, Any]:
        """As a phone that is looked at shows it."""
        return {"call": self.sid, "direction": self.direction, "state": self.state, "waits": self.waits}
