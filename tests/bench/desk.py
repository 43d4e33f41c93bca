"""`scripts/bench desk`: what each page of the operators' desk costs with many subscriptions, against few."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
import structlog
from rich.console import Console
from sqlalchemy import URL

from helpline.app import create_app
from helpline.carrier.callers import fingerprint
from helpline.desk.pages import PAGES
from helpline.operators.keys import keys_of
from helpline.records.engine import open_records
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.terminal import Terminal
from tests.bench.desk_people import people
from tests.conftest import Clock, settings_for
from tests.desk.people import Browser, Desk, token_of
from tests.postgresql_process import OURS, running_postgresql

MOST = 3.0
MOBILE = "+33639980001"
AGAIN = 3  # looks at each page within the minute, beside the first one


@dataclass
class Population:
    """A desk with so many subscriptions, and how long its pages took: seconds by name."""

    count: int
    desk: Desk
    browser: Browser
    addresses: dict[str, str] = field(default_factory=dict)
    first: dict[str, list[float]] = field(default_factory=dict)
    again: dict[str, list[float]] = field(default_factory=dict)

    def look(self, name: str, kept: dict[str, list[float]]) -> None:
        """Open a page."""
        began = time.perf_counter()
        answer = self.browser.open(self.addresses[name])
        kept.setdefault(name, []).append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise AssertionError(f"{name}: {answer.status_code}")

    def look_up(self, name: str, kept: dict[str, list[float]], token: str) -> None:
        """Send a number; the page that it leads to is then the one that is looked at."""
        began = time.perf_counter()
        answer = self.browser.client.post("/desk/people", data={"csrf_token": token, "number": MOBILE})
        kept.setdefault(name, []).append(time.perf_counter() - began)
        if answer.status_code != 303:
            raise AssertionError(f"{name}: {answer.status_code}")
        self.addresses["a person"] = answer.location


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--subscriptions", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--small", type=click.IntRange(10), default=1000, show_default=True, help="What they are compared with.")
@click.option("--repeats", type=click.IntRange(1, 11), default=9, show_default=True, help="Of everything, by turns.")
@click.option("--on", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--short", is_flag=True, help="Little of everything, once; bounds are not judged.")
def main(subscriptions: int, small: int, repeats: int, kind: str, short: bool) -> None:
    """Time every page of the desk with few and many subscriptions, by turns; ends with 1 if a bound is missed."""
    console = Console(stderr=True)
    if short:
        subscriptions, small, repeats = 500, 50, 1
    with TemporaryDirectory(prefix="helpline-bench-") as name, databases(kind, Path(name)) as address:
        folder = Path(name)
        valkey = EmbeddedValkey(folder / "valkey")
        valkey.start()
        try:
            made = []
            for count in (small, subscriptions):
                console.print(f"[dim]making {count:,} subscriptions ...[/dim]")
                made.append(population(count, folder / f"{count}", address(count), valkey.url))
            measure(made, repeats)
        finally:
            valkey.stop()
    if not show(*made, judged=not short) and not short:
        raise SystemExit(1)


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Callable[[int], str]]:
    """Addresses of databases that are not there yet, by how many people will be in them."""
    if kind == "sqlite":
        yield lambda count: f"sqlite:///{folder / f'{count}.db'}"
        return
    with running_postgresql(OURS) as admin:
        yield lambda count: made_in(admin, f"bench_{count}")


def made_in(admin: URL, name: str) -> str:
    """A new database of a PostgreSQL."""
    engine = open_records(admin.render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return admin.set(database=name).render_as_string(hide_password=False)


def population(count: int, folder: Path, url: str, redis: str) -> Population:
    """A desk with so many, and an editor who is in."""
    folder.mkdir()
    settings, clock = settings_for(folder, DATABASE_URL=url, REDIS_URL=redis), Clock()
    people(url, count, clock.now, fingerprint(MOBILE, settings.fingerprint_key))
    app = create_app(settings, now=clock)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    desk = Desk(app, open_records(url), keys_of(settings.fingerprint_key), clock)
    routes = app.url_map.bind("localhost")
    addresses = {page.name: routes.build(page.endpoint) for page in PAGES}
    return Population(count, desk, desk.person().browser, addresses)


def measure(populations: list[Population], repeats: int) -> None:
    """Each page of each desk by turns: whatever else the machine does befalls all alike."""
    tokens = [token_of(one.browser.open("/desk/people").text) for one in populations]
    pages = [*populations[0].addresses, "a person"]
    for repeat in range(-1, repeats):  # the one before the first is not counted: it finds nothing in memory
        for one in populations:
            one.desk.clock.now += timedelta(seconds=61)
        for again in range(1 + AGAIN):
            for one, token in zip(populations, tokens, strict=True):
                kept = {} if repeat < 0 else one.again if again else one.first
                if not again:
                    one.look_up("looking somebody up", kept, token)
            for name in pages:
                for one in populations if (repeat + again) % 2 else reversed(populations):
                    one.look(name, {} if repeat < 0 else one.again if again else one.first)


def show(little: Population, large: Population, judged: bool) -> bool:
    """Each page with its ratio. Whether all bounds hold."""
    terminal = Terminal()
    holds = True
    for name in large.first:
        often = name in large.again  # somebody is looked up once
        few, many = (median((one.again if often else one.first)[name]) for one in (little, large))
        first_few, first_many = (median(one.first[name]) for one in (little, large))
        is_well = many / few <= MOST
        holds = holds and is_well
        verdict = f": {'holds' if is_well else 'MISSED'}" if judged else ""
        style = "" if not judged else "green" if is_well else "bold red"
        terminal.line(f"{many / few:>8.2f}  {name}  (at most {MOST:g}{verdict})", style=style)
        told = f"{few * 1000:.1f} ms with {little.count:,} subscriptions, {many * 1000:.1f} ms with {large.count:,}"
        if often:
            told += f"; first look in a minute: {first_few * 1000:.1f} ms, {first_many * 1000:.1f} ms"
            told += f" ({first_many / first_few:.1f} times)"
        terminal.line(told, indent=10, style="dim")
    terminal.line()
    terminal.line("Each is the median of repeats by turns, with nine messages a subscription.")
    return holds


if __name__ == "__main__":
    main()
