"""The reminders of things with a date of their own, for an operator: how many on which day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from helpline.reminders.coming import Coming
from helpline.reminders_command.words import day_in_words
from helpline.terminal import Terminal


def show_coming(terminal: Terminal, found: Sequence[Coming]) -> None:
    """One line a day and kind; nothing where nothing is planned."""
    if not found:
        return
    terminal.line("Reminders of things with a date of their own", style="bold")
    for day, kinds in groupby(found, lambda each: each.day):
        terminal.line(f"{day_in_words(day)}:", indent=2)
        for each in kinds:
            calls = f", {each.calls:,} of them by call" if each.calls else ""
            terminal.line(f"{each.count:>9,}  {each.kind}{calls}", indent=4)


def coming_as_json(found: Sequence[Coming]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {"kind": each.kind, "day": each.day.isoformat(), "planned": each.count, "calls": each.calls} for each in found
    ]
