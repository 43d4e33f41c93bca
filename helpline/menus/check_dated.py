"""Inspection of dated kinds: every place that one needs, and questions that lead on."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.menus.dated_places import kind_of_place, note_of, places_of, question_of, sure_of
from helpline.menus.faults import Fault
from helpline.menus.prompts import Prompts
from helpline.menus.sendable import LONGEST_NAME, is_sendable
from helpline.menus.shapes import DatedKind, Menus, Node, Source

ASKED = ("day", "time", "moment")
KINDS = "kinds.yaml"


def check_dated(prompts: Prompts) -> Iterator[Fault]:
    """Faults of kinds.yaml and its places, of questions, and of pages that callers can have sent."""
    menus = prompts.menus
    for kind in menus.calendar.kinds.values():
        yield from _missing(kind, menus)
        yield from _agreement(kind, menus)
    for node in menus.nodes.values():
        yield from _question(node, menus)
        yield from _about(node, menus)
        if len(node.id) > LONGEST_NAME and is_sendable(prompts, node.id):
            what = f"Its name has {len(node.id)} letters, and callers can have it sent."
            yield Fault(node.source, node.id, what, f"{LONGEST_NAME} at most: find a shorter name.")


def _missing(kind: DatedKind, menus: Menus) -> Iterator[Fault]:
    for name in places_of(kind):
        if name not in menus.nodes:
            what = f"The kind '{kind.name}' has no place '{name}'."
            yield Fault(Source(KINDS, 1), name, what, "add it: docs/writing-prompts.md names what each kind needs.")


def _agreement(kind: DatedKind, menus: Menus) -> Iterator[Fault]:
    """What is noted of somebody is read back first, and agreed to by a key."""
    sure, note = menus.nodes.get(sure_of(kind.name)), menus.nodes.get(note_of(kind.name))
    if sure and sure.by != "keys":
        yield Fault(sure.source, sure.id, "It asks whether a date is right.", "add a line 'by: keys'.")
    if sure and note_of(kind.name) not in sure.options:
        yield Fault(sure.source, sure.id, "Nothing is noted from here.", f"name {note_of(kind.name)} in its options.")
    if note and note.effect != "note":
        yield Fault(note.source, note.id, "The program notes the date here.", "write 'effect: note' with its outcomes.")


def _question(node: Node, menus: Menus) -> Iterator[Fault]:
    if not node.ask:
        if node.next:
            yield Fault(node.source, node.id, "'next' follows an answer, and nothing is asked.", "add 'ask: day'.")
        return
    if node.ask not in ASKED:
        yield Fault(node.source, node.id, f"Nothing can be asked as '{node.ask}'.", f"use one of {', '.join(ASKED)}.")
    if not node.next:
        yield Fault(node.source, node.id, "Nothing follows the answer.", "add 'next:' with the place that follows.")
    if node.options or node.by or node.kind != "topic":
        what = "It asks for a date, so that digits are no choice here."
        yield Fault(node.source, node.id, what, "take out 'options' and 'by', and lead on with 'next'.")
    kind = menus.calendar.kinds.get(kind_of_place(menus, node.id))
    if kind is None:
        what = "It asks for a date, and belongs to no kind."
        yield Fault(node.source, node.id, what, f"begin its name with a kind of {KINDS}, such as 'appointment.day'.")
    elif node.ask != "day" and kind.asks == "day":
        what = f"'{kind.name}' has no time of day ('asks: day')."
        yield Fault(node.source, node.id, what, "write 'ask: day', or 'asks: moment' in kinds.yaml.")
    elif node.id in (question_of(kind.name, "day"), question_of(kind.name, "time")):
        asked = node.id.rpartition(".")[2]
        if node.ask != asked:
            yield Fault(node.source, node.id, f"It is the question for the {asked}.", f"write 'ask: {asked}'.")


def _about(node: Node, menus: Menus) -> Iterator[Fault]:
    if not node.of:
        return
    own = kind_of_place(menus, node.id)
    if node.of not in menus.calendar.kinds:
        kinds = ", ".join(menus.calendar.kinds) or "none yet"
        yield Fault(node.source, node.id, f"There is no kind '{node.of}'.", f"{KINDS} has {kinds}.")
    elif own and own != node.of:
        yield Fault(node.source, node.id, f"It is of '{node.of}', and its name of '{own}'.", "make both the same.")
