"""Every route says who may use it: `signed_by_twilio`, or `open_to_all`. A route that says neither stops the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from helpline.carrier.signature import is_signed
from helpline.telemetry.counters import Counters

AUTHENTICATION = "authentication"
TWILIO, EVERYBODY = "twilio signature", "everybody"

View = Callable[..., Response]
log = structlog.get_logger(__name__)


class Gate:
    """Lets only requests in that Twilio signed."""

    def __init__(self, tokens: Sequence[str], public_url: str, counters: Counters) -> None:
        self._tokens, self._public_url, self._counters = tuple(tokens), public_url, counters

    def refuses(self) -> Response | None:
        """403 with an empty body for a wrong or missing signature; None lets the request in."""
        if self._is_signed():
            return None
        self._counters.count("signature_refused", route=str(request.url_rule))
        log.warning("signature refused", route=str(request.url_rule))
        return Response(status=403)

    def _is_signed(self) -> bool:
        try:
            return is_signed(request, self._tokens, self._public_url)
        except HTTPException:  # a body that cannot be read, or is too large
            return False


def signed_by_twilio(view: View) -> View:
    """Let a view be reached only by requests that Twilio signed."""

    @wraps(view)
    def checked(**arguments: str) -> Response:
        gate: Gate = current_app.extensions["gate"]
        return gate.refuses() or view(**arguments)

    setattr(checked, AUTHENTICATION, TWILIO)
    return checked


def open_to_all(view: View) -> View:
    """Let a view be reached by everybody."""
    setattr(view, AUTHENTICATION, EVERYBODY)
    return view


def routes_without_authentication(app: Flask) -> list[str]:
    """The routes that do not say who may use them."""
    return [
        str(rule) for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], AUTHENTICATION)
    ]


def twiml(text: str) -> Response:
    return Response(text, content_type="text/xml; charset=utf-8")
