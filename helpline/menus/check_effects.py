"""Inspection of what is done for callers: nobody agrees to anything but on a page that asks, and by a key of it."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.menus.check_tree import EFFECTS, called, sent
from helpline.menus.faults import Fault
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Menus, Node

# What nobody may be taken to want: each changes what is kept of a caller for good.
AGREED_TO = frozenset(
    {
        "subscribe_all",
        "subscribe_last",
        "confirm_all",
        "confirm_last",
        "subscribe_call_all",
        "subscribe_call_last",
        "confirm_call_all",
        "confirm_call_last",
        "note",
        "erase",
        "keep",
    }
)
ASKS = "look_up_reminders"  # what another effect may lead to: it changes nothing, and the question comes properly
# The places by which the program finds what it does at a word that works anywhere.
PLACES = {
    "remind": "look_up_reminders",
    "done": "done",
    "stop": "stop",
    "start": "start",
    "not.me": "not_me",
    "data": "show_data",
    "remind.end": "end_item",
    "done.item": "done_item",
    "send.page": "send_page",
    "call.me": "call_back",
    "talk": "person",
    "talk.missed": "person_missed",
    "talk.cancel": "person_cancel",
}


def check_effects(prompts: Prompts) -> list[Fault]:
    """Faults of places that do something, of pages that ask for it, and of pages that are sent."""
    menus = prompts.menus
    faults: list[Fault] = []
    for node in menus.nodes.values():
        faults += _outcomes(node, menus)
        faults += _asking(node, menus)
        faults += _agreed_to(node, menus)
    for name, effect in PLACES.items():
        place = menus.nodes.get(name)
        if place and place.effect != effect:
            mend = f"write 'effect: {effect}' with its outcomes below it."
            faults.append(Fault(place.source, name, f"The program looks here for the effect '{effect}'.", mend))
    return faults + [fault for node in _one_message(menus) for fault in _more_than_one(node, prompts)]


def _outcomes(node: Node, menus: Menus) -> Iterator[Fault]:
    known = EFFECTS.get(node.effect)
    if node.kind != "effect" or known is None or not node.outcomes:
        return
    for name in node.outcomes:
        if name not in known:
            what = f"'{node.effect}' never ends with '{name}'."
            yield Fault(node.source, node.id, what, f"its outcomes are {', '.join(known)}.")
    for name in known:
        if name not in node.outcomes:
            what = f"Nothing follows where '{node.effect}' ends with '{name}'."
            yield Fault(node.source, node.id, what, f"add a line '{name}: ...' to its outcomes.")
    for name, target in node.outcomes.items():
        following = menus.nodes[target].effect if target in menus.nodes else ""
        if following and (following != ASKS or node.effect == ASKS):
            what = f"Its outcome '{name}' leads to '{target}', which does something again."
            yield Fault(node.source, node.id, what, "lead to a page.")


def _asking(node: Node, menus: Menus) -> Iterator[Fault]:
    if node.by not in ("", "keys"):
        yield Fault(node.source, node.id, f"'by: {node.by}' means nothing.", "write 'by: keys', or take the line out.")
    if node.by == "keys" and node.kind != "topic":
        yield Fault(node.source, node.id, "Only a page can have 'by: keys'.", "take the line out.")
    again = menus.nodes.get(node.unclear)
    if node.unclear and (not node.by or again is None or (again.by, again.options) != (node.by, node.options)):
        what = f"It cannot be asked again by '{node.unclear}'."
        yield Fault(node.source, node.id, what, "give both 'by: keys' and the same options.")


def _agreed_to(node: Node, menus: Menus) -> Iterator[Fault]:
    """Ways to an agreement other than a key of a page that asks for it."""
    agreements = {name for name, other in menus.nodes.items() if other.effect in AGREED_TO}
    for target in node.options:
        if target in agreements and node.by != "keys":
            what = f"Its option '{target}' changes what is kept of a caller, and words could choose it."
            yield Fault(node.source, node.id, what, "add a line 'by: keys' to this place.")
    for target in node.cases.values():
        if target in agreements:
            what = f"It leads to '{target}' without a key, which changes what is kept of a caller."
            yield Fault(node.source, node.id, what, "lead to a page that asks first.")
    if node.id in agreements:
        for code, wording in node.wordings.items():
            if wording.keywords:
                what = "It changes what is kept of a caller, so no keyword may lead to it."
                yield Fault(node.source, f"{node.id} ({code})", what, "give the keywords to the page that asks.")


def _one_message(menus: Menus) -> Iterator[Node]:
    """Pages that must be one message: what we send or say by ourselves, and words that somebody agrees to."""
    waiting, found = [name for name in (*sent(menus), *called(menus)) if name in menus.nodes], set()
    while waiting:
        node = menus.nodes[waiting.pop()]
        if node.id not in found:
            found.add(node.id)
            waiting += [target for target in node.cases.values() if target in menus.nodes]
    for node in menus.nodes.values():
        if node.by == "keys" or (node.id in found and node.kind in ("topic", "end")):
            yield node


def _more_than_one(node: Node, prompts: Prompts) -> Iterator[Fault]:
    for code in prompts.languages:
        form = prompts.forms.get((node.id, code))
        if form is None:
            continue
        for name, pages in (("messages", form.sms), ("prompts", form.voice)):
            if len(pages) > 1:
                what = f"It takes {len(pages)} {name}, and must be one."
                yield Fault(node.source, f"{node.id} ({code})", what, "say less, and take out '---'.")
