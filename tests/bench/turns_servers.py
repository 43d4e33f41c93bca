"""The servers that are compared: each with one worker, on a port of its own, and what it took of the machine."""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from helpline.records.belonging import take_for
from helpline.records.migrate import upgrade
from helpline.settings import Settings, load_settings
from tests.bench.turns_requests import ACCOUNT, PUBLIC_URL, SHORT_CODE, VOICE_NUMBER
from tests.phone import TOKEN
from tests.server.running import descendants, free_port, running, wait_until

CHECKOUT = Path(__file__).parent.parent.parent
KIB = 1024
TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds: what the system counts CPU time in


@dataclass(frozen=True)
class Server:
    """A web server that answers."""

    name: str
    port: int
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """The CPU seconds that its processes have had."""
        return sum(cpu_of(pid) for pid in self.pids)

    def memory(self) -> dict[str, int]:
        """Bytes of its worker (the largest of its processes): resident, and its share of what several hold."""
        return max((memory_of(pid) for pid in self.pids), key=lambda found: found["Rss"])


def cpu_of(pid: int) -> float:
    """User and system seconds of a process, with all of its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def memory_of(pid: int) -> dict[str, int]:
    """`Rss` and `Pss` of a process, in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    named = (line.split(":") for line in lines)
    return {name: int(value.split()[0]) * KIB for name, value in named if name in ("Rss", "Pss")}


def environment(folder: Path, redis_url: str) -> dict[str, str]:
    """As for real callers, with one worker."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "HELPLINE_ENV": "production",
        "HELPLINE_HOST": "127.0.0.1",
        "PUBLIC_URL": PUBLIC_URL,
        "WEB_CONCURRENCY": "1",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SMS_SENDER": SHORT_CODE,
        "VOICE_NUMBER": VOICE_NUMBER,
        "SERVICE_NAME": "Relais Droits",
        "OPERATOR_NAME": "association Le Pont",
        "OPERATOR_PHONE": "01 99 00 12 34",
        "FINGERPRINT_KEY": "f" * 64,
        "NUMBER_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "TWILIO_API_URL": "http://127.0.0.1:9",
        "REDIS_URL": redis_url,
        "VAR_DIR": str(folder / "var"),
        "PYTHONUNBUFFERED": "1",
    }


def with_tables(environ: Mapping[str, str]) -> Settings:
    """The database of these settings, made ready."""
    settings = load_settings(environ)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    take_for(settings.database_url, settings.belongs_to)
    return settings


@contextmanager
def helpline(folder: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """The helpline, as the Procfile's `web` serves it."""
    with _served("the helpline", ["-m", "helpline.server.web"], folder, environ, "/healthz", 200) as server:
        yield server


@contextmanager
def floor(folder: Path, environ: Mapping[str, str], name: str) -> Iterator[Server]:
    """One of `turns_floors`, on the same server as the helpline."""
    with _served(name, ["-m", "tests.bench.turns_floors", name], folder, environ, "/", 404) as server:
        yield server


@contextmanager
def tutorial(folder: Path, environ: Mapping[str, str], gunicorn: str) -> Iterator[Server]:
    """The tutorial by gunicorn with its defaults: one worker, one request at a time. `gunicorn`: a Python that has it.

    Without one it is served as the helpline is.
    """
    if not gunicorn:
        with floor(folder, environ, "tutorial") as server:
            yield server
        return
    port = free_port()
    command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "tests.bench.turns_tutorial:tutorial()"]
    with _served("tutorial", command, folder, environ, "/", 404, gunicorn, port) as server:
        yield server


@contextmanager
def _served(
    name: str,
    arguments: list[str],
    folder: Path,
    environ: Mapping[str, str],
    asked: str,
    answered: int,
    python: str = sys.executable,
    port: int = 0,
) -> Iterator[Server]:
    port = port or free_port()
    env = {**environ, "PORT": str(port), "PYTHONPATH": str(CHECKOUT)}
    with running([python, *arguments], folder / f"{name.replace(' ', '-')}.log", env) as process:
        wait_until(
            lambda: _answers(port, asked) == answered or process.process.poll() is not None, lambda: process.output
        )
        if process.process.poll() is not None:
            raise AssertionError(process.output[-3000:])
        time.sleep(0.2)
        yield Server(name, port, (process.pid, *descendants(process.pid)))


def _answers(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError):
        connection.request("GET", path)
        return connection.getresponse().status
    return 0
