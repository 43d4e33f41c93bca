"""Inspection of keywords: claimed by two places, never reached, or run together."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.menus.check_facts import plain
from helpline.menus.faults import Fault
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Language, Node

LONGEST_KEYWORD = 60
# Words that mean the same in every place, so that no keyword can have them.
FIXED = (
    "stop",
    "start",
    "menu",
    "home",
    "next",
    "repeat",
    "back",
    "help",
    "language",
    "choose",
    "resume",
    "done",
    "not_me",
    "data",
    "erase",
    "call_me",
    "talk",
    "no_call",
)


def check_keywords(prompts: Prompts) -> list[Fault]:
    """Faults of the keywords of all nodes, language by language."""
    return [fault for language in prompts.menus.languages.values() for fault in _of_language(prompts, language)]


def _of_language(prompts: Prompts, language: Language) -> Iterator[Fault]:
    fixed = {plain(word): name for name in FIXED for word in language.commands.get(name, ())}
    claimed: dict[str, Node] = {}
    for node in prompts.menus.nodes.values():
        wording = node.wordings.get(language.code)
        here = f"{node.id} ({language.code})"
        for keyword in wording.keywords if wording else ():
            word = plain(keyword)
            other = claimed.setdefault(word, node)
            if other is not node:
                what = f"The keyword '{keyword}' is also one of {other.id} ({other.source})."
                yield Fault(node.source, here, what, "leave it to one of them.")
            if word in fixed:
                what = f"The keyword '{keyword}' already means '{fixed[word]}' everywhere (languages.yaml)."
                yield Fault(node.source, here, what, "take it out, or choose another word.")
            if len(keyword) > LONGEST_KEYWORD or ";" in keyword:
                what = f"These look like several keywords run together: '{keyword[:LONGEST_KEYWORD]}'"
                yield Fault(node.source, here, what, "put commas between them, and a `|` behind 'keywords:'.")
