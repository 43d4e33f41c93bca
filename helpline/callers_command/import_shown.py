"""How an import is shown: a bar in a terminal, each row that invites nobody, and what came of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from helpline.callers_command.importing import Tally, Turns
from helpline.callers_command.paper_rows import Refused
from helpline.menus.windows import PARIS
from helpline.terminal import Terminal

# Not invited, in the order of the summary. The names are those of the JSON.
NOT_INVITED = {
    "already": "invited before",
    "subscribed": "have the reminders already",
    "objected": "said STOP, or do not want to be written to",
    "blocked": "blocked by the carrier",
}
_CENT = Decimal("0.01")

Bar = Callable[[int], AbstractContextManager[Callable[[int], None]]]  # takes how many lines there are


@dataclass(frozen=True, slots=True)
class Cost:
    """What the invitations cost: segments in each language, and the price of one."""

    segments: dict[str, int]
    price: Decimal

    def of(self, tally: Tally) -> tuple[int, Decimal]:
        """How many segments all of them take, and their price."""
        count = sum(self.segments[language] * how_many for language, how_many in tally.languages.items())
        return count, (count * self.price).quantize(_CENT)


@dataclass(slots=True)
class Shown:
    """Tells of rows as they come: in a terminal or a pipe at once, to a program at the end."""

    terminal: Terminal
    as_json: bool
    rows: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, row: Refused) -> None:
        """One row that invites nobody."""
        if self.as_json:
            self.rows.append({"line": row.line, "why": row.why, "number_ends": row.ending})
            return
        ending = f" (number ends in {row.ending})" if row.ending else ""
        self.terminal.line(f"line {row.line}: {row.why}{ending}")

    def bar(self, what: str) -> Bar:
        """A bar over so many lines of the file, where a person looks at it."""
        return partial(_drawn, self.terminal, what) if self.terminal.is_drawn and not self.as_json else _no_bar


@contextmanager
def _drawn(terminal: Terminal, what: str, lines: int) -> Iterator[Callable[[int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(separator=" of ")
    with Progress(*columns, console=terminal.console) as progress:
        task = progress.add_task(what, total=lines)
        yield lambda line: progress.update(task, completed=line)
        progress.update(task, completed=lines)


@contextmanager
def _no_bar(lines: int) -> Iterator[Callable[[int], None]]:
    yield lambda line: None


def summary(tally: Tally, turns: Turns, cost: Cost, is_done: bool) -> list[str]:
    """What came, or would come, of all rows: the first line is about the invited."""
    if not tally.invited:
        lines = ["Nobody is invited." if is_done else "Nobody is to be invited."]
        if tally.fates["already"] and not tally.refused and len(+tally.fates) == 1:
            lines = ["Nothing has changed: everybody in this file was invited before."]
    else:
        segments, price = cost.of(tally)
        lines = [
            f"{'Invited' if is_done else 'To be invited'}: {tally.invited:,}",
            f"Texts go {_span(turns)}; {segments:,} segments at {cost.price} € = {price:,} €",
        ]
    for fate, words in NOT_INVITED.items():
        if count := tally.fates[fate]:
            lines.append(f"{count:>9,}  {words}")
    if tally.refused:
        lines.append(f"{tally.refused:>9,}  refused, each named above")
    return lines


def as_object(tally: Tally, turns: Turns, cost: Cost, shown: Shown, is_done: bool) -> dict[str, Any]:
    """The same for programs."""
    segments, price = cost.of(tally)
    return {
        "changed": is_done and bool(tally.invited),
        "invited": tally.invited,
        **{fate: tally.fates[fate] for fate in NOT_INVITED},
        "refused": tally.refused,
        "segments": segments,
        "cost": str(price),
        "first_at": _iso(turns.first),
        "last_at": _iso(turns.last),
        "rows": shown.rows,
    }


def _span(turns: Turns) -> str:
    first, last = _clock(turns.first), _clock(turns.last)
    return f"from {first} on" if first == last else f"from {first} to {last}"


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}" if moment else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(PARIS).isoformat(timespec="seconds") if moment else None
