"""How a script goes, for the person who plays it: how far it is, what differs, what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from textwrap import wrap

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from helpline.simulator.script.conversation import Conversation
from helpline.simulator.script.replay import Difference
from helpline.terminal import Terminal


@contextmanager
def progress(terminal: Terminal, total: int) -> Iterator[Callable[[str], None]]:
    """What to call with the title of each conversation that begins: a bar at a terminal, nothing in a pipe."""
    if not terminal.is_drawn:
        yield lambda title: None
        return
    columns = BarColumn(), MofNCompleteColumn(separator=" of "), TextColumn("{task.description}", markup=False)
    with Progress(*columns, console=terminal.console, transient=True) as bar:
        task = bar.add_task("", total=total)

        def begins(title: str) -> None:
            bar.update(task, advance=1, description=title)

        yield begins


def show_differences(terminal: Terminal, conversation: Conversation, differences: Sequence[Difference]) -> None:
    """Both answers side by side, under the file and the title."""
    terminal.line(f"{conversation.file}: {conversation.title}", style="bold red")
    for each in differences:
        terminal.line(f"step {each.number}. {each.asked}", style="bold", indent=2)
        terminal.line(side_by_side(each.expected, each.actual), indent=2)
    terminal.line()


def show_end(terminal: Terminal, played: int, differing: int, skipped: Counter[str]) -> None:
    """How many were played, and why the others were not."""
    if not played:
        terminal.line("Nothing was played.", style="bold red")
    elif differing:
        terminal.line(f"{_conversations(played)} played, {differing} of them with another answer.", style="bold red")
    else:
        terminal.line(f"{_conversations(played)} played: every answer as written.", style="green")
    for why, count in skipped.most_common():
        terminal.line(f"{_conversations(count)} left out: {why}.", style="dim")


def side_by_side(expected: str, actual: str, width: int = 60) -> str:
    """Two answers next to each other, the lines that differ marked."""
    rows = [f"  {'expected':<{width}}  actual"]
    for one, other in zip_longest(expected.splitlines(), actual.splitlines(), fillvalue=""):
        mark = " " if one == other else ">"
        for left, right in zip_longest(wrap(one, width), wrap(other, width), fillvalue=""):
            rows.append(f"{mark} {left:<{width}}  {right}")
    return "\n".join(rows)


def _conversations(count: int) -> str:
    return f"{count} conversation{'' if count == 1 else 's'}"
