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

LARGEST_FILE = 1_000_000
DEEPEST = 10
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
        danger = _dangerous(file, text)
        if danger:
            return nowhere, [danger]
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        return nowhere, [_unreadable(file, text.splitlines(), line, error.problem or "")]
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


def _dangerous(file: str, text: str) -> Fault | None:
    """What no prompts need and what could hold up a running helpline: huge files, deep nesting, aliases."""
    if len(text) > LARGEST_FILE:
        return Fault(Source(file, 1), "", f"The file has {len(text)} characters.", f"{LARGEST_FILE} at most: split it.")
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = (event.start_mark.line if event.start_mark else 0) + 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return Fault(Source(file, line), "", "Brackets or blocks stand too deep in each other.", "take them out.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            mend = "write the words out, or put them behind a `|`."
            return Fault(Source(file, line), "", "A word that begins with & or * refers to another place.", mend)
    return None


def _unreadable(file: str, lines: list[str], line: int, problem: str) -> Fault:
    """What is most likely wrong with lines that YAML cannot read, and how to mend it."""
    for number in (line, line - 1):
        if (
            0 < number <= len(lines)
            and "\t" in lines[number - 1][: len(lines[number - 1]) - len(lines[number - 1].lstrip())]
        ):
            return Fault(Source(file, number), "", "This line begins with a tab.", "put spaces in its place.")
    if "mapping values" in problem:
        what = "Here is a colon where none can be, or the line above has none behind its name."
        return Fault(Source(file, line), "", what, f"look at lines {max(1, line - 1)} and {line}: {QUOTE_IT}")
    if "find expected ':'" in problem:
        return Fault(Source(file, line), "", "A name has no colon behind it, here or just above.", "write 'label:'.")
    if "did not find" in problem or "block" in problem:
        what = "This line, or the one above, does not begin where its neighbours begin."
        return Fault(Source(file, line), "", what, "move it to the left or right until it stands under them.")
    return Fault(Source(file, line), "", f"This line cannot be read ({problem}).", QUOTE_IT)


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
