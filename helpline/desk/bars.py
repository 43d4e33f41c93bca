"""How a wave stands as one bar: its parts beside each other, drawn as SVG within the page."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.reminders.figures import WaveFigures

WIDTH = 1000
_LEAST = 8.0  # of the width: what is there is seen
# The parts in their order, which are classes and names of words.
PARTS = ("delivered", "under_way", "sending", "again", "waiting", "failed", "skipped", "expired")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: how many messages it stands for, and where it is."""

    name: str
    count: int
    x: float
    width: float


def counts_of(figures: WaveFigures) -> dict[str, int]:
    """How many messages are in each part."""
    return {
        "delivered": figures.delivered,
        "under_way": figures.of("accepted", "sent"),
        "sending": figures.in_doubt,
        "again": figures.goes_again,
        "waiting": figures.waiting,
        "failed": figures.failed,
        "skipped": figures.of("skipped"),
        "expired": figures.of("expired"),
    }


def bar(figures: WaveFigures) -> tuple[Part, ...]:
    """The parts that there are, from one end of the bar to the other."""
    there = [(name, count) for name, count in counts_of(figures).items() if count]
    total = sum(count for _, count in there)
    widths = [max(_LEAST, WIDTH * count / total) for _, count in there]
    scale = WIDTH / sum(widths) if widths else 1.0
    found: list[Part] = []
    x = 0.0
    for (name, count), width in zip(there, widths, strict=True):
        found.append(Part(name, count, round(x, 2), round(width * scale, 2)))
        x += width * scale
    return tuple(found)
