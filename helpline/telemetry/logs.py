"""Structured logs, one JSON object a line: ids and names of places, never numbers, words or tokens."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs() -> None:
    """Log to standard error as JSON lines. Called once a process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
