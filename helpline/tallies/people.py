"""How many people were helped on a day, without knowing who: by marks that are other ones each day."""

from __future__ import annotations

import hmac
import os
from datetime import date, datetime
from threading import Lock

from helpline.menus.windows import today_in_paris

MOST_MARKS = 100_000  # that wait to be written: a database that is away for a day must not fill the memory
MARK_LENGTH = 16

Mark = tuple[str, str]  # the day in France, and the mark of somebody on it


class PeopleHelped:
    """Marks of who got an answer by text, or pressed a key or said something in a call. `key` makes them."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"helpline people helped", "sha256")
        self._new: set[Mark] = set()
        self._process = os.getpid()
        self._lock = Lock()

    def note(self, number: str, now: datetime) -> None:
        """Somebody was helped. Quick: only a mark is kept, in memory. A withheld number is nobody."""
        if not number:
            return
        day = today_in_paris(now)
        found = (day.isoformat(), self.mark(number, day))
        with self._lock:
            self._begin_here()
            if len(self._new) < MOST_MARKS:
                self._new.add(found)

    def mark(self, number: str, day: date) -> str:
        """What stands for a number on a day. It tells nothing of the number, nor of the same one's other days."""
        return hmac.digest(self._key, f"{day.isoformat()}\0{number}".encode(), "sha256").hex()[:MARK_LENGTH]

    def take(self) -> set[Mark]:
        """The marks since the last time. Whoever takes them has to keep them."""
        with self._lock:
            self._begin_here()
            taken, self._new = self._new, set()
        return taken

    def _begin_here(self) -> None:
        """After a fork: what was noted before it is the parent's to hand over."""
        if self._process != os.getpid():
            self._process, self._new = os.getpid(), set()
