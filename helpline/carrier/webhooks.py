"""The webhooks' gate: only requests that Twilio signed get in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps

import structlog
from flask import Request, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from helpline.authentication import TWILIO, View, let_in
from helpline.carrier.signature import is_signed
from helpline.telemetry.counters import Counters

LARGEST_BODY = 64 * 1024

log = structlog.get_logger(__name__)


class Gate:
    """Lets only requests in that Twilio signed."""

    def __init__(self, tokens: Sequence[str], public_url: str, counters: Counters, largest: int = LARGEST_BODY) -> None:
        self._tokens, self._public_url, self._counters = tuple(tokens), public_url, counters
        self._largest = largest

    def refuses(self, asked: Request) -> Response | None:
        """403 with an empty body for a wrong or missing signature, 413 for a body too large; None lets it in."""
        try:
            if self._is_signed(asked):
                return None
        except RequestEntityTooLarge:
            self._counters.count("body_refused", route=str(asked.url_rule))
            log.warning("body refused", route=str(asked.url_rule))
            return Response(status=413)
        self._counters.count("signature_refused", route=str(asked.url_rule))
        log.warning("signature refused", route=str(asked.url_rule))
        return Response(status=403)

    def _is_signed(self, asked: Request) -> bool:
        if (asked.content_length or 0) > self._largest:  # without reading any of it
            raise RequestEntityTooLarge
        try:
            signed = is_signed(asked, self._tokens, self._public_url)
            if not signed and len(asked.get_data()) >= self._largest:  # one that told no length
                raise RequestEntityTooLarge
        except RequestEntityTooLarge:
            raise
        except HTTPException:  # a body that cannot be read
            return False
        return signed


def signed_by_twilio(view: View) -> View:
    """Let a view be reached only by requests that Twilio signed."""

    @wraps(view)
    def checked(**arguments: str) -> Response:
        gate: Gate = current_app.extensions["gate"]
        return gate.refuses(request._get_current_object()) or view(**arguments)  # type: ignore[attr-defined]

    return let_in(checked, TWILIO)


def twiml(text: str) -> Response:
    return Response(text, content_type="text/xml; charset=utf-8")
