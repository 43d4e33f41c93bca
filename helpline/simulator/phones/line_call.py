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
    fallback_url: str = ""
    twiml: str = ""
    callback: str = ""
    detection: str = ""  # MachineDetection, as it was asked for
    by: str = ""  # who picked up, where nobody was at the phone: a machine, for example
    answered_by: str = ""  # what the helpline is told of who picked up
    until: float = float("inf")  # when whoever picked up by itself hangs up, by the monotonic clock
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
    heard: bool = False  # whether the helpline said anything to whoever is on the phone
    speaks: float = 0.0  # how many seconds what was heard last takes

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    @property
    def left(self) -> float:
        """Seconds until whoever picked up by itself hangs up."""
        return max(0.0, self.until - time.monotonic())

    def told(self) -> dict[str, Any]:
        """How it stands, as its phone is told."""
        by = {"by": self.by} if self.by else {}
        return {"call": self.sid, "direction": self.direction, "state": self.state, **by}

    def shown(self) -> dict[str, Any]:
        """As a phone that is looked at shows it."""
        return {**self.told(), "waits": self.waits}
