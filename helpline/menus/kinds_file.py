"""`kinds.yaml`: what callers can be reminded of that has a date of its own, and when they are reminded of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from helpline.menus.faults import Fault
from helpline.menus.shapes import DatedKind, DatedWave
from helpline.menus.waves_file import unknown_names
from helpline.menus.yaml_text import Block, Text

LONGEST_NAME = 20  # as the database keeps it
MOST_OF_A_KIND = 9
FURTHEST = 400  # days before the thing
TAKEN = frozenset({"update", "welcome", "stopped", "keep", "page", "call", "invite", "remind", "wave", "done", "send"})
_ASKS: Mapping[str, Literal["moment", "day"]] = {"moment": "moment", "day": "day"}
_IF_CLOSED: Mapping[str, Literal["next", "before"]] = {"next day": "next", "day before": "before", "": "before"}
_YES_OR_NO: Mapping[str, bool] = {"yes": True, "no": False, "": False}
_NAME = re.compile(r"[a-z]{1,20}")
_WHEN = re.compile(r"([0-9]{1,3}) days? before", re.ASCII)
_LEAVES = re.compile(r"([0-9]{1,4}) minutes?", re.ASCII)
_MEND_WHEN = "write 'when: 1 day before' or 'when: same day'."


def parse_kinds(file: Block) -> tuple[Mapping[str, DatedKind], list[Fault]]:
    """The dated kinds by name, in the order of the file; those with a fault are left out."""
    faults: list[Fault] = []
    kinds: dict[str, DatedKind] = {}
    for name, value in file.values.items():
        kind = _kind(name, value, faults)
        if kind:
            kinds[name] = kind
    return kinds, faults


def _kind(name: str, value: Block | Text, faults: list[Fault]) -> DatedKind | None:
    before = len(faults)
    if not isinstance(value, Block):
        mend = "write below it, moved to the right, 'asks: moment', 'most: 5' and 'waves:'."
        faults.append(Fault(value.source, name, f"Nothing stands below the kind '{name}'.", mend))
        return None
    if not _NAME.fullmatch(name):
        mend = f"rename it: one word of small letters, {LONGEST_NAME} at most."
        faults.append(Fault(value.source, name, "The name of a kind holds small letters only.", mend))
    elif name in TAKEN:
        faults.append(Fault(value.source, name, f"'{name}' means something else already.", "rename the kind."))
    faults += unknown_names(value, name, ("asks", "most", "waves"))
    asks = _ASKS.get(value.text("asks"))
    if asks is None:
        what = f"'asks' is '{value.text('asks')}'."
        mend = "write 'asks: moment' for what has a time of day, else 'asks: day'."
        faults.append(Fault(value.source_of("asks"), name, what, mend))
    most = _most(name, value, faults)
    waves = _waves(name, value, faults)
    if asks is None or len(faults) > before:
        return None
    return DatedKind(name, asks, most, waves)


def _most(name: str, block: Block, faults: list[Fault]) -> int:
    written = block.text("most")
    if written.isascii() and written.isdigit() and 1 <= int(written) <= MOST_OF_A_KIND:
        return int(written)
    what = f"'most' is no number from 1 to {MOST_OF_A_KIND}."
    faults.append(Fault(block.source_of("most"), name, what, "write for example 'most: 5'."))
    return 1


def _waves(name: str, kind: Block, faults: list[Fault]) -> tuple[DatedWave, ...]:
    block = kind.block("waves")
    if not block.values:
        mend = "write below 'waves:' for example 'eve:', and below that 'when: 1 day before'."
        faults.append(Fault(kind.source_of("waves"), name, f"'{name}' has no waves, so nobody is reminded.", mend))
        return ()
    waves: list[DatedWave] = []
    for wave, value in block.values.items():
        found = _wave(f"{name}, {wave}", wave, value, faults)
        if found and waves and found.days_before >= waves[-1].days_before:
            mend = "name the waves in the order in which they come, each on a day of its own."
            faults.append(
                Fault(value.source, name, f"The wave '{wave}' is not after '{waves[-1].name}'.", mend),
            )
        if found:
            waves.append(found)
    return tuple(waves)


def _wave(where: str, name: str, value: Block | Text, faults: list[Fault]) -> DatedWave | None:
    if not isinstance(value, Block):
        mend = "write below it, moved to the right, 'when: 1 day before'."
        faults.append(Fault(value.source, where, f"The wave '{name}' has no day.", mend))
        return None
    before = len(faults)
    if not _NAME.fullmatch(name):
        mend = f"rename it: one word of small letters, {LONGEST_NAME} at most."
        faults.append(Fault(value.source, where, "The name of a wave holds small letters only.", mend))
    faults += unknown_names(value, where, ("when", "if closed", "leaves", "also if done"))
    days = _days(where, value, faults)
    if_closed = _IF_CLOSED.get(_said(value, "if closed"))
    if if_closed is None:
        what = "It does not say what happens on a Sunday or a public holiday."
        faults.append(Fault(value.source_of("if closed"), where, what, "write 'if closed: day before' or 'next day'."))
    elif if_closed == "next" and days == 0:
        what = "It goes on the day itself and cannot move to the next day."
        faults.append(Fault(value.source_of("if closed"), where, what, "take the line out."))
    leaves = _leaves(where, value, faults)
    also_if_done = _YES_OR_NO.get(_said(value, "also if done"))
    if also_if_done is None:
        mend = "write 'also if done: yes', or take the line out."
        faults.append(Fault(value.source_of("also if done"), where, "'also if done' is neither yes nor no.", mend))
    if if_closed is None or len(faults) > before:
        return None
    return DatedWave(name, days, if_closed, leaves, bool(also_if_done))


def _days(where: str, wave: Block, faults: list[Fault]) -> int:
    written = _said(wave, "when")
    if written == "same day":
        return 0
    match = _WHEN.fullmatch(written)
    if not match:
        faults.append(Fault(wave.source_of("when"), where, f"'{written}' is no day that can be read.", _MEND_WHEN))
        return 0
    if not 1 <= int(match[1]) <= FURTHEST:
        mend = f"write a number of days from 1 to {FURTHEST}, or 'same day'."
        faults.append(Fault(wave.source_of("when"), where, f"'{written}' is too far away.", mend))
    return int(match[1])


def _leaves(where: str, wave: Block, faults: list[Fault]) -> timedelta:
    written = _said(wave, "leaves")
    if not written:
        return timedelta()
    match = _LEAVES.fullmatch(written)
    if not match:
        what = f"'leaves' is '{written}'."
        faults.append(Fault(wave.source_of("leaves"), where, what, "write for example 'leaves: 90 minutes'."))
        return timedelta()
    return timedelta(minutes=int(match[1]))


def _said(block: Block, name: str) -> str:
    return " ".join(block.text(name).lower().split())
