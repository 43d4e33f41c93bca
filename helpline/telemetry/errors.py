"""Errors that nobody expected, as the logs may hold them: which route, which class.

A path holds where a caller is, and dates that are theirs; the words of an error may hold what it failed over.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError

log = structlog.get_logger(__name__)


class PlainlyLogged(Flask):
    """A web application whose errors are logged without path and words, and answered by a 500 with nothing in it."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """What is called for a request, as it is: nothing here is a coroutine, and each call would be looked at."""
        return func

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Note an error that no route handled, in the place of the line with the path."""
        kind, _, trace = exc_info
        log.error(
            "error in a request",
            rule=request.url_rule.rule if request.url_rule else "",
            method=request.method,
            error=kind.__name__ if kind else "",
            where=_where(trace),
        )


def plainly_logged(name: str) -> Flask:
    """The application, without static files."""
    app = PlainlyLogged(name, static_folder=None)
    app.logger.disabled = True  # it would tell of an answer that breaks twice, with the words of the error
    app.register_error_handler(InternalServerError, _without_words)
    return app


def _without_words(error: InternalServerError) -> Response | HTTPException:
    return error if error.original_exception is None else Response(status=500)


def _where(trace: TracebackType | None) -> str:
    """The line of code that raised it."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}" if trace else ""
