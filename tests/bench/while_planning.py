"""What callers wait for while a wave is planned for everybody: turns of calls, before and beside the planner."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from helpline.server.embedded_valkey import EmbeddedValkey
from tests.bench import turns_servers as servers
from tests.bench.planning import Population
from tests.bench.turns_load import at_rate, flat_out
from tests.bench.turns_requests import PUBLIC_URL, calls, numbers, places
from tests.phone import Phone, http_post

PER_SECOND = 50
QUIET_SECONDS = 5
SLICE = PER_SECOND // 2  # requests: half a second of them, again and again while the planner runs


@dataclass
class Waits:
    """Seconds that turns took, repeat by repeat."""

    quiet: list[list[float]] = field(default_factory=list)
    planning: list[list[float]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The 99th percentile while a wave was planned against that just before."""
        pairs = zip(self.planning, self.quiet, strict=True)
        return median(late_of(beside) / late_of(before) for beside, before in pairs)


def late_of(waits: list[float]) -> float:
    """The 99th percentile."""
    ranked = sorted(waits)
    return ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]


def measure_waits(population: Population, folder: Path, repeats: int, tell: Callable[[str], None]) -> Waits:
    """Turns before and while that population is planned, on a web server with the same database."""
    found = Waits()
    with ExitStack() as stack:
        valkey = EmbeddedValkey(folder / "valkey")
        valkey.start()
        stack.callback(valkey.stop)
        environ = servers.environment(folder, valkey.url) | {"DATABASE_URL": population.url}
        servers.with_tables(environ)
        port = stack.enter_context(servers.helpline(folder, environ)).port
        callers, where = numbers(), places(Phone(http_post(port), PUBLIC_URL))

        def turns(count: int) -> list[float]:
            return list(at_rate(port, calls(count, callers, where), PER_SECOND).waits)

        flat_out(port, calls(500, callers, where))
        for repeat in range(repeats):
            tell(f"turns while a wave is planned, {repeat + 1} of {repeats}")
            found.quiet.append(turns(QUIET_SECONDS * PER_SECOND))
            beside: list[float] = []
            with population.planned_beside() as goes_on:
                while goes_on():
                    beside += turns(SLICE)
            found.planning.append(beside)
    return found
