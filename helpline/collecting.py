"""Garbage, and when it is not looked for."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """For work that makes much and throws little away, as a start: looking for garbage takes a fifth of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# A process that is forked while another thread works so would never look for garbage.
os.register_at_fork(after_in_child=gc.enable)
