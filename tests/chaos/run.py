"""`scripts/chaos`: each fault in turn, and a table of what was lost."""

from __future__ import annotations

import random
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich import box
from rich.console import Console
from rich.table import Table

from tests.chaos.faults import ALL, Fault
from tests.chaos.town import Plan, Town
from tests.chaos.truth import Truth
from tests.postgresql_process import postgresql_process

SHORT = Plan(
    callers=20, seconds=6, before=5, after=3, people=60, rate=20, pause=(0.3, 1.0), settle_seconds=2, two_workers=False
)
OF_SHORT = ("valkey-hangs", "database-stopped", "disk-and-database")
WIDEST = 120  # as a file takes it: in a narrow terminal the lines wrap, and none is cut

LEGEND = """slowest, p99: seconds. cut: requests whose connection ended without an answer; the carrier asks again.
fallback: texts and calls that got none after that, either. STOP: people who said it / who were confirmed and are out /
answers "not saved, send it again" / lost. consent: kept / lost / invented. sent: reminders once / doubled / missing."""


def _list(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        for fault in ALL.values():
            click.echo(f"{fault.name:18} {fault.about}")
        context.exit()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--faults", default="", help="Only these, with commas.")
@click.option("--callers", type=click.IntRange(1, 1000), help="People who text and call at once.  [default: 200]")
@click.option("--seconds", type=click.FloatRange(1, 600), help="How long each fault lasts.  [default: 30]")
@click.option("--seed", type=int, help="The choices of an earlier run.")
@click.option("--short", is_flag=True, help="20 callers, 6 seconds, three faults.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where to leave logs and journals.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="What the faults are.")
def main(
    faults: str, callers: int | None, seconds: float | None, seed: int | None, short: bool, keep: Path | None
) -> None:
    """Let parts of a helpline fail while people talk with it, and count what was lost.

    \b
    Example, two faults for ten seconds each:
      scripts/chaos --faults valkey-hangs,database-slow --seconds 10
    """
    names = [name for name in faults.split(",") if name] or (list(OF_SHORT) if short else list(ALL))
    if unknown := [name for name in names if name not in ALL]:
        raise click.BadParameter(f"no such fault: {', '.join(unknown)}. There are: {', '.join(ALL)}.")
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    plan = replace(SHORT if short else Plan(), seed=seed)
    plan = replace(plan, callers=callers or plan.callers, seconds=seconds or plan.seconds)
    plan = replace(plan, people=min(plan.people, int(10 * (plan.seconds + plan.before + plan.after))))
    console = Console(width=max(WIDEST, Console().width))
    console.print(f"Chaos: {plan.callers} callers, {plan.seconds:g} s each, seed {seed}")
    found: list[tuple[Fault, Truth]] = []
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(TemporaryDirectory(prefix="helpline-chaos-")))
        postgresql = stack.enter_context(postgresql_process())
        for name in names:
            mine = (folder / name).absolute()
            mine.mkdir(parents=True, exist_ok=True)
            with console.status(name) as status:
                town = Town(plan, mine, postgresql, lambda what, n=name: status.update(f"{n}: {what}"))  # type: ignore[misc]
                truth = town.run(ALL[name])
            console.print(f"{name}: {_in_words(truth)} ({' '.join(_cells(truth))})", highlight=False)
            for line in [
                *truth.odd[:5],
                *(f"slow: {what} x{count}" for what, count in town.exchanges.slow.most_common(8)),
            ]:
                console.print(f"  {line}", markup=False, highlight=False)
            if not truth.settled:
                console.print(f"  rows: {dict(truth.verdict.states)}", markup=False, highlight=False)
            found.append((ALL[name], truth))
    _tell(console, found)
    sys.exit(1 if any(truth.faults or truth.slow for _, truth in found) else 0)


def _in_words(truth: Truth) -> str:
    wrong = [f"{name} {count}" for name, count in truth.faults.items()]
    slow = [f"{truth.slow} answers over 5 s"] if truth.slow else []
    return ", ".join(wrong + slow) or "nothing was lost"


def _tell(console: Console, found: list[tuple[Fault, Truth]]) -> None:
    table = Table("fault", box=box.MARKDOWN)
    for name in ("requests", "slowest", "p99", "5xx", "cut", "fallback", "STOP", "consent", "sent"):
        table.add_column(name, justify="right", no_wrap=True)
    for fault, truth in found:
        table.add_row(fault.name, *_cells(truth))
    console.print(table, width=WIDEST)
    console.print(LEGEND, markup=False, highlight=False)


def _cells(truth: Truth) -> tuple[str, ...]:
    measured, verdict = truth.measured, truth.verdict
    return (
        str(measured.requests),
        f"{measured.slowest:.2f}",
        f"{measured.p99:.2f}",
        str(measured.failed),
        str(measured.cut),
        str(truth.broken_calls + truth.unanswered_texts),
        f"{truth.stops_said}/{truth.stops_kept}/{truth.stops_told}/{truth.stops_lost}",
        f"{truth.consents_kept}/{truth.consents_lost}/{truth.consents_invented}",
        f"{verdict.once}/{verdict.twice}/{verdict.missing}",
    )


if __name__ == "__main__":
    main()
