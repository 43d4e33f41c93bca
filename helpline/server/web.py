"""The web process of the Procfile: granian with the helpline's application."""

import importlib
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from helpline.server.application import application
from helpline.server.own_core import keep_to_one_core
from helpline.server.plainly import told_plainly
from helpline.server.respawns import Respawns
from helpline.settings import Settings, load_settings

# A request may wait for Redis, 150 ms at worst, or for a slow sender: so many may do so at once in each worker.
THREADS = 128
# Connections, idle ones too: with fewer, some hundred open sockets of anybody would shut callers out.
CONNECTIONS = 2048
HEADER_SECONDS = 5
GRACE_SECONDS = 3
PAUSE_SECONDS = 1.0


def main() -> None:
    """Serve until asked to stop. Workers that die again and again are started anew, after a pause."""
    with told_plainly():
        settings = load_settings(os.environ)
        # Before there are workers: what is wrong is told once, and they need not make it again.
        application()
    serve(settings, application)


def serve(settings: Settings, make: Callable[[], Flask]) -> None:
    """Serve what `make` makes, which the workers find by its module and name."""
    while True:
        server = _server(settings, f"{make.__module__}:{make.__name__}")
        try:
            server.serve(target_loader=_load)
        except SystemExit:
            if server.interrupt_signal:
                raise
        if server.interrupt_signal:
            return
        sys.stderr.write("The web workers died again and again. Starting them anew.\n")
        time.sleep(PAUSE_SECONDS)


def _load(target: str) -> Any:
    """What a worker serves. It is called in the worker, before it has threads that answer."""
    keep_to_one_core()
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)()


def _server(settings: Settings, target: str) -> Any:  # which class it is, granian decides by the Python that runs
    server = Server(
        target,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.web_concurrency,
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        # A query string may hold what a caller said.
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    )
    server.respawned_wrks = Respawns()
    return server


if __name__ == "__main__":
    main()
