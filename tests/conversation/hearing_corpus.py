"""The ears for the real prompts, and the lists of texts in `tests/hearing/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpline.conversation.ears import Ears
from helpline.conversation.heard import Heard
from helpline.conversation.hearing import hear
from helpline.menus.parse import parse_prompts
from helpline.menus.shapes import Menus

ROOT = Path(__file__).parents[2]


@cache
def menus() -> Menus:
    files = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "prompts").glob("*.yaml")}
    return parse_prompts(files, ("fr", "en"))[0]


@cache
def ears() -> Ears:
    return Ears.of(menus())


def heard(text: str, language: str = "", options: tuple[tuple[str, str], ...] = (), spoken: bool = False) -> Heard:
    return hear(ears(), text, language, options, spoken)


def topics_of(said: Heard) -> tuple[str, ...]:
    """The topics that were heard; a word that does something about a topic is that topic."""
    if said.kind == "language" or said.values == ("language",):
        return ("about.language",)
    if said.values in (("data",), ("erase",)):
        return ("about.data",)
    return said.values if said.kind == "topics" else ()


@dataclass(frozen=True)
class Row:
    text: str
    cells: tuple[str, ...]

    @property
    def expected(self) -> set[str]:
        return set(self.cells[-1].split())


def rows(name: str) -> list[Row]:
    lines = (ROOT / "tests" / "hearing" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    width = lines[0].count("\t")
    cells = [line.split("\t") for line in lines[1:] if line.strip()]
    return [Row(cell[0], tuple(cell[1:] + [""] * (width + 1 - len(cell)))) for cell in cells]
