"""Inspection of prompts: every fault that a caller would meet, found at the desk instead."""

from __future__ import annotations

from helpline.menus.check_facts import check_facts
from helpline.menus.check_tree import check_tree
from helpline.menus.check_words import check_words
from helpline.menus.faults import Fault
from helpline.menus.prompts import Prompts


def check(prompts: Prompts, recordings: frozenset[str] = frozenset()) -> list[Fault]:
    """Every fault and warning, in the order of the files."""
    found = check_tree(prompts.menus) + check_words(prompts, recordings) + check_facts(prompts.menus)
    return sorted(dict.fromkeys(found), key=lambda fault: (fault.source.file, fault.source.line))
