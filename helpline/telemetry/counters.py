"""Counts of what happened in this process since it started: what an operator looks at first when something is odd.

Each is also kept as not written yet, until `take` hands it over to whoever adds up those of all processes.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from threading import Lock

# Who counts something of a caller's by mistake finds "other" instead, and no list grows without end.
MOST_LABELS = 3000
LONGEST_NAME, LONGEST_LABELS = 40, 120
_NOT_A_WORD = re.compile(r"[^A-Za-z0-9_.:/<>+-]")
_OTHER = "other"

_Given = tuple[str, tuple[tuple[str, str], ...]]
Count = tuple[str, str]  # a name, and its labels as text: "channel=sms,heard=key"


class Counters:
    """Named counts with labels. Labels hold kinds and channels, never anything of a caller's."""

    def __init__(self) -> None:
        self._counts: Counter[Count] = Counter()
        self._new: Counter[Count] = Counter()
        self._known: dict[_Given, Count] = {}
        self._process = os.getpid()
        self._lock = Lock()

    def count(self, name: str, **labels: str) -> None:
        """Count one more."""
        self.add(name, 1, **labels)

    def add(self, name: str, amount: int, **labels: str) -> None:
        """Count so many more."""
        given = (name, tuple(labels.items()))
        with self._lock:
            self._begin_here()
            what = self._known.get(given) or self._learn(given)
            self._counts[what] += amount
            self._new[what] += amount

    def all(self) -> dict[str, int]:
        """Every count, by name."""
        with self._lock:
            found = {f"{name}{{{inside}}}" if inside else name: count for (name, inside), count in self._counts.items()}
        return dict(sorted(found.items()))

    def take(self) -> dict[Count, int]:
        """What was counted since the last time. Whoever takes it has to keep it."""
        with self._lock:
            self._begin_here()
            taken, self._new = dict(self._new), Counter()
        return taken

    def _learn(self, given: _Given) -> Count:
        """How something is written that was not counted before."""
        name, labels = given
        inside = ",".join(f"{label}={_NOT_A_WORD.sub('_', value)}" for label, value in sorted(labels))
        what = (name[:LONGEST_NAME], inside)
        if what not in self._counts and (len(self._counts) >= MOST_LABELS or len(inside) > LONGEST_LABELS):
            return what[0], _OTHER
        if len(self._known) < MOST_LABELS:
            self._known[given] = what
        return what

    def _begin_here(self) -> None:
        """After a fork: what was counted before it is the parent's to hand over."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._new = Counter()
