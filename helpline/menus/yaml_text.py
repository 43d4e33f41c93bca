"""YAML read as text only: every scalar stays a string, every value keeps its line.

Plain YAML turns `yes` into a boolean and 0612 into a number; people who edit words must not need to know that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from helpline.menus.faults import Fault
from helpline.menus.shapes import Source

# The same loader in C where the library has it: four times as fast, and read at each start.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

QUOTE_IT = "write a `|` after the name and put the words on the next lines, moved two spaces to the right."


@dataclass(frozen=True)
class Text:
    """A piece of text and where it stands."""

    value: str
    source: Source


@dataclass(frozen=True)
class Block:
    """Named values below each other, in the order of the file."""

    values: dict[str, Value]
    source: Source

    def text(self, name: str) -> str:
        """The text called `name`, without blanks around it; empty if it is not there or is no text."""
        value = self.values.get(name)
        return value.value.strip() if isinstance(value, Text) else ""

    def block(self, name: str) -> Block:
        """The block called `name`; an empty one if it is not there."""
        value = self.values.get(name)
        return value if isinstance(value, Block) else Block({}, self.source)

    def source_of(self, name: str) -> Source:
        value = self.values.get(name)
        return value.source if value is not None else self.source


Value = Text | Block


def read_yaml(file: str, text: str) -> tuple[Block, list[Fault]]:
    """Read one file into a block; faults name the line of what cannot be read."""
    nowhere = Block({}, Source(file, 1))
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        return nowhere, [Fault(Source(file, line), "", f"This line cannot be read ({error.problem}).", QUOTE_IT)]
    except yaml.YAMLError as error:
        return nowhere, [
            Fault(Source(file, 1), "", f"The file cannot be read ({error}).", "save it as plain text, UTF-8.")
        ]
    if root is None:
        return nowhere, []
    faults: list[Fault] = []
    value = _value(file, root, faults)
    if isinstance(value, Text):
        faults.append(Fault(value.source, "", "The file is not a list of names with words.", "look at another file."))
        return nowhere, faults
    return value, faults


def _value(file: str, node: yaml.Node, faults: list[Fault]) -> Value:
    source = Source(file, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Value] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in values:
                faults.append(
                    Fault(
                        Source(file, key.start_mark.line + 1),
                        "",
                        f"'{name}' stands twice.",
                        "put both into one, or rename one.",
                    )
                )
            values[name] = _value(file, value, faults)
        return Block(values, source)
    if isinstance(node, yaml.SequenceNode):
        parts = [_value(file, item, faults) for item in node.value]
        return Text(", ".join(part.value for part in parts if isinstance(part, Text)), source)
    return Text(str(node.value), source)


def comma_list(text: str) -> tuple[str, ...]:
    """Words or phrases with commas or line ends between them."""
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


def word_list(text: str) -> tuple[str, ...]:
    """Names with blanks or commas between them."""
    return tuple(text.replace(",", " ").split())


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Lines of the form `written = meant`."""
    for line in text.splitlines():
        left, equals, right = line.partition("=")
        if equals and left.strip():
            yield left.strip(), right.strip()


def pages_of(text: str) -> tuple[str, ...]:
    """The pages of a text: a line of `---` stands between two."""
    pages: list[list[str]] = [[]]
    for line in text.strip().splitlines():
        if line.strip() == "---":
            pages.append([])
        else:
            pages[-1].append(line.strip())
    return tuple("\n".join(page).strip() for page in pages if any(page))
