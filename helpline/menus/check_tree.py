"""Inspection of the tree: places that are missing, that nobody reaches, or from which nobody gets on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from helpline.menus.dated_places import called_of, places_of, sent_of
from helpline.menus.dates import STATES
from helpline.menus.faults import Fault
from helpline.menus.prompts import depths
from helpline.menus.shapes import LANGUAGE, MAIN_MENU, Menus, Node, Source
from helpline.menus.waves_file import WAVES

MOST_OPTIONS = 5
DEEPEST_MENU = 3
INVITATION = "invite.ask"
CHOOSERS = {"window": STATES}
# What app.py has performers for, each with how it may go.
EFFECTS: Mapping[str, tuple[str, ...]] = {
    "look_up_reminders": (
        "in_call",
        "none",
        "all",
        "last",
        "all_done",
        "last_done",
        "some",
        "blocked",
        "no_text",
        "not_allowed",
        "no_number",
        "not_known",
    ),
    "subscribe_all": ("saved", "confirm", "not_asked", "blocked", "no_text", "no_number", "not_saved"),
    "subscribe_last": ("saved", "confirm", "not_asked", "blocked", "no_text", "no_number", "not_saved"),
    "confirm_all": ("saved", "blocked", "no_text", "no_number", "not_saved"),
    "confirm_last": ("saved", "blocked", "no_text", "no_number", "not_saved"),
    "subscribe_call_all": ("saved", "confirm", "not_asked", "blocked", "not_allowed", "no_number", "not_saved"),
    "subscribe_call_last": ("saved", "confirm", "not_asked", "blocked", "not_allowed", "no_number", "not_saved"),
    "confirm_call_all": ("saved", "blocked", "not_allowed", "no_number", "not_saved"),
    "confirm_call_last": ("saved", "blocked", "not_allowed", "no_number", "not_saved"),
    "note": (
        "saved",
        "saved_call",
        "known",
        "past",
        "too_late",
        "too_many",
        "not_asked",
        "blocked",
        "no_text",
        "no_number",
        "not_saved",
    ),
    "end_item": ("ended", "gone", "not_saved"),
    "refuse": ("refused", "not_saved"),  # performed wherever the question of consent is left without a yes
    "stop": ("stopped", "not_saved"),
    "not_me": ("stopped", "nothing", "not_saved"),
    "done": ("done_all", "done_last", "done_one", "done_one_more", "which", "none_due", "nothing", "not_saved"),
    "done_item": ("done_update", "done_item", "done_one_more", "gone", "not_saved"),
    "start": ("started",),
    "show_data": ("nothing", "all", "last", "call", "call_all", "call_last", "by_text", "not_known"),
    "erase": ("erased", "not_saved", "no_number"),
    "keep": ("kept", "not_saved"),
    "send_page": ("sent", "landline", "withheld", "too_many", "blocked", "not_allowed", "not_saved"),
    "call_back": ("calling", "too_soon", "too_many", "budget", "not_allowed", "no_number", "off", "not_saved"),
    "person": ("dial", "requested", "known", "withheld", "not_allowed", "too_many", "not_saved"),
    "person_missed": ("requested", "known", "withheld", "not_allowed", "too_many", "not_saved"),
    "person_cancel": ("cancelled", "nothing", "not_saved"),
}
# What the program sends by itself, beside what follows from kinds.yaml: kinds of messages, and the waves of
# calendar.yaml; and what it says in calls that it makes.
SENT = (
    *(f"wave.{wave}" for wave in WAVES),
    "remind.welcome",
    "remind.welcome.last",
    "stop.sent",
    "keep.ask",
)
CALLED = tuple(f"call.{wave}" for wave in WAVES)
_DATES = ("when.past", "when.unclear", "when.impossible", "when.far", "when.which", "when.one")
REQUIRED = (
    MAIN_MENU,
    "contact",
    "about.us",
    LANGUAGE,
    "sorry",
    "sorry.again",
    "keys",
    "person",
    "words.only",
    "no.next",
    "no.words",
    "which",
    "confirm",
    "unsure",
    "late",
    "nothing.saved",
    "help",
    "danger",
    "danger.again",
    "secret.password",
    "secret.social",
    "secret.card",
    "other.language",
    "stop.done",
    "goodbye",
    "pause",
    "silence",
    "remind",
    "remind.ask",
    "remind.list",
    "remind.more",
    "remind.end",
    "only.keys",
    "done",
    "done.which",
    "done.item",
    "stop",
    "start",
    "not.me",
    "not.me.done",
    "data",
    "erase.ask",
    "send.page",
    "call.me",
    "talk",
    "talk.missed",
    "talk.over",
    "talk.cancel",
    "call.machine",
    "fallback",
    INVITATION,
    *_DATES,
    *SENT,
    *CALLED,
)
_PERSON = re.compile(r"3949|\{operator_phone\}|\{voice_number\}|agence|agency|France services")


def required(menus: Menus) -> tuple[str, ...]:
    """Every place that the program looks for, those of the dated kinds among them."""
    return (*REQUIRED, *(place for kind in menus.calendar.kinds.values() for place in places_of(kind)))


def sent(menus: Menus) -> tuple[str, ...]:
    """Every place whose words the program sends as a text by itself."""
    return (*SENT, INVITATION, *(place for kind in menus.calendar.kinds.values() for place in sent_of(kind)))


def called(menus: Menus) -> tuple[str, ...]:
    """Every place whose words the program says in calls that it makes."""
    return (*CALLED, *(place for kind in menus.calendar.kinds.values() for place in called_of(kind)))


def check_tree(menus: Menus) -> list[Fault]:
    """Faults of the tree as a whole and of each node's links."""
    faults = [
        Fault(
            Source("answers.yaml", 1),
            name,
            f"The place '{name}' is missing.",
            "put it back: the program looks for it.",
        )
        for name in REQUIRED
        if name not in menus.nodes
    ]
    in_tree, needed = depths(menus), required(menus)
    for node in menus.nodes.values():
        faults += _links(node, menus)
        asked_for = any(wording.keywords for wording in node.wordings.values()) and node.id not in needed
        if node.id in in_tree or asked_for:
            faults += _dead_end(node)
    faults += _unreachable(menus)
    faults += _too_deep(menus)
    return faults


def _links(node: Node, menus: Menus) -> Iterator[Fault]:
    for target in (*node.options, *node.cases.values(), *node.outcomes.values(), node.next):
        if target and target not in menus.nodes:
            yield Fault(
                node.source,
                node.id,
                f"It leads to '{target}', which is not there.",
                "correct the name, or add the place.",
            )
    if len(node.options) > MOST_OPTIONS:
        yield Fault(
            node.source,
            node.id,
            f"It has {len(node.options)} options.",
            f"{MOST_OPTIONS} at most: 6 to 9 and 0 have a meaning of their own.",
        )
    for target in sorted({option for option in node.options if node.options.count(option) > 1}):
        yield Fault(node.source, node.id, f"Two options lead to '{target}'.", "take one of them out.")
    if node.kind == "choose":
        states = CHOOSERS.get(node.choose)
        if states is None:
            yield Fault(node.source, node.id, f"Nothing can choose by '{node.choose}'.", "write 'choose: window'.")
        elif set(node.cases) != set(states):
            yield Fault(
                node.source,
                node.id,
                f"Its cases are {', '.join(node.cases) or 'missing'}.",
                f"name {', '.join(states)}.",
            )
    if node.kind == "effect" and node.effect not in EFFECTS:
        yield Fault(node.source, node.id, f"Nothing can do '{node.effect}'.", "take the place out.")
    if node.kind == "effect" and not node.outcomes:
        yield Fault(node.source, node.id, "Nothing follows what it does.", "add outcomes.")


def _dead_end(node: Node) -> Iterator[Fault]:
    """A topic whose last page offers nothing must name a person to turn to."""
    if node.kind != "topic" or node.options or node.ask:
        return
    for code, wording in node.wordings.items():
        for name, pages in (("words", wording.pages), ("spoken words", wording.voice or wording.pages)):
            if not any(_PERSON.search(page) for page in pages):
                yield Fault(
                    node.source,
                    node.id,
                    f"Dead end: the {code} {name} offer no choice and name nobody to turn to.",
                    "add an option, or say who helps (3949, an agency).",
                )
                break


def _unreachable(menus: Menus) -> Iterator[Fault]:
    reached = set(depths(menus))
    asked = {n.id for n in menus.nodes.values() if any(w.keywords for w in n.wordings.values())}
    waiting = [*asked, *(name for name in required(menus) if name in menus.nodes)]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        node = menus.nodes[name]
        following = (*node.options, *node.cases.values(), *node.outcomes.values(), node.unclear, node.next)
        waiting += [other for other in following if other in menus.nodes and other not in reached]
    for node in menus.nodes.values():
        if node.id not in reached:
            yield Fault(
                node.source,
                node.id,
                "Nobody reaches this place.",
                "name it in the options of a menu, or give it keywords.",
            )


def _too_deep(menus: Menus) -> Iterator[Fault]:
    """How many menus a caller hears one after the other, the main menu being the first."""
    for name, depth in depths(menus).items():
        node = menus.nodes[name]
        if node.kind == "menu" and depth + 1 > DEEPEST_MENU and node.id != LANGUAGE:
            yield Fault(
                node.source,
                node.id,
                f"This menu is the {depth + 1}th in a row.",
                f"{DEEPEST_MENU} menus at most: move it up.",
            )
