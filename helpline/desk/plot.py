"""Small plots over days, as SVG within the page: bars, no script, no style of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300, 72
_GAP = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """What is counted of a day, and the class that gives it its colour."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a column of the plot."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars, and the highest column's count."""

    bars: tuple[Bar, ...]
    highest: int


def plot(columns: Sequence[Sequence[Part]]) -> Plot:
    """One column a day, its parts upon each other, the first at the bottom."""
    highest = max((sum(part.count for part in column) for column in columns), default=0)
    step = WIDTH / max(1, len(columns))
    bars: list[Bar] = []
    for place, column in enumerate(columns):
        top = float(HEIGHT)
        for part in column:
            if part.count:
                height = HEIGHT * part.count / highest
                top -= height
                x = place * step + _GAP / 2
                bars.append(Bar(part.kind, round(x, 2), round(top, 2), round(step - _GAP, 2), round(height, 2)))
    return Plot(tuple(bars), highest)
