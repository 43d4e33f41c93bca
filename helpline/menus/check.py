"""Inspection of prompts: every fault that a caller would meet, found at the desk instead."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.menus.check_dated import check_dated
from helpline.menus.check_effects import check_effects
from helpline.menus.check_facts import check_facts
from helpline.menus.check_keywords import check_keywords
from helpline.menus.check_tree import check_tree
from helpline.menus.check_words import check_words
from helpline.menus.faults import Fault
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Menus, Source


def check(prompts: Prompts, recordings: frozenset[str] = frozenset()) -> list[Fault]:
    """Every fault and warning, in the order of the files."""
    menus = prompts.menus
    found = [
        *check_tree(menus),
        *check_effects(prompts),
        *check_dated(prompts),
        *check_words(prompts, recordings),
        *check_keywords(prompts),
        *check_facts(menus),
        *_notices(menus),
    ]
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.source.file, fault.source.line))


def _notices(menus: Menus) -> Iterator[Fault]:
    """Every caller gets a notice in the language of the answer."""
    for number, notice in enumerate(menus.calendar.notices, start=1):
        for code in menus.languages:
            if not notice.words.get(code):
                what = f"Notice {number} has no words in '{code}'."
                yield Fault(Source("calendar.yaml", 1), "notices", what, f"add a line '{code}: ...' to it.")
