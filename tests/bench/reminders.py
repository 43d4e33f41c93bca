"""`scripts/bench reminders`: what planning and delivery cost, each as a ratio of two measurements in one run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
import structlog
from rich.console import Console

from helpline.terminal import Terminal
from tests.bench.delivery import LATENCY, Rates, measure_delivery
from tests.bench.planning import SMALL, Measured, measure_planning
from tests.bench.while_planning import PER_SECOND, Waits, late_of, measure_waits
from tests.postgresql_process import OURS, running_postgresql

MEGABYTE = 1024
# As for a million: what is asked lies in memory. And nothing that the server does beside (checkpoints, vacuums) falls
# into one measurement and not into the other.
SETTINGS = ("shared_buffers=1GB", "max_wal_size=16GB", "checkpoint_timeout=1h", "autovacuum=off")


@dataclass(frozen=True)
class Figure:
    """One ratio, how it was taken, and what it must be. Without a bound it is there to be known."""

    what: str
    how: str
    value: float
    bound: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--subscriptions", type=click.IntRange(1000), default=1_000_000, show_default=True)
@click.option("--messages", type=click.IntRange(50, 10_000), default=3000, show_default=True, help="To be delivered.")
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="Of everything, by turns.")
@click.option("--short", is_flag=True, help="Little of everything, once; bounds are not judged.")
def main(subscriptions: int, messages: int, repeats: int, short: bool) -> None:
    """Measure planning and delivery on a PostgreSQL of its own; ends with 1 if a bound is missed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(stderr=True)

    def tell(what: str) -> None:
        console.print(f"[dim]{what} ...[/dim]")

    small = SMALL
    if short:
        subscriptions, small, messages, repeats = 5000, 1000, 100, 1
    with TemporaryDirectory(prefix="helpline-bench-") as folder, running_postgresql((*OURS, *SETTINGS)) as admin:
        url = admin.render_as_string(hide_password=False)
        rates = measure_delivery(url, Path(folder), messages, min(messages, 100), repeats, tell)
        everybody, some = measure_planning(admin, subscriptions, small, repeats, tell)
        waits = measure_waits(everybody, Path(folder), repeats, tell)
        everybody.engine.dispose()
    large, little = everybody.measured, some.measured
    figures = [*planning_figures(large, little), turns_figure(large, waits), *delivery_figures(rates)]
    show(figures, large, little, rates, judged=not short)
    usual, beside = (median(late_of(one) for one in each) for each in (waits.quiet, waits.planning))
    Terminal().line(f"A turn's 99th percentile: {usual * 1e3:.2f} ms, while planning {beside * 1e3:.2f} ms.")
    if not short and not all(figure.holds for figure in figures):
        raise SystemExit(1)


def planning_figures(large: Measured, little: Measured) -> Iterator[Figure]:
    each, each_small = large.of("plan") / large.rows, little.of("plan") / little.rows
    more = max(large.kilobytes) - max(little.kilobytes)
    yield Figure(
        f"planning {large.rows:,} subscriptions",
        "seconds, against one bare INSERT ... SELECT of the same rows into a table of the same columns, keys, indexes",
        large.of("plan") / large.of("keyed"),
        4,
    )
    yield Figure("the same", "... that also has the foreign key", large.of("plan") / large.of("referring"))
    yield Figure("the same", "... without any key or index", large.of("plan") / large.of("heap"))
    yield Figure("cost a subscription", f"at {large.rows:,} against that at {little.rows:,}", each / each_small, 1.2)
    yield Figure(
        "memory",
        f"megabytes by which a planner of {large.rows:,} grew more than one of {little.rows:,}",
        more / MEGABYTE,
        4,
    )


def turns_figure(large: Measured, waits: Waits) -> Figure:
    how = f"99th percentile of turns at {PER_SECOND} a second, against just before; one web worker, all on this machine"
    return Figure(f"a call's turn while {large.rows:,} subscriptions are planned", how, waits.ratio, 2)


def delivery_figures(rates: Rates) -> Iterator[Figure]:
    yield Figure(
        "delivery by one worker",
        f"messages a second, against a job a message on RQ's forking worker ({LATENCY} ms latency)",
        rates.of("worker") / rates.of("job a message"),
        10,
        at_least=True,
    )
    yield Figure(
        "delivery by two workers",
        f"messages a second, against one worker ({LATENCY} ms latency)",
        rates.of("two workers") / rates.of("worker"),
        1.8,
        at_least=True,
    )
    yield Figure(
        "delivery by one worker",
        "against a bare loop of the same client, as many at once, on the same carrier",
        rates.of("worker") / rates.of("loop"),
        0.7,
        at_least=True,
    )


def show_figures(terminal: Terminal, figures: Iterable[Figure], judged: bool) -> None:
    """Each with how it was taken, and whether its bound holds."""
    for figure in figures:
        bound = f"{'at least' if figure.at_least else 'at most'} {figure.bound:g}" if figure.bound is not None else ""
        verdict = f": {'holds' if figure.holds else 'MISSED'}" if bound and judged else ""
        style = "" if not judged or figure.bound is None else "green" if figure.holds else "bold red"
        terminal.line(f"{figure.value:>8.2f}  {figure.what}{f'  ({bound}{verdict})' if bound else ''}", style=style)
        terminal.line(figure.how, indent=10, style="dim")
    terminal.line()


def show(figures: list[Figure], large: Measured, little: Measured, rates: Rates, judged: bool) -> None:
    """Each figure with how it was taken, and then what was measured."""
    terminal = Terminal()
    show_figures(terminal, figures, judged)
    for measured in (large, little):
        took = ", ".join(f"{what} {measured.of(what):.2f} s" for what in measured.seconds)
        terminal.line(f"{measured.rows:,} rows: {took}; a planner grew by {max(measured.kilobytes):,} kB at most.")
    terminal.line(", ".join(f"{how}: {rates.of(how):,.0f} messages a second" for how in rates.seen) + ".")
    terminal.line(f"Each is the median of repeats by turns, on a PostgreSQL with {', '.join(SETTINGS)}.")


if __name__ == "__main__":
    main()
