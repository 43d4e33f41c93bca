"""The sections `hours` and `waves` of `calendar.yaml`: when we may write to people unasked, and on which days we do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Literal, NamedTuple

from helpline.menus.faults import Fault
from helpline.menus.shapes import USUAL_HOURS, SendingHours, WaveRule
from helpline.menus.yaml_text import Block, Text, comma_list

# Each has its words in the place wave.NAME; in the order in which they come.
WAVES = ("opening", "middle", "last", "missed")
AFTER_THE_END = "missed"
COUNTRY = "FR"
EARLIEST, LATEST = time(8), time(20)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SUNDAY = 6
_IF_CLOSED: dict[str, Literal["next", "before"]] = {"next day": "next", "day before": "before"}
_YES_OR_NO = {"yes": True, "no": False, "": False}
_WHEN = re.compile(r"([0-9]{1,2}) days? (before|after) the (opening|end)", re.ASCII)
_MOST_BEFORE, _MOST_AFTER = 14, 9  # days from the end: within a window, and before the next one
_MEND_HOURS = "write 'from: 9:00', 'spread until: 18:00', 'until: 19:00', one after the other within the day."
_MEND_DAYS = "write for example 'days: monday-saturday', or 'days: tuesday, thursday'."


class Moment(NamedTuple):
    """A day as it is written: so many days after the opening or the end."""

    anchor: Literal["opens", "closes"]
    days: int


def parse_hours(file: Block, faults: list[Fault]) -> SendingHours:
    """When we may write to people unasked; the usual hours where they cannot be read."""
    hours = _section(file, "hours", "add 'hours:' and below it 'from: 9:00', 'spread until: 18:00' and so on.", faults)
    if hours is None:
        return USUAL_HOURS
    names = ("from", "spread until", "until", "days", "public holidays")
    faults += unknown_names(hours, "hours", names)
    begins, spread_until, ends = (_time(hours, name, faults) for name in names[:3])
    weekdays = weekdays_in(hours, "hours", faults)
    if _SUNDAY in weekdays:
        faults.append(Fault(hours.source_of("days"), "hours", "Nobody is written to on a Sunday.", _MEND_DAYS))
    if hours.text("public holidays") != COUNTRY:
        what = "The public holidays are not those of France."
        faults.append(Fault(hours.source_of("public holidays"), "hours", what, f"write 'public holidays: {COUNTRY}'."))
    if begins is None or spread_until is None or ends is None:
        return USUAL_HOURS
    if not begins < spread_until <= ends:
        what = f"The hours run from {begins:%H:%M} to {spread_until:%H:%M} to {ends:%H:%M}."
        faults.append(Fault(hours.source, "hours", what, _MEND_HOURS))
        return USUAL_HOURS
    return SendingHours(begins, spread_until, ends, weekdays, COUNTRY)


def parse_waves(file: Block, faults: list[Fault]) -> tuple[WaveRule, ...]:
    """The days on which we remind, in the order in which they come."""
    waves = _section(file, "waves", "add 'waves:' and below it 'opening:', 'middle:', 'last:', 'missed:'.", faults)
    if waves is None:
        return ()
    for name in waves.values:
        if name not in WAVES:
            mend = f"use one of {', '.join(WAVES)}."
            faults.append(Fault(waves.source_of(name), "waves", f"There is no wave '{name}'.", mend))
    found = [_wave(name, waves, faults) for name in WAVES if name in waves.values]
    rules = tuple(rule for rule in found if rule)
    if len(rules) == len(found) and [rule.for_last for rule in rules].count(True) != 1:
        what = "Who wants one reminder only must get exactly one of these."
        mend = "add 'only one: yes' to one wave before the end, and to no other."
        faults.append(Fault(waves.source, "waves", what, mend))
    return rules


def unknown_names(block: Block, where: str, known: tuple[str, ...]) -> Iterator[Fault]:
    """A fault for each name that a block does not have, such as one that is misspelt."""
    for name in block.values:
        if name not in known:
            yield Fault(
                block.source_of(name), where, f"'{name}' means nothing here.", f"use one of {', '.join(known)}."
            )


def _section(file: Block, name: str, mend: str, faults: list[Fault]) -> Block | None:
    found = file.values.get(name)
    if isinstance(found, Block):
        return found
    if isinstance(found, Text):
        faults.append(Fault(found.source, name, f"Nothing stands below '{name}'.", mend))
    else:
        faults.append(Fault(file.source, name, f"The section '{name}' is missing.", mend))
    return None


def _time(hours: Block, name: str, faults: list[Fault]) -> time | None:
    try:
        found = datetime.strptime(hours.text(name), "%H:%M").time()  # noqa: DTZ007, a time of each day
    except ValueError:
        faults.append(Fault(hours.source_of(name), "hours", f"'{name}' is no time.", _MEND_HOURS))
        return None
    if EARLIEST <= found <= LATEST:
        return found
    what = f"'{name}' is {found:%H:%M}, and people sleep."
    mend = f"write a time from {EARLIEST:%H:%M} to {LATEST:%H:%M}."
    faults.append(Fault(hours.source_of(name), "hours", what, mend))
    return None


def weekdays_in(hours: Block, where: str, faults: list[Fault]) -> frozenset[int]:
    """The days as written: 'monday-saturday', or 'tuesday, thursday'. The usual ones where they cannot be read."""
    days: set[int] = set()
    for part in comma_list(hours.text("days").lower()):
        first, dash, last = (name.strip() for name in part.partition("-"))
        last = last if dash else first
        if first not in _WEEKDAYS or last not in _WEEKDAYS or _WEEKDAYS.index(last) < _WEEKDAYS.index(first):
            faults.append(Fault(hours.source_of("days"), where, f"'{part}' is no day of the week.", _MEND_DAYS))
            return USUAL_HOURS.weekdays
        days.update(range(_WEEKDAYS.index(first), _WEEKDAYS.index(last) + 1))
    if not days:
        faults.append(Fault(hours.source_of("days"), where, "No day of the week is named.", _MEND_DAYS))
        return USUAL_HOURS.weekdays
    return frozenset(days)


def _wave(name: str, waves: Block, faults: list[Fault]) -> WaveRule | None:
    block, before = waves.values[name], len(faults)
    if not isinstance(block, Block):
        mend = "write below it, moved to the right, 'when: 7 days before the end' and 'if closed: next day'."
        faults.append(Fault(block.source, name, f"The wave '{name}' has no day.", mend))
        return None
    faults += unknown_names(block, name, ("when", "if closed", "only one"))
    moment = _moment(name, block, faults)
    if_closed = _IF_CLOSED.get(_said(block, "if closed"))
    if if_closed is None:
        what = "It does not say what happens on a Sunday or a public holiday."
        faults.append(Fault(block.source_of("if closed"), name, what, "write 'if closed: next day' or 'day before'."))
    elif name == AFTER_THE_END and if_closed == "before":
        what = "It comes after the end and cannot move to the day before."
        faults.append(Fault(block.source_of("if closed"), name, what, "write 'if closed: next day'."))
    for_last = _YES_OR_NO.get(_said(block, "only one"))
    if for_last is None:
        what = f"'only one' is '{block.text('only one')}'."
        faults.append(Fault(block.source_of("only one"), name, what, "write 'only one: yes', or take the line out."))
    elif for_last and name == AFTER_THE_END:
        what = "Who wants one reminder only would get it after the end."
        faults.append(Fault(block.source_of("only one"), name, what, "move 'only one: yes' to a wave before the end."))
    if moment is None or if_closed is None or len(faults) > before:
        return None
    return WaveRule(name, moment.anchor, moment.days, if_closed, bool(for_last))


def _moment(name: str, block: Block, faults: list[Fault]) -> Moment | None:
    written, where = _said(block, "when"), block.source_of("when")
    moment = _read(written)
    if moment is None:
        mend = "write 'when: opening', 'when: 7 days before the end' or 'when: 1 day after the end'."
        faults.append(Fault(where, name, f"'{written}' is no day that can be read.", mend))
        return None
    after = moment.anchor == "closes" and moment.days > 0
    if after and name != AFTER_THE_END:
        what = f"The words of '{name}' say that the update is open, and it would be closed."
        faults.append(Fault(where, name, what, "write 'when: 7 days before the end'."))
        return None
    if name == AFTER_THE_END and not after:
        what = f"The words of '{name}' say that the update is closed, and it would be open."
        faults.append(Fault(where, name, what, "write 'when: 1 day after the end'."))
        return None
    most = _MOST_AFTER if moment.days > 0 else _MOST_BEFORE
    if abs(moment.days) > most or moment == Moment("closes", 0):
        what = f"'{written}' is too far away, or on the last day itself."
        faults.append(Fault(where, name, what, f"write a number of days from 1 to {most}."))
        return None
    return moment


def _said(block: Block, name: str) -> str:
    return " ".join(block.text(name).lower().split())


def _read(written: str) -> Moment | None:
    if written == "opening":
        return Moment("opens", 0)
    match = _WHEN.fullmatch(written)
    if match is None:
        return None
    days, side, anchor = int(match[1]), match[2], match[3]
    if anchor == "opening":
        return Moment("opens", days) if side == "after" else None
    return Moment("closes", days if side == "after" else -days)
