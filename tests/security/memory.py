"""Whether odd requests make a web worker grow: python -m tests.security.memory."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psutil

from helpline.authentication import TWILIO
from helpline.records.migrate import upgrade
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import load_settings
from tests.phone import TOKEN
from tests.security.odd_requests import Route, odd_request, routes_of, signed_request
from tests.security.sending import answered, send
from tests.server.running import Running, free_port, running, wait_until

MEGABYTE = 1024 * 1024
WARM_UP = 0.4  # of all requests: until caches are filled, and every thread that is needed was there once
MOST_A_THOUSAND = 1.0  # MB that a thousand requests may leave behind, on average, once it is warm
SHORT, WHOLE = (1_500, 250), (20_000, 1_000)
CALLERS = 200  # who sends signed things; what is kept of a caller is kept in Redis


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz-memory")
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    requests, step = SHORT if given.short else WHOLE
    requests = given.requests or requests
    with _server() as (port, process):
        found = list(grown(port, process, requests, min(step, requests), given.seed))
    slope = growth(found)
    sys.stdout.write(f"growth once warm: {slope:+.2f} MB a thousand requests (at most {MOST_A_THOUSAND:.1f})\n")
    if given.short:
        sys.stdout.write("A short run judges nothing.\n")
        return 0
    return int(slope > MOST_A_THOUSAND)


def grown(port: int, process: Running, requests: int, step: int, seed: int) -> Iterator[tuple[int, float]]:
    """How many requests there were, and how many MB the web worker then held; told as it goes."""
    random, routes, base = Random(seed), _routes(), f"http://127.0.0.1:{port}"
    signed = [route for route in routes if route.whom == TWILIO]
    failed = 0
    for number in range(1, requests + 1):
        if random.random() < 0.5:
            caller = f"+33639{random.randrange(CALLERS):06d}"
            request = signed_request(random, random.choice(signed), base, lambda: caller)  # noqa: B023
        else:
            request = odd_request(random, random.choice(routes))
        status = send(port, request)
        if status >= 500:
            failed += 1
            sys.stdout.write(f"{status}: {request}\n"[:2000] + process.output[-2000:] + "\n")
        if number % step == 0:
            held = resident(process)
            sys.stdout.write(f"{number:>7} requests  {held:7.1f} MB  {failed} answers of 5xx\n")
            sys.stdout.flush()
            yield number, held
    if failed:
        raise SystemExit(f"{failed} requests were answered by a 5xx")


def growth(found: list[tuple[int, float]]) -> float:
    """MB a thousand requests, by the least squares, of what was found when it was warm."""
    warm = [one for one in found if one[0] > found[-1][0] * WARM_UP]
    mean_x = sum(x for x, _ in warm) / len(warm)
    mean_y = sum(y for _, y in warm) / len(warm)
    spread = sum((x - mean_x) ** 2 for x, _ in warm)
    return 1000 * sum((x - mean_x) * (y - mean_y) for x, y in warm) / spread if spread else 0.0


def resident(process: Running) -> float:
    """MB of the largest process of the server: the one that answers."""
    children = psutil.Process(process.pid).children(recursive=True)
    return max(float(child.memory_info().rss) for child in children) / MEGABYTE


def _routes() -> list[Route]:
    """Those of a helpline, which is made here only to ask it for them."""
    from helpline.app import create_app

    with tempfile.TemporaryDirectory(prefix="helpline-routes-") as folder:
        return routes_of(create_app(load_settings(_environ(Path(folder), "unix:///nowhere"))))


def _environ(folder: Path, redis: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    of_ours = {"VAR_DIR": str(folder), "REDIS_URL": redis, "HELPLINE_ENV": "demo", "TWILIO_AUTH_TOKEN": TOKEN}
    return kept | of_ours | {"WEB_CONCURRENCY": "1"}


@contextmanager
def _server() -> Iterator[tuple[int, Running]]:
    """A web server of its own with one worker, and its Valkey."""
    with tempfile.TemporaryDirectory(prefix="helpline-memory-") as name:
        folder, port = Path(name), free_port()
        valkey = EmbeddedValkey(folder / "valkey")
        valkey.start()
        try:
            environ = _environ(folder, valkey.url) | {"PORT": str(port)}
            upgrade(load_settings(environ).database_url)
            command = [sys.executable, "-m", "helpline.server.web"]
            with running(command, folder / "output", environ) as process:
                wait_until(lambda: _is_up(port), lambda: process.output)
                yield port, process
        finally:
            valkey.stop()


def _is_up(port: int) -> bool:
    try:
        return answered(port, "GET", "/healthz").status == 200
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
