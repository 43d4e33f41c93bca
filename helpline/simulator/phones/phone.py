"""The phones of a demo: what happened on each, numbered, for whoever looks at it again and again."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

KEPT = 500  # events of a number
MOST_PHONES = 2000
LARGEST_LOOK = 2_000_000  # bytes that one look gives at most; the next one gives the rest


class Phone:
    """One number, with its latest events. Whoever looks waits here for the next one.

    `epoch` tells its numbers of events from those of the same number before it was forgotten.
    """

    def __init__(self, number: str, date: Callable[[], float]) -> None:
        self.number = number
        self.epoch = secrets.token_hex(4)
        self.last = 0
        self.is_in_call = False
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
        """The first of them, as many as one look gives, as soon as there are any; none after so many seconds."""
        self._waiting += 1
        try:
            if self.last <= after and wait > 0:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), wait)
        finally:
            self._waiting -= 1
            self.is_looked_at()
        return _first(self.since(after))

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody waits for news now."""
        return self._waiting > 0

    def is_looked_at(self) -> None:
        """Somebody is there now."""
        self._looked_at = time.monotonic()

    def unwatched_for(self) -> float:
        """Seconds since somebody looked last; 0 while somebody waits for news."""
        return 0.0 if self._waiting else time.monotonic() - self._looked_at


def _first(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many as one look gives, one at least."""
    size = 0
    for place, event in enumerate(events):
        size += len(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")) + len(", ")
        if place and size > LARGEST_LOOK:
            return events[:place]
    return events


class Phones:
    """The phones that somebody looked at of late, or that rang. `born` gives a new one its past."""

    def __init__(
        self,
        date: Callable[[], float],
        born: Callable[[Phone], None] = lambda phone: None,
        most: int = MOST_PHONES,
    ) -> None:
        self._date, self.born, self._most = date, born, most
        self._all: dict[str, Phone] = {}

    def of(self, number: str) -> Phone:
        phone = self._all.get(number)
        if phone is None:
            self._make_room()
            phone = self._all[number] = Phone(number, self._date)
            self.born(phone)
        return phone

    def known(self, number: str) -> Phone | None:
        """The phone of that number, if it was looked at: the others have no screen to write on."""
        return self._all.get(number)

    def _make_room(self) -> None:
        """Forget whom nobody looked at for longest. Who is looked at now, or in a call, stays."""
        if len(self._all) < self._most:
            return
        idle = [phone for phone in self._all.values() if not phone.is_in_call and not phone.is_waited_for]
        if idle:
            del self._all[max(idle, key=Phone.unwatched_for).number]
