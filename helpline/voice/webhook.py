"""The webhooks of calls: `POST /twilio/voice`, every later turn below it, and the status at the end."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from helpline.carrier.callers import caller_number
from helpline.carrier.webhooks import signed_by_twilio, twiml
from helpline.conversation.normalise import LONGEST
from helpline.telemetry.counters import Counters
from helpline.voice.calls import Calls

log = structlog.get_logger(__name__)


def voice_routes(calls: Calls, counters: Counters) -> Blueprint:
    routes = Blueprint("voice", __name__)

    @routes.post("/twilio/voice")
    @signed_by_twilio
    def call_came_in() -> Response:
        return twiml(calls.begin(request.form.get("CallSid", ""), _caller()))

    @routes.post("/twilio/voice/turn/<where>")
    @signed_by_twilio
    def key_or_words(where: str) -> Response:
        form = request.form
        keys = form.get("Digits", "")
        words = form.get("SpeechResult", "")[:LONGEST]
        return twiml(calls.go_on(form.get("CallSid", ""), where, keys, words, _caller()))

    @routes.post("/twilio/voice/silence/<where>")
    @signed_by_twilio
    def silence(where: str) -> Response:
        return twiml(calls.go_on(request.form.get("CallSid", ""), where, "", "", _caller()))

    @routes.post("/twilio/voice/status")
    @signed_by_twilio
    def call_status() -> Response:
        status = request.form.get("CallStatus", "")
        known = status if status.replace("-", "").isalpha() and len(status) < 20 else "other"
        counters.count("calls", status=known)
        log.info("call status", key=request.form.get("CallSid", ""), status=known)
        calls.ended(_caller())
        return Response(status=204)

    return routes


def _caller() -> str:
    """Who calls; nothing for a withheld number. Each request of a call tells it."""
    return caller_number(request.form.get("From", ""))
