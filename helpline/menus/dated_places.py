"""Where the words of a dated kind stand: by convention in the places whose names begin with the kind's."""

from __future__ import annotations

from collections.abc import Iterator

from helpline.menus.shapes import DatedKind, Menus

CALLS, WAVES = "call", "wave"


def kind_of_place(menus: Menus, node: str) -> str:
    """The dated kind that a place belongs to: 'appointment' of 'appointment.sure'; empty if to none."""
    kind = node.partition(".")[0]
    return kind if kind in menus.calendar.kinds else ""


def question_of(kind: str, asked: str) -> str:
    """The place that asks for the day, or for the time: 'appointment.day'."""
    return f"{kind}.{asked}"


def sure_of(kind: str) -> str:
    """The place that reads back what was understood, and asks whether it is right."""
    return f"{kind}.sure"


def note_of(kind: str) -> str:
    """The place that notes what was understood."""
    return f"{kind}.note"


def sent_of(kind: DatedKind) -> Iterator[str]:
    """The places whose words the program sends by text."""
    yield from (f"{kind.name}.{WAVES}.{wave.name}" for wave in kind.waves)
    yield f"{kind.name}.welcome"


def called_of(kind: DatedKind) -> Iterator[str]:
    """The places whose words the program says in calls that it makes."""
    yield from (f"{kind.name}.{CALLS}.{wave.name}" for wave in kind.waves)


def places_of(kind: DatedKind) -> Iterator[str]:
    """Every place that the program looks for."""
    yield kind.name
    yield question_of(kind.name, "day")
    if kind.asks == "moment":
        yield question_of(kind.name, "time")
    yield sure_of(kind.name)
    yield note_of(kind.name)
    yield f"{kind.name}.saved"
    yield f"{kind.name}.saved.call"
    yield from sent_of(kind)
    yield from called_of(kind)
