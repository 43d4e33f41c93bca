"""Speech as a person reads it: the words of SSML, with a new line at each pause."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree


def spoken_lines(ssml: str) -> tuple[str, ...]:
    """The lines of the inside of a Say, as the program wrote it."""
    return lines_of(ElementTree.fromstring(f"<Say>{ssml}</Say>"))  # noqa: S314 - our own words


def lines_of(say: ElementTree.Element) -> tuple[str, ...]:
    """The lines that an element says: its text, cut at each `<break>`."""
    lines = "".join(_pieces(say)).split("\n")
    return tuple(line for line in (" ".join(line.split()) for line in lines) if line)


def _pieces(element: ElementTree.Element) -> Iterator[str]:
    if element.tag == "break":
        yield "\n"
    yield " ".join((element.text or "").split("\n"))
    for inner in element:
        yield from _pieces(inner)
        yield " ".join((inner.tail or "").split("\n"))
