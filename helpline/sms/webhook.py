"""`POST /twilio/sms`: a text that came in, answered in TwiML."""

from __future__ import annotations

from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from helpline.carrier.callers import caller_number
from helpline.carrier.webhooks import signed_by_twilio, twiml
from helpline.conversation.normalise import LONGEST
from helpline.sms.texts import Text, Texts


def sms_routes(texts: Texts) -> Blueprint:
    routes = Blueprint("sms", __name__)

    @routes.post("/twilio/sms")
    @signed_by_twilio
    def text_came_in() -> Response:
        form = request.form
        text = Text(
            message=form.get("MessageSid", "") or form.get("SmsSid", ""),
            number=caller_number(form.get("From", "")),
            body=form.get("Body", "")[:LONGEST],
            opt_out=form.get("OptOutType", "").upper(),
        )
        return twiml(messages_twiml(texts.answer(text)))

    return routes


def messages_twiml(messages: tuple[str, ...]) -> str:
    """The answer as TwiML; without messages an empty response, which Twilio takes for silence."""
    inside = "".join(f"<Message>{escape(message)}</Message>" for message in messages)
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'
