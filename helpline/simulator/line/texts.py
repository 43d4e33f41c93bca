"""Texts as the carrier hands them to the server, and the answers that come back."""

from __future__ import annotations

from helpline.menus import gsm7
from helpline.settings import Settings
from helpline.simulator.line.numbers import country, why_no_texts
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.line.webhooks import sid as new_sid
from helpline.simulator.line.wishes import OF_ENTRIES
from helpline.simulator.twiml.reading import Message, read_texts

PATH = f"/twilio/sms{OF_ENTRIES}"
MEDIA_TYPE = "image/jpeg"


class TextLine:
    """One phone that texts with the helpline."""

    def __init__(self, webhooks: Webhooks, settings: Settings, number: str) -> None:
        self._webhooks, self._settings, self.number = webhooks, settings, number

    def send(self, body: str, *, media: int = 0, sid: str = "", opt_out: str = "") -> list[str]:
        """Text the helpline; the messages that it answers with, none for silence.

        `media` pictures come with it. `sid` of an earlier text repeats it. `opt_out` is STOP, START or HELP where the
        carrier has answered already.
        """
        if problem := why_no_texts(self.number):
            raise CarrierError(problem)
        form = self._form(body, media, sid or new_sid("SM")) | ({"OptOutType": opt_out} if opt_out else {})
        return [verb.body for verb in self._read(self._webhooks.post(self._webhooks.url(PATH), form))]

    def _read(self, answer: str) -> tuple[Message, ...]:
        messages, faults = read_texts(answer)
        if faults:
            raise CarrierError(" ".join(faults))
        return messages

    def _form(self, body: str, media: int, message: str) -> dict[str, str]:
        sender = self._settings.sms_sender
        service = {"MessagingServiceSid": sender} if sender.startswith("MG") else {}
        return {
            "ToCountry": "FR",
            "ToState": "",
            "SmsMessageSid": message,
            "NumMedia": str(media),
            "ToCity": "",
            "FromZip": "",
            "SmsSid": message,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": country(self.number),
            "To": self._settings.voice_number if service else sender,
            **service,
            "ToZip": "",
            "NumSegments": str(gsm7.segments(body)),
            "MessageSid": message,
            "AccountSid": self._settings.twilio_account_sid,
            "From": self.number,
            "ApiVersion": "2010-04-01",
            **self._media(media, message),
        }

    def _media(self, media: int, message: str) -> dict[str, str]:
        """Where each picture lies, and of what kind it is."""
        account = self._settings.twilio_account_sid
        found = {}
        for index in range(media):
            where = f"/2010-04-01/Accounts/{account}/Messages/{message}/Media/ME{index:032d}"
            found[f"MediaUrl{index}"] = f"{self._settings.twilio_api_url}{where}"
            found[f"MediaContentType{index}"] = MEDIA_TYPE
        return found
