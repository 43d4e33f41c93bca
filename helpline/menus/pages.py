"""The pieces of a page as its author wrote it: sentences, and options that begin with their digit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_OPTION = re.compile(r"^([0-9])\s+(\S.*)$")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ0-9\"«{(-])")
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True, slots=True)
class Option:
    """A line of a page that offers a key."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A page taken apart: lines before the options, the options, lines after them."""

    before: tuple[str, ...]
    options: tuple[Option, ...]
    after: tuple[str, ...]


def take_apart(page: str) -> Parts:
    before: list[str] = []
    options: list[Option] = []
    after: list[str] = []
    for line in page.splitlines():
        match = _OPTION.match(line)
        if match:
            options.append(Option(match[1], match[2].strip()))
        elif line.strip():
            (after if options else before).append(line.strip())
    return Parts(tuple(before), tuple(options), tuple(after))


def sentences(line: str) -> list[str]:
    """The sentences of a line, each with its end mark."""
    return [sentence for sentence in _SENTENCE_END.split(line.strip()) if sentence]


def placeholders(text: str) -> tuple[str, ...]:
    return tuple(_PLACEHOLDER.findall(text))


def fill(text: str, values: dict[str, str]) -> str:
    """Put values into their placeholders; a sentence whose placeholder has an empty value is left out.

    Placeholders that `values` does not know stay as they are: they are filled later (dates).
    """
    lines = []
    for line in text.splitlines():
        if "{" not in line:
            lines.append(" ".join(sentences(line)))
            continue
        kept = [s for s in sentences(line) if all(values.get(name, "x") for name in placeholders(s))]
        if kept:
            lines.append(_PLACEHOLDER.sub(lambda m: values.get(m[1], m[0]), " ".join(kept)))
    return "\n".join(lines)


def put(text: str, values: Mapping[str, str]) -> str:
    """Put values into their placeholders, and nothing else: for words that are prepared already."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text) if "{" in text else text
