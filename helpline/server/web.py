"""The web process of the Procfile: granian with the helpline's application."""

import os

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from helpline.server.application import application
from helpline.server.plainly import told_plainly
from helpline.settings import load_settings

# A request may wait for Redis, 150 ms at worst: so many may wait at once in each worker, and as many queue.
THREADS = 32
WAITING = 2 * THREADS
GRACE_SECONDS = 3


def main() -> None:
    """Serve until asked to stop."""
    with told_plainly():
        settings = load_settings(os.environ)
        # Before there are workers: what is wrong is told once, and they need not make it again.
        application()
    Server(
        f"{application.__module__}:{application.__name__}",
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


if __name__ == "__main__":
    main()
