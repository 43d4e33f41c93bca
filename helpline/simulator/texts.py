"""Texts as the carrier hands them to the server, and the answers that come back."""

from __future__ import annotations

from helpline.menus import gsm7
from helpline.settings import Settings
from helpline.simulator.twiml import Message, Unknown, read_twiml
from helpline.simulator.webhooks import CarrierError, Webhooks, sid

PATH = "/twilio/sms"


class TextLine:
    """One phone that texts with the helpline."""

    def __init__(self, webhooks: Webhooks, settings: Settings, number: str) -> None:
        self._webhooks, self._settings, self.number = webhooks, settings, number

    def send(self, body: str) -> list[str]:
        """Text the helpline; the messages that it answers with, none for silence."""
        verbs = read_twiml(self._webhooks.post(self._webhooks.url(PATH), self._form(body)))
        for verb in verbs:
            if not isinstance(verb, Message):
                name = verb.verb if isinstance(verb, Unknown) else type(verb).__name__
                raise CarrierError(f"The answer holds <{name}>, which means nothing in answer to a text.")
        return [verb.body for verb in verbs if isinstance(verb, Message)]

    def _form(self, body: str) -> dict[str, str]:
        sender, message = self._settings.sms_sender, sid("SM")
        service = {"MessagingServiceSid": sender} if sender.startswith("MG") else {}
        return {
            "ToCountry": "FR",
            "ToState": "",
            "SmsMessageSid": message,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": message,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "FR",
            "To": self._settings.voice_number if service else sender,
            **service,
            "ToZip": "",
            "NumSegments": str(gsm7.segments(body)),
            "MessageSid": message,
            "AccountSid": self._settings.twilio_account_sid,
            "From": self.number,
            "ApiVersion": "2010-04-01",
        }
