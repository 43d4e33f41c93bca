"""When web workers that died were started again: once in a while each may die, and the others answer on.

The web server takes a worker that dies within five seconds of its start for one that can never start, and ends with
all others. Only many deaths in that time say so.
"""

from __future__ import annotations

import time
from collections import deque

WITHIN = 5.5  # seconds; what the web server looks back on
MOST = 12


class Respawns(dict[int, float]):
    """By the number of the worker, when it was last started again. `get` tells it only where there were many."""

    def __init__(self) -> None:
        super().__init__()
        self._all: deque[float] = deque(maxlen=MOST)

    def __setitem__(self, worker: int, moment: float) -> None:
        self._all.append(moment)
        super().__setitem__(worker, moment)

    def get(self, worker: int, default: float = 0.0) -> float:  # type: ignore[override]
        """When this worker was last started again, if so many were within that time; otherwise `default`."""
        is_many = len(self._all) == MOST and time.monotonic() - self._all[0] <= WITHIN
        return super().get(worker, default) if is_many else default
