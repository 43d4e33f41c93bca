"""The web process of the Procfile: granian with the helpline's application."""

import os

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from helpline.server.plainly import told_plainly
from helpline.settings import load_settings

APPLICATION = "helpline.app:create_app"
# A request may wait for Redis, 150 ms at worst: so many may wait at once in each worker, and as many queue.
THREADS = 32
WAITING = 2 * THREADS
GRACE_SECONDS = 3


def main() -> None:
    """Serve until asked to stop."""
    with told_plainly():
        settings = load_settings(os.environ)
        _check_application()
    Server(
        APPLICATION,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.web_concurrency,
        blocking_threads=THREADS,
        backpressure=WAITING,
        http=HTTPModes.http1,
        websockets=False,
        # A query string may hold what a caller said.
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    ).serve()


def _check_application() -> None:
    # Made once here, where a mistake can be told once and in plain words; each worker then makes its own.
    from helpline.app import create_app

    create_app()


if __name__ == "__main__":
    main()
