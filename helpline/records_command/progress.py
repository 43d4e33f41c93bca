"""How far a backup or a restore is: a bar in a terminal, a line a table in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from helpline.records.backup import Progress as Report
from helpline.terminal import Terminal


@contextmanager
def shown(terminal: Terminal) -> Iterator[Report]:
    """What to call with a table, its rows so far, and how many it has."""
    if terminal.is_drawn:
        with _bars(terminal) as report:
            yield report
    else:
        yield _lines(terminal)


def _lines(terminal: Terminal) -> Report:
    def report(table: str, done: int, total: int) -> None:
        if done == total:
            terminal.line(f"{table}: {total:,} rows")

    return report


@contextmanager
def _bars(terminal: Terminal) -> Iterator[Report]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(separator=" of ")
    with Progress(*columns, console=terminal.console) as progress:
        tasks = {}

        def report(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(table.replace("_", " "), total=total)
            progress.update(tasks[table], completed=done)

        yield report
