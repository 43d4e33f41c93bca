"""Two machines must not answer each other for ever: who is taken for one, and until when. Pure.

More than 30 texts in 10 minutes, or the same text 6 times in a row, is taken for a machine: one notice, then nothing
until it calms down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WINDOW_SECONDS = 600
MOST_IN_WINDOW = 30
CALM_IN_WINDOW = 10
MOST_SAME = 6

Verdict = Literal["answer", "notice", "silent"]


@dataclass(frozen=True, slots=True)
class LoopGuard:
    """The last texts of one caller: when they came (seconds), a mark of the last one and how often it came in a row."""

    times: tuple[int, ...] = ()
    mark: str = ""
    run: int = 0
    paused: bool = False


def count_text(guard: LoopGuard, mark: str, now: int) -> tuple[LoopGuard, Verdict]:
    """Count a text. `mark` is equal for equal texts (a keyed hash: the words themselves are never kept)."""
    # A time to come is one of a clock that was set back: it must not silence anybody until then.
    recent = tuple(time for time in guard.times if -WINDOW_SECONDS < now - time < WINDOW_SECONDS)
    times = (*recent, now)[-(MOST_IN_WINDOW + 1) :]
    run = guard.run + 1 if mark == guard.mark and recent else 1
    machine = len(times) > MOST_IN_WINDOW or run >= MOST_SAME
    if guard.paused:
        machine = len(times) > CALM_IN_WINDOW or run >= MOST_SAME
    verdict: Verdict = "answer" if not machine else "silent" if guard.paused else "notice"
    return LoopGuard(times, mark, run, machine), verdict


def encode(guard: LoopGuard) -> str:
    """The text form: letters, digits and dots."""
    first = guard.times[0] if guard.times else 0
    gaps = (str(time - first) for time in guard.times)
    return ".".join((guard.mark, str(guard.run), "p" if guard.paused else "", str(first), *gaps))


def decode(text: str) -> LoopGuard:
    """The guard of a text form; an empty one for what cannot be read."""
    try:
        mark, run, paused, first, *gaps = text.split(".")
        start = int(first)
        return LoopGuard(tuple(start + int(gap) for gap in gaps), mark, int(run), paused == "p")
    except ValueError:
        return LoopGuard()
