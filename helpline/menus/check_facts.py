"""Inspection of facts: each is cited by a wording, and said by it, in every language and on both channels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import filterfalse

from helpline.menus.faults import Fault
from helpline.menus.shapes import Fact, Menus, Node


def check_facts(menus: Menus) -> list[Fault]:
    """Facts that nobody cites, citations of unknown facts, and facts that are cited but not said."""
    faults: list[Fault] = []
    cited: set[str] = set()
    for node in menus.nodes.values():
        for name in node.facts:
            fact = menus.facts.get(name)
            if fact is None:
                faults.append(
                    Fault(
                        node.source,
                        node.id,
                        f"It cites {name}, which is not in facts.yaml.",
                        "add the fact first.",
                    )
                )
                continue
            cited.add(name)
            faults += _unsaid(node, fact, tuple(menus.languages))
    for fact in menus.facts.values():
        faults += _incomplete(fact, tuple(menus.languages))
        if fact.id not in cited:
            faults.append(
                Fault(
                    fact.written,
                    fact.id,
                    "No place cites this fact.",
                    "add it to the 'facts' of the place that says it, or take it out.",
                )
            )
    return faults


def _incomplete(fact: Fact, languages: tuple[str, ...]) -> Iterator[Fault]:
    for code in languages:
        if not fact.statements.get(code):
            yield Fault(fact.written, fact.id, f"It is not stated in '{code}'.", f"add a line '{code}: ...'.")
        if not fact.words.get(code):
            yield Fault(
                fact.written,
                fact.id,
                f"It has no words in '{code}' by which a page shows that it says it.",
                f"add below 'words:' a line '{code}: ...'.",
            )


def _unsaid(node: Node, fact: Fact, languages: tuple[str, ...]) -> Iterator[Fault]:
    for code in languages:
        wording = node.wordings.get(code)
        if wording is None:
            continue
        for channel, pages in (("text", wording.pages), ("speech", wording.voice or wording.pages)):
            said = plain(" ".join(pages))
            for phrase in fact.words.get(code, ()):
                if not any(plain(way) in said for way in phrase.split(" / ")):
                    yield Fault(
                        node.source,
                        f"{node.id} ({code})",
                        f"It cites {fact.id}, but its {channel} does not hold '{phrase}'.",
                        "say the fact, or take it out of 'facts'.",
                    )


@lru_cache(maxsize=16384)  # a page is compared with each fact that it cites, and a fact with each page
def plain(text: str) -> str:
    """Letters for comparing: no accents, no capitals, one kind of apostrophe, single blanks."""
    if text.isascii():  # as most keywords are
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKD", text.casefold().replace("’", "'").replace("œ", "oe"))
    return " ".join("".join(filterfalse(unicodedata.combining, folded)).split())
