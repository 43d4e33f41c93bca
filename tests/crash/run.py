"""`scripts/crash-test`: the crash test at full length, with its counts."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.crash.attack import Attack, Plan
from tests.crash.verdict import Verdict


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'helpline.db'}"
        return
    from tests.postgresql_process import running_postgresql

    with running_postgresql() as url:
        yield url.render_as_string(hide_password=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--messages", default=2000, show_default=True, type=click.IntRange(1, 8000), help="Texts to send.")
@click.option("--calls", type=click.IntRange(0, 2000), help="People to call.  [default: a fifth of that]")
@click.option("--kills", default=100, show_default=True, type=click.IntRange(0, 10_000), help="At least so many.")
@click.option("--database", "kind", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
@click.option("--seed", type=int, help="Kill in the order of an earlier run.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder to leave logs, journal and database in.")
def main(messages: int, calls: int | None, kills: int, kind: str, seed: int | None, keep: Path | None) -> None:
    """Kill workers, clocks, Valkey and the web server of a helpline with SIGKILL at random moments, while it sends.

    Each reminder must reach the carrier exactly once, in its hours and before its deadline, although the carrier
    breaks off one post in twenty after it accepted it. Who is called must be reached once; whose line is busy, and who
    does not answer, is called three times. Otherwise this ends with 1.

    \b
    Example, against PostgreSQL:
      scripts/crash-test --messages 500 --kills 30 --database postgresql
    """
    console = Console()
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    calls = messages // 5 if calls is None else calls
    console.print(f"Crash test: {messages} texts, {calls} calls, {kills} kills, {kind}, seed {seed}")
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(TemporaryDirectory(prefix="helpline-crash-")))
        folder.mkdir(parents=True, exist_ok=True)
        url = stack.enter_context(database(kind, folder))
        attack = Attack(Plan(people=messages, called=calls, kills=kills, seed=seed), folder.absolute(), url)
        with _bars(attack, console):
            verdict = attack.run()
    _tell(console, attack, verdict)
    sys.exit(0 if verdict.is_good else 1)


@contextmanager
def _bars(attack: Attack, console: Console) -> Iterator[None]:
    columns = (TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        killed = progress.add_task("killed", total=attack.plan.kills)
        sent = progress.add_task("accepted", total=attack.plan.people)

        def show(kills: int, accepted: int, what: str) -> None:
            progress.update(killed, completed=kills)
            progress.update(sent, completed=accepted)

        attack.show = show
        yield


def _tell(console: Console, attack: Attack, verdict: Verdict) -> None:
    table = Table("what", "count", show_header=False)
    for name, count in sorted(attack.supervisor.kills.items()):
        table.add_row(f"killed: {name}", str(count))
    table.add_row("killed in all", str(attack.supervisor.kills.total()), end_section=True)
    table.add_row("texts that were to go out", str(verdict.wanted))
    table.add_row("went out exactly once", str(verdict.once), end_section=True)
    for name, count in verdict.faults.items():
        table.add_row(name.replace("_", " "), str(count))
    table.add_section()
    table.add_row("people who were to be called", str(verdict.calls.wanted))
    table.add_row("reached in exactly one call", str(verdict.calls.reached_once))
    table.add_row("not reached in three calls", str(verdict.calls.not_reached))
    table.add_row("calls picked up that said nothing", str(verdict.calls.unheard), end_section=True)
    for name, count in verdict.calls.faults.items():
        table.add_row(f"calls: {name.replace('_', ' ')}", str(count))
    table.add_section()
    for state, count in sorted(verdict.states.items()):
        table.add_row(f"rows that are {state}", str(count))
    console.print(table)
    console.print("good" if verdict.is_good else "NOT good")


if __name__ == "__main__":
    main()
