"""Logs for one test: what was set up before it in this process, and what it sets up, stay out of each other's way."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from structlog.testing import capture_logs


@contextmanager
def fresh_logs() -> Iterator[None]:
    """The modules of the helpline get new loggers: the old ones remember where they wrote first."""
    ours = [module for name, module in sys.modules.items() if name.startswith(("helpline.", "workers."))]
    loaded = [module for module in ours if hasattr(getattr(module, "log", None), "bind")]  # not the logarithm
    were = {module: module.log for module in loaded}
    config = structlog.get_config()
    # A thread of another test may log first; a command of another test may have asked for errors only.
    at_all = structlog.make_filtering_bound_logger(logging.INFO)
    structlog.configure(cache_logger_on_first_use=False, wrapper_class=at_all)
    for module in loaded:
        module.log = structlog.get_logger(module.__name__)
    try:
        yield
    finally:
        for module, log in were.items():
            module.log = log
        structlog.configure(**config)


@contextmanager
def captured_logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """Everything that is logged meanwhile."""
    with fresh_logs(), capture_logs() as lines:
        yield lines
