"""How many of the demo's requests may take their time at once, so that webhooks always find a free thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

# In each web process, whose threads (helpline.server.web) are for those who call and text.
MOST_LOOKING = 32
MOST_ACTING = 32


class Seats:
    """Some places. Whoever finds none does not wait for one."""

    def __init__(self, places: int) -> None:
        self._free = BoundedSemaphore(places)

    def take(self) -> bool:
        """Whether there was a place; who got one leaves it."""
        return self._free.acquire(blocking=False)

    def leave(self) -> None:
        """Give the place back."""
        self._free.release()

    @contextmanager
    def one(self, wanted: bool = True) -> Iterator[bool]:
        """A place for a while, if it is wanted and there is one."""
        taken = wanted and self.take()
        try:
            yield taken
        finally:
            if taken:
                self.leave()
