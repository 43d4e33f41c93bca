"""The phones of a demo: what happened on each, numbered, for whoever looks at it again and again."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

KEPT = 500  # events of a number


class Phone:
    """One number, with its latest events. Whoever looks waits here for the next one."""

    def __init__(self, number: str, date: Callable[[], float]) -> None:
        self.number = number
        self.last = 0
        self._looked_at, self._waiting = time.monotonic(), 0
        self._date = date
        self._events: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._news = asyncio.Event()

    def tell(self, kind: str, at: float | None = None, **what: Any) -> None:
        """Something happened: now, on the helpline's date, or at another moment."""
        self.last += 1
        moment = self._date() if at is None else at
        self._events.append({"seq": self.last, "at": round(moment, 3), "kind": kind, **what})
        self._news.set()
        self._news = asyncio.Event()

    def since(self, after: int) -> list[dict[str, Any]]:
        """What happened after the event of that number."""
        return [event for event in self._events if event["seq"] > after]

    async def news_after(self, after: int, wait: float) -> list[dict[str, Any]]:
        """The same, as soon as there is any, or none after so many seconds."""
        self._waiting += 1
        try:
            if self.last <= after and wait > 0:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), wait)
        finally:
            self._waiting -= 1
            self.is_looked_at()
        return self.since(after)

    def is_looked_at(self) -> None:
        """Somebody is there now."""
        self._looked_at = time.monotonic()

    def unwatched_for(self) -> float:
        """Seconds since somebody looked last; 0 while somebody waits for news."""
        return 0.0 if self._waiting else time.monotonic() - self._looked_at


class Phones:
    """Every phone that somebody looked at, or that rang. `born` gives a new one its past."""

    def __init__(self, date: Callable[[], float], born: Callable[[Phone], None] = lambda phone: None) -> None:
        self.epoch = secrets.token_hex(4)
        self._date, self.born = date, born
        self._all: dict[str, Phone] = {}

    def of(self, number: str) -> Phone:
        phone = self._all.get(number)
        if phone is None:
            phone = self._all[number] = Phone(number, self._date)
            self.born(phone)
        return phone

    def known(self, number: str) -> Phone | None:
        """The phone of that number, if it was ever looked at: the others have no screen to write on."""
        return self._all.get(number)
