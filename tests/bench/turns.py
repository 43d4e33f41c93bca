"""`scripts/bench turns`: what a turn costs, against the least that a Flask application must do for one."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
from redis import Redis
from rich.console import Console

from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.terminal import Terminal
from tests.bench import turns_servers as servers
from tests.bench.reminders import Figure, show_figures
from tests.bench.turns_floors import LENGTH
from tests.bench.turns_hearing import Costs, hearing_costs
from tests.bench.turns_load import AT_ONCE, Load, at_rate, flat_out
from tests.bench.turns_requests import PUBLIC_URL, calls, numbers, places, texts, tree_of_tutorial
from tests.phone import Phone, http_post

LANGUAGES = "fr,en"  # all that there are
CALL, CALL_FLOOR = "a call's turn", "the floor of calls"
NEW_CALL, TREE = "a call's turn, each on a connection of its own", "the tutorial's phone tree, likewise"
TEXT, TEXT_FLOOR = "a text's turn", "the floor of texts"
WARM_UP_TURNS = 1000
OF_PEAK = 0.5


@dataclass
class Round:
    """What one load showed: its rate, and the CPU seconds that the web server spent on each request."""

    per_second: float
    cpu: float
    client: float
    size: int


@dataclass
class Measured:
    """All that was measured, in the order of the rounds, which go by turns."""

    rounds: dict[str, list[Round]] = field(default_factory=dict)
    waits: list[tuple[float, float]] = field(default_factory=list)  # the median and the 99th percentile
    rate: float = 0.0
    memory: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, float] = field(default_factory=dict)

    def ratio(self, what: str, against: str) -> float:
        """Requests a second against those of another, round by round."""
        pairs = zip(self.rounds[what], self.rounds[against], strict=True)
        return median(one.per_second / other.per_second for one, other in pairs)

    def cpu_ratio(self, what: str, against: str) -> float:
        """The same by CPU seconds: how many requests it answers in the time in which the other answers one."""
        pairs = zip(self.rounds[what], self.rounds[against], strict=True)
        return median(other.cpu / one.cpu for one, other in pairs)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", type=click.IntRange(1, 50), default=7, show_default=True, help="Of everything, by turns.")
@click.option("--requests", type=click.IntRange(50, 20_000), default=2000, show_default=True, help="In each round.")
@click.option("--texts-heard", type=click.IntRange(100), default=10_000, show_default=True)
@click.option("--gunicorn", help="A Python that has gunicorn, flask and twilio, to serve the tutorial.")
@click.option("--only", type=click.Choice(["calls", "texts", "hearing"]), help="Measure a part.")
@click.option("--short", is_flag=True, help="Little of everything, once; bounds are not judged.")
def main(rounds: int, requests: int, texts_heard: int, gunicorn: str | None, only: str | None, short: bool) -> None:
    """Measure turns on a web server with one worker and a Valkey of its own; ends with 1 if a bound is missed."""
    console = Console(stderr=True)
    if short:
        rounds, requests, texts_heard = 1, 100, 200
    if gunicorn is None:
        gunicorn = sys.executable if importlib.util.find_spec("gunicorn") else ""
    wanted = {only} if only else {"calls", "texts", "hearing"}
    measured, costs = Measured(), None
    with TemporaryDirectory(prefix="helpline-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        valkey = EmbeddedValkey(folder / "valkey")
        valkey.start()
        stack.callback(valkey.stop)
        environ = servers.environment(folder, valkey.url) | {"HELPLINE_LANGUAGES": LANGUAGES}
        settings = servers.with_tables(environ)
        served = stack.enter_context(servers.helpline(folder, environ))
        callers = numbers()
        for part, measure in (("calls", _measure_calls), ("texts", _measure_texts)):
            if part in wanted:
                console.print(f"[dim]{part} ...[/dim]")
                site = Site(folder, environ, served, rounds, requests, gunicorn, callers)
                measure(site, measured)
        if "texts" in wanted:
            measured.kept = _kept_of_callers(valkey.url)
        if "hearing" in wanted:
            console.print("[dim]hearing ...[/dim]")
            costs = hearing_costs(settings, texts_heard)
    figures = list(_figures(measured, costs, gunicorn))
    _show(figures, measured, costs, judged=not short)
    if not short and not all(figure.holds for figure in figures):
        raise SystemExit(1)


@dataclass(frozen=True)
class Site:
    """The helpline that is measured, and what to measure it with."""

    folder: Path
    environ: Mapping[str, str]
    helpline: servers.Server
    rounds: int
    requests: int
    gunicorn: str
    callers: Iterator[str]

    def floor(self, name: str, size: int) -> AbstractContextManager[servers.Server]:
        return servers.floor(self.folder, {**self.environ, LENGTH: str(size)}, name)


def _measure_calls(site: Site, measured: Measured) -> None:
    where = places(Phone(http_post(site.helpline.port), PUBLIC_URL))
    warm = _load(site.helpline, calls(min(WARM_UP_TURNS, site.requests), site.callers, where))
    measured.memory = site.helpline.memory()
    with (
        site.floor("floor_of_calls", warm.size) as floor,
        servers.tutorial(site.folder, site.environ, site.gunicorn) as tree,
    ):

        def turns(keep: bool = True) -> list[bytes]:
            return calls(site.requests, site.callers, where, keep)

        _by_turns(
            site,
            measured,
            {
                CALL: (site.helpline, turns),
                CALL_FLOOR: (floor, turns),
                NEW_CALL: (site.helpline, lambda: turns(keep=False)),
                TREE: (tree, lambda: tree_of_tutorial(site.requests)),
            },
        )


def _measure_texts(site: Site, measured: Measured) -> None:
    def turns() -> list[bytes]:
        return texts(site.requests, site.callers)

    warm = _load(site.helpline, texts(min(WARM_UP_TURNS, site.requests), site.callers))
    measured.memory = site.helpline.memory()
    with site.floor("floor_of_texts", warm.size) as floor:
        _by_turns(site, measured, {TEXT: (site.helpline, turns), TEXT_FLOOR: (floor, turns)})
    measured.rate = median(each.per_second for each in measured.rounds[TEXT]) * OF_PEAK
    for _ in range(site.rounds):
        load = at_rate(site.helpline.port, turns(), measured.rate)
        measured.waits.append((load.wait(0.5), load.wait(0.99)))


def _by_turns(
    site: Site, measured: Measured, kinds: Mapping[str, tuple[servers.Server, Callable[[], list[bytes]]]]
) -> None:
    """Each kind once in a round, after as many of it uncounted at the beginning; every second round backwards."""
    for server, requests in kinds.values():
        flat_out(server.port, requests()[: min(500, site.requests)])
    for number in range(site.rounds):
        for name in list(kinds)[:: 1 if number % 2 == 0 else -1]:
            server, requests = kinds[name]
            measured.rounds.setdefault(name, []).append(_load(server, requests()))


def _load(server: servers.Server, requests: list[bytes]) -> Round:
    before = server.cpu()
    load: Load = flat_out(server.port, requests)
    cpu = max(server.cpu() - before, servers.TICK)
    count = len(requests)
    return Round(load.per_second, cpu / count, load.client / count, round(load.sizes / count))


def _kept_of_callers(url: str) -> dict[str, float]:
    """Bytes in Valkey, on average, of what is kept of a caller and of an answer."""
    found: dict[str, list[int]] = {}
    with Redis.from_url(url, decode_responses=True) as client:
        for kind in ("caller", "language", "answer"):
            for key in itertools.islice(client.scan_iter(f"{kind}:*", count=1000), 1000):
                found.setdefault(kind, []).append(int(client.memory_usage(key) or 0))
    return {kind: sum(sizes) / len(sizes) for kind, sizes in found.items()}


def _figures(measured: Measured, costs: Costs | None, gunicorn: str) -> Iterator[Figure]:
    by_turns = "requests a second, round by round"
    if CALL in measured.rounds:
        yield Figure(
            "a call's turn",
            f"against the floor ({by_turns}): a Flask route, the official validator, as many constant bytes",
            measured.ratio(CALL, CALL_FLOOR),
            1,
            at_least=True,
        )
        yield Figure("the same", "by CPU seconds of the web server", measured.cpu_ratio(CALL, CALL_FLOOR))
        server = "gunicorn with its defaults" if gunicorn else "the helpline's own server, since there is no gunicorn"
        yield Figure(
            "a call's turn",
            f"against the tutorial's phone tree, by {server}; each on a connection of its own",
            measured.ratio(NEW_CALL, TREE),
            1.5,
            at_least=True,
        )
        yield Figure("the same", "by CPU seconds of the web server", measured.cpu_ratio(NEW_CALL, TREE))
    if TEXT in measured.rounds:
        yield Figure(
            "a text's turn",
            f"against its floor ({by_turns}): the same with a GET and a SET",
            measured.ratio(TEXT, TEXT_FLOOR),
            1,
            at_least=True,
        )
        yield Figure("the same", "by CPU seconds of the web server", measured.cpu_ratio(TEXT, TEXT_FLOOR))
        yield Figure(
            "a text's wait",
            f"99th percentile against the median, at {measured.rate:,.0f} a second, half of the peak; whoever is late",
            median(late / usual for usual, late in measured.waits),
            5,
        )
    if costs:
        if TEXT in measured.rounds:
            turn = median(each.cpu for each in measured.rounds[TEXT])
            yield Figure("hearing", f"of {costs.count:,} texts, against a text's turn", costs.ordinary / turn, 0.3)
        what = f"of the slowest of {len(costs.slow)} texts that are made to be slow ({costs.slowest}), against those"
        yield Figure("hearing", what, costs.slow[costs.slowest] / costs.ordinary, 20)


def _show(figures: list[Figure], measured: Measured, costs: Costs | None, judged: bool) -> None:
    """Each figure with how it was taken, and then what was measured."""
    terminal = Terminal()
    show_figures(terminal, figures, judged)
    for name, rounds in measured.rounds.items():
        rate, cpu, client = (median(getattr(each, what) for each in rounds) for what in ("per_second", "cpu", "client"))
        costs_ = f"{cpu * 1e6:,.0f} us of the server's CPU, {client * 1e6:,.0f} us of the client's"
        terminal.line(f"{name}: {rate:,.0f} a second, {costs_}, {rounds[0].size:,} bytes")
    if measured.waits:
        usual, late = (median(each) for each in zip(*measured.waits, strict=True))
        terminal.line(f"waits at half of the peak: {usual * 1e3:.2f} ms, 99th percentile {late * 1e3:.2f} ms")
    if measured.memory:
        sizes = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in measured.memory.items())
        terminal.line(f"memory of a web worker after the first turns: {sizes} (/proc/PID/smaps_rollup)")
    if measured.kept:
        sizes = ", ".join(f"{kind} {size:,.0f} bytes" for kind, size in measured.kept.items())
        terminal.line(f"kept in Valkey, on average (MEMORY USAGE): {sizes}")
    if costs:
        terminal.line(f"hearing a text: {costs.ordinary * 1e6:,.0f} us; those that are made to be slow:")
        for name, seconds in sorted(costs.slow.items(), key=lambda item: -item[1])[:10]:
            terminal.line(f"{seconds / costs.ordinary:>8.1f}  {name}")
    terminal.line(
        f"Each is the median of the rounds. One web worker, {AT_ONCE} connections, everything on this machine."
    )


if __name__ == "__main__":
    main()
