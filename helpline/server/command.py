"""`helpline server`: everything that the helpline needs, with one command."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from redis import Redis
from redis.exceptions import RedisError

from helpline.server.announcement import announce_when_ready, say
from helpline.server.database import prepare_database
from helpline.server.demo_carrier import DemoCarrier, demo_carrier
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.server.errors import ServerError
from helpline.server.only_server import only_server
from helpline.server.plainly import told_plainly
from helpline.server.port import wait_for_port
from helpline.server.processes import Processes
from helpline.server.valkey_keeper import ValkeyKeeper
from helpline.server.whose_redis import RedisOfAnother, take_redis
from helpline.settings import CHECKOUT, Settings, load_settings

# How long the processes of a server that was killed may still hold the port.
AFTER_A_KILL = 10.0
REDIS_SECONDS = 2.0
# Without these the phone still answers, so they are started again; when the web process ends, all end.
COME_BACK = ("worker", "clock", "carrier")


class _Stopped(BaseException):
    """Somebody asked to stop before there was anything to stop."""


@click.command()
def server() -> None:
    """Start the helpline and everything it needs, until Ctrl-C.

    Without any settings it starts in demo mode. Example with a port of your own:

        PORT=8001 helpline server
    """
    with told_plainly():
        run_server(load_settings(os.environ), os.environ)


def run_server(settings: Settings, environ: Mapping[str, str]) -> None:
    """Run until asked to stop. ServerError says why it could not start, or what ended by itself."""
    with _signals_stop(), only_server(settings.var_dir) as last_was_killed:
        wait_for_port(settings.host, settings.port, AFTER_A_KILL if last_was_killed else 0)
        if settings.redis_url:
            _run_processes(settings, environ, settings.redis_url)
        else:
            _run_with_valkey(settings, environ)


def _run_with_valkey(settings: Settings, environ: Mapping[str, str]) -> None:
    valkey = EmbeddedValkey(settings.valkey_dir)
    keeper: ValkeyKeeper | None = None

    def keep(processes: Processes) -> None:
        nonlocal keeper
        keeper = ValkeyKeeper(valkey, say, processes.fail)
        keeper.start()

    try:
        valkey.start()
        _run_processes(settings, environ, valkey.url, keep)
    finally:
        if keeper:
            keeper.stop()
        else:
            valkey.stop()


def _run_processes(
    settings: Settings,
    environ: Mapping[str, str],
    redis_url: str,
    beside: Callable[[Processes], None] = lambda processes: None,
) -> None:
    _take_redis(redis_url, settings)
    carrier = demo_carrier(settings)
    env = _environment(settings, environ, redis_url, carrier)
    processes = Processes(CHECKOUT / "Procfile", env, COME_BACK, {"carrier": carrier.command} if carrier else {})
    go_on_trying = prepare_database(settings.database_url, settings.belongs_to, say, processes.fail)

    def started() -> None:
        announce_when_ready(settings, carrier.journal if carrier else None)
        beside(processes)
        go_on_trying()

    processes.run(on_started=started)


def _take_redis(url: str, settings: Settings) -> None:
    """ServerError if it is another's. One that is away is asked by the workers, once it is there."""
    try:
        with Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS) as redis:
            take_redis(redis, settings.belongs_to)
    except RedisOfAnother as error:
        raise ServerError(str(error)) from error
    except RedisError:
        return


def _environment(
    settings: Settings, environ: Mapping[str, str], redis_url: str, carrier: DemoCarrier | None
) -> dict[str, str]:
    programs = str(Path(sys.executable).parent)
    return {
        **environ,
        # The commands of the Procfile are those of this environment, active or not.
        "PATH": os.pathsep.join([programs, environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
        "REDIS_URL": redis_url,
        "PORT": str(settings.port),
        "HELPLINE_HOST": settings.host,
        "WEB_CONCURRENCY": str(settings.web_concurrency),
        "VAR_DIR": str(settings.var_dir),
        "PROMPTS_DIR": str(settings.prompts_dir),
        **({"TWILIO_API_URL": carrier.url} if carrier else {}),
    }


@contextmanager
def _signals_stop() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise _Stopped

    def hang_up(number: int, frame: FrameType | None) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    previous = {
        signal.SIGINT: signal.signal(signal.SIGINT, stop),
        signal.SIGTERM: signal.signal(signal.SIGTERM, stop),
        # A closed terminal; honcho does not know this one.
        signal.SIGHUP: signal.signal(signal.SIGHUP, hang_up),
    }
    try:
        yield
    except _Stopped:
        return
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
