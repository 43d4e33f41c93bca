"""Counts of what happened in this process since it started: what an operator looks at first when something is odd."""

from __future__ import annotations

from collections import Counter
from threading import Lock


class Counters:
    """Named counts with labels. Labels hold kinds and channels, never anything of a caller's."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def count(self, name: str, **labels: str) -> None:
        """Count one more."""
        inside = ",".join(f"{label}={value}" for label, value in sorted(labels.items()))
        with self._lock:
            self._counts[f"{name}{{{inside}}}" if inside else name] += 1

    def all(self) -> dict[str, int]:
        """Every count, by name."""
        with self._lock:
            return dict(sorted(self._counts.items()))
