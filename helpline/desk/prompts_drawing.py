"""The top of the map drawn: the main menu, its topics, and what each of them offers. Places and lines, as numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpline.desk.prompts_map import Branch

_ROW, _GAP, _BOX = 34, 16, 28
_COLUMNS = (0, 190, 470)
_WIDTHS = (150, 240, 270)
WIDTH = _COLUMNS[-1] + _WIDTHS[-1]
LONGEST = 32  # letters that fit into a box


@dataclass(frozen=True, slots=True)
class Box:
    """A place. `key` leads to it, `x` and `y` are its upper left corner."""

    node: str
    key: str
    label: str
    x: int
    y: int
    width: int
    height: int = _BOX

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Line:
    """From the right side of a box to the left side of another."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def path(self) -> str:
        half = (self.x1 + self.x2) // 2
        return f"M{self.x1} {self.y1}H{half}V{self.y2}H{self.x2}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes from left to right, and the lines between them."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    height: int
    width: int = WIDTH


def drawing(tree: Branch, label: Callable[[str], str]) -> Drawing:
    """The two levels below the top. `label` gives a place its words."""
    topics: list[Box] = []
    boxes: list[Box] = []
    lines: list[Line] = []
    y = 0
    for topic in _by_keys(tree):
        below = _by_keys(topic)
        rows = [_box(branch, 2, y + _ROW * row, label) for row, branch in enumerate(below)]
        middle = (rows[0].y + rows[-1].y) // 2 if rows else y
        topics.append(_box(topic, 1, middle, label))
        lines += [_line(topics[-1], row) for row in rows]
        boxes += [topics[-1], *rows]
        y += _ROW * max(1, len(rows)) + _GAP
    middle = (topics[0].y + topics[-1].y) // 2 if topics else 0
    top = _box(tree, 0, middle, label)
    return Drawing((top, *boxes), (*(_line(top, topic) for topic in topics), *lines), max(_ROW, y - _GAP))


def _by_keys(branch: Branch) -> list[Branch]:
    return [each for each in branch.below if each.by and each.by.how == "key"]


def _box(branch: Branch, column: int, y: int, label: Callable[[str], str]) -> Box:
    words = label(branch.node)
    if len(words) > LONGEST:
        words = words[: LONGEST - 1].rstrip() + "…"
    return Box(branch.node, branch.by.name if branch.by else "", words, _COLUMNS[column], y, _WIDTHS[column])


def _line(left: Box, right: Box) -> Line:
    return Line(left.x + left.width, left.middle, right.x, right.middle)
