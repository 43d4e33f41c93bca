"""The webhooks of calls: `POST /twilio/voice`, every later turn below it, and the status at the end.

A call of ours begins at `/twilio/voice/ours/...`: all that it needs stands in that address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from flask import Blueprint, Response, request

from helpline.carrier.callers import caller_number
from helpline.carrier.webhooks import signed_by_twilio, twiml
from helpline.conversation.normalise import LONGEST
from helpline.telemetry.counters import Counters
from helpline.voice.calls import Calls

# How a call to us ends that nobody answered: who called hung up while it rang.
MISSED = frozenset({"no-answer", "busy", "canceled"})
ANSWERED = "completed"

Reported = Callable[[str, Mapping[str, str]], Response]
Missed = Callable[[str, str, str], bool]
Answered = Callable[[str, str, str], None]
HandedOut = Callable[[str, Mapping[str, str]], None]

log = structlog.get_logger(__name__)


def nobody_waits(call: str, number: str, status: str) -> None:
    """How calls to us end is let be."""


def nobody_is_called_back(call: str, number: str, status: str) -> bool:
    """Who hung up while it rang is let be."""
    return True


def at_once(number: str) -> int:
    """Nobody has to wait."""
    return 0


def nobody_notes(about: str, form: Mapping[str, str]) -> None:
    """Whether the words of a call were said is let be."""


def voice_routes(
    calls: Calls,
    counters: Counters,
    reported: Reported,
    missed: Missed = nobody_is_called_back,
    answered: Answered = nobody_waits,
    rings: Callable[[str], int] = at_once,
    handed_out: HandedOut = nobody_notes,
) -> Blueprint:
    """`reported` writes down how a call of ours ended, by our own id of it and what the carrier says.

    `missed` is told of each call to us that rang and was not answered: the carrier's id, who called, and how it ended.
    Where it says that this is not settled, the carrier hears an error, and so reports it again.
    `answered` of each that was, once it is over. They are quick, and never raise. `rings` says for how many seconds a
    number's call rings on before it is answered. `handed_out` is told of each call of ours, by our own id of it, whose
    first words are on their way; it is quick, and never raises.
    """
    routes = Blueprint("voice", __name__)

    @routes.post("/twilio/voice")
    @signed_by_twilio
    def call_came_in() -> Response:
        form = request.form
        number = _person(form)
        return twiml(calls.begin(form.get("CallSid", ""), number, rings(number)))

    @routes.post("/twilio/voice/ours/<where>")
    @signed_by_twilio
    def we_called(where: str) -> Response:
        form = request.form
        answer = twiml(calls.ours(form.get("CallSid", ""), where, form.get("AnsweredBy", ""), _person(form)))
        handed_out(request.args.get("message", ""), form)
        return answer

    @routes.post("/twilio/voice/turn/<where>")
    @signed_by_twilio
    def key_or_words(where: str) -> Response:
        form = request.form
        keys = form.get("Digits", "")
        words = form.get("SpeechResult", "")[:LONGEST]
        answer = calls.go_on(form.get("CallSid", ""), where, keys, words, _person(form))
        if _is_ours(form):  # whoever only lets us talk has not been in contact
            calls.ended(_person(form))
        return twiml(answer)

    @routes.post("/twilio/voice/silence/<where>")
    @signed_by_twilio
    def silence(where: str) -> Response:
        form = request.form
        return twiml(calls.go_on(form.get("CallSid", ""), where, "", "", _person(form)))

    @routes.post("/twilio/voice/dialled/<where>")
    @signed_by_twilio
    def one_of_us_was_called(where: str) -> Response:
        form = request.form
        how = (form.get("DialCallStatus", ""), _person(form), form.get("DialBridged", "").lower())
        return twiml(calls.dialled(form.get("CallSid", ""), where, *how))

    @routes.post("/twilio/voice/status")
    @signed_by_twilio
    def call_status() -> Response:
        about = request.args.get("message")
        if about is not None:
            return reported(about, request.form)
        form = request.form
        status = form.get("CallStatus", "")
        known = status if status.replace("-", "").isalpha() and len(status) < 20 else "other"
        if known in MISSED and not _is_ours(form) and not missed(form.get("CallSid", ""), _person(form), known):
            return Response(status=503)
        counters.count("calls", status=known)
        log.info("call status", key=form.get("CallSid", ""), status=known)
        calls.ended(_person(form))
        if known == ANSWERED and not _is_ours(form):
            answered(form.get("CallSid", ""), _person(form), known)
        return Response(status=204)

    return routes


def _person(form: Mapping[str, str]) -> str:
    """Who is on the phone: who called us, or whom we called. Nothing for a withheld number."""
    return caller_number(form.get("To" if _is_ours(form) else "From", ""))


def _is_ours(form: Mapping[str, str]) -> bool:
    """Whether we made this call. Each request of a call tells it."""
    return form.get("Direction", "").startswith("outbound")
