"""Faults and warnings as a list that leads an author from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from helpline.menus.faults import Fault
from helpline.menus.prompts import Prompts
from helpline.terminal import Terminal

_STYLES = {"fault": "bold red", "warning": "yellow"}


def show_faults(terminal: Terminal, faults: Sequence[Fault]) -> None:
    """Warnings first, so that faults stand last, where one looks; within each by file, line and place."""
    for severity in ("warning", "fault"):
        some = [fault for fault in faults if fault.severity == severity]
        some.sort(key=lambda fault: (fault.source.file, fault.source.line, fault.node))
        if some:
            terminal.line(f"{severity.capitalize()}s", style=_STYLES[severity])
        for (source, node), group in groupby(some, key=lambda fault: (fault.source, fault.node)):
            terminal.line(f"{source}  {node}".rstrip(), style="bold", indent=2)
            for fault in group:
                terminal.line(fault.what, indent=4)
                terminal.line(f"Mend: {fault.mend}", style="dim", indent=6)
        if some:
            terminal.line()


def show_counts(terminal: Terminal, prompts: Prompts | None, faults: Sequence[Fault]) -> None:
    """What was looked at, and how many faults and warnings came of it."""
    bad = sum(fault.severity == "fault" for fault in faults)
    counts = f"{_count(bad, 'fault')}, {_count(len(faults) - bad, 'warning')}"
    style = _STYLES["fault"] if bad else "green"
    if prompts is None:
        terminal.line(f"{counts}. The rest is looked at once these are mended.", style=style)
        return
    menus = prompts.menus
    looked_at = ", ".join(
        (
            _count(len(menus.nodes), "place"),
            f"{_count(len(menus.languages), 'language')} ({', '.join(menus.languages)})",
            _count(len(menus.facts), "fact"),
        )
    )
    terminal.line(f"Looked at {looked_at}: {counts}.", style=style)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
