"""Prompts ready for use: the menus and the form of every wording, as one immutable value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpline.menus.forms import Forms, Identity, NodeForms, all_forms
from helpline.menus.shapes import MAIN_MENU, Menus
from helpline.menus.voice_form import spoken_text

SPOKEN_PHRASES = (
    "keys_spoken",
    "main_keys_spoken",
    "menu_spoken",
    "send_spoken",
    "yes_it_is",
    "choose_language",
    "other_languages",
)


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the conversation and both channels read.

    `topics` are the places that the main menu leads to; `choosers` gives for a node that only a computed place
    leads to that place. `passing` are the places that nobody goes back to: what was asked and done once is said once.
    `spoken_phrases` are the fixed phrases of calls as speech, by (language, name).
    `version` tells one state of the folder from another.
    """

    menus: Menus
    forms: Forms
    topics: frozenset[str]
    choosers: Mapping[str, str]
    passing: frozenset[str]
    spoken_phrases: Mapping[tuple[str, str], str]
    version: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in use; the first is spoken to whom nothing is known of."""
        return tuple(self.menus.languages)

    def form(self, node: str, language: str) -> NodeForms:
        return self.forms[node, language]


def prepare(menus: Menus, identity: Identity, version: str = "") -> Prompts:
    """Prompts from menus without faults, for one operator."""
    return Prompts(
        menus=menus,
        forms=all_forms(menus, identity),
        topics=frozenset(depths(menus)),
        choosers=_choosers(menus),
        passing=frozenset(_passing(menus)),
        spoken_phrases=dict(_spoken_phrases(menus)),
        version=version,
    )


def _spoken_phrases(menus: Menus) -> Iterator[tuple[tuple[str, str], str]]:
    for number, (code, language) in enumerate(menus.languages.items(), start=1):
        for name in SPOKEN_PHRASES:
            yield (code, name), spoken_text(language.phrases[name].replace("{key}", str(number)), language)


def depths(menus: Menus) -> dict[str, int]:
    """The places that the main menu leads to, each with the keys it takes to get there."""
    found = {MAIN_MENU: 0} if MAIN_MENU in menus.nodes else {}
    waiting = list(found)
    while waiting:
        name = waiting.pop(0)
        node = menus.nodes[name]
        computed = (*node.cases.values(), *node.outcomes.values())
        chosen = (*node.options, node.next)
        for following, keys in [(i, 1) for i in chosen] + [(i, 0) for i in computed]:
            if following in menus.nodes and following not in found:
                found[following] = found[name] + keys
                waiting.append(following)
    return found


def _passing(menus: Menus) -> Iterator[str]:
    """Questions that change something, and what follows once something was done."""
    offered = {option for node in menus.nodes.values() for option in node.options} | {MAIN_MENU}
    after = {target for node in menus.nodes.values() for target in node.outcomes.values()}
    after |= {case for node in menus.nodes.values() if node.id in after for case in node.cases.values()}
    for node in menus.nodes.values():
        asked_for = any(wording.keywords for wording in node.wordings.values())
        if node.by or node.ask or (node.id in after - offered and not asked_for):
            yield node.id


def _choosers(menus: Menus) -> dict[str, str]:
    offered = {option for node in menus.nodes.values() for option in node.options}
    found: dict[str, set[str]] = {}
    for node in menus.nodes.values():
        for case in node.cases.values():
            found.setdefault(case, set()).add(node.id)
    return {case: next(iter(by)) for case, by in found.items() if len(by) == 1 and case not in offered}
