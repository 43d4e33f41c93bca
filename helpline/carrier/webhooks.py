"""The webhooks' gate: only requests that Twilio signed get in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps

import structlog
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from helpline.authentication import TWILIO, View, let_in
from helpline.carrier.signature import is_signed
from helpline.telemetry.counters import Counters

log = structlog.get_logger(__name__)


class Gate:
    """Lets only requests in that Twilio signed."""

    def __init__(self, tokens: Sequence[str], public_url: str, counters: Counters) -> None:
        self._tokens, self._public_url, self._counters = tuple(tokens), public_url, counters

    def refuses(self) -> Response | None:
        """403 with an empty body for a wrong or missing signature, 413 for a body too large; None lets it in."""
        try:
            if self._is_signed():
                return None
        except RequestEntityTooLarge:
            self._counters.count("body_refused", route=str(request.url_rule))
            log.warning("body refused", route=str(request.url_rule))
            return Response(status=413)
        self._counters.count("signature_refused", route=str(request.url_rule))
        log.warning("signature refused", route=str(request.url_rule))
        return Response(status=403)

    def _is_signed(self) -> bool:
        most = current_app.config["MAX_CONTENT_LENGTH"]
        if most is not None and (request.content_length or 0) > most:  # without reading any of it
            raise RequestEntityTooLarge
        try:
            signed = is_signed(request, self._tokens, self._public_url)
            if not signed and most is not None and len(request.get_data()) >= most:  # one that told no length
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
        return gate.refuses() or view(**arguments)

    return let_in(checked, TWILIO)


def twiml(text: str) -> Response:
    return Response(text, content_type="text/xml; charset=utf-8")
