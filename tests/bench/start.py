"""`scripts/bench start`: what the start of a process costs, against loading the libraries alone, in one run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from helpline.terminal import Terminal

CHECKOUT = Path(__file__).parent.parent.parent
LIBRARIES = "the libraries"
SENDER = "from helpline.settings import load_settings; from helpline.wiring import wire; wire(load_settings())"
COMMAND = "import sys; from helpline.cli import main; sys.argv = ['helpline', {}]; main()"
# What each process does, by name. All are run by turns: whatever else the machine does befalls all alike.
STARTS: Mapping[str, str] = {
    LIBRARIES: "import flask, twilio, redis, rq, sqlalchemy",
    "the application": "from helpline.app import create_app; create_app()",
    "what the web process serves": "from helpline.server.application import application; application()",
    "what sends": SENDER,
    "helpline prompts check": COMMAND.format("'prompts', 'check'"),
    "helpline --help": COMMAND.format("'--help'"),
    "nothing": "pass",
}
BOUNDS: Mapping[str, float] = {"the application": 1.5}


@dataclass(frozen=True)
class Cost:
    """The CPU seconds of one kind of start, in the order in which they were taken."""

    what: str
    seconds: tuple[float, ...]

    @property
    def least(self) -> float:
        """What it takes when nobody else is in the way."""
        return min(self.seconds)


def measured(repeats: int, folder: Path) -> Iterator[Cost]:
    """Each start, so many times."""
    if repeats > 1:
        for code in STARTS.values():  # once uncounted: the first one writes down what Python made of the files
            cpu_seconds(code, folder)
    taken = [{what: cpu_seconds(code, folder) for what, code in STARTS.items()} for _ in range(repeats)]
    for what in STARTS:
        yield Cost(what, tuple(turn[what] for turn in taken))


def cpu_seconds(code: str, folder: Path) -> float:
    """The time that a process and its children had the processor."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=environ | {"VAR_DIR": str(folder), "HELPLINE_ENV": "demo"},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"it did not start: {code}")
    return used.ru_utime + used.ru_stime


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--repeats", type=click.IntRange(1), default=10, show_default=True, help="Of everything, by turns.")
@click.option("--short", is_flag=True, help="Everything once; bounds are not judged.")
def main(repeats: int, short: bool) -> None:
    """Measure starts; ends with 1 if a bound is missed."""
    with TemporaryDirectory(prefix="helpline-bench-") as folder:
        costs = {cost.what: cost for cost in measured(1 if short else repeats, Path(folder))}
    libraries = costs[LIBRARIES].least
    terminal, missed = Terminal(), False
    terminal.line("    CPU s  against the libraries")
    for what, cost in costs.items():
        ratio, bound = cost.least / libraries, BOUNDS.get(what)
        is_over = bound is not None and ratio > bound and not short
        missed = missed or is_over
        verdict = f"  (at most {bound:g}{'' if short else ': MISSED' if is_over else ': holds'})" if bound else ""
        terminal.line(f"{cost.least:>9.2f} {ratio:>8.2f}  {what}{verdict}", style="bold red" if is_over else "")
    count = len(costs[LIBRARIES].seconds)
    terminal.line(f"Each is the least of {count}, taken by turns. The libraries: {STARTS[LIBRARIES]}")
    if missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
