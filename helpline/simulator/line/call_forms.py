"""What the carrier posts about a call (twilio.com/docs/voice/twiml, "Twilio's request to your application")."""

from __future__ import annotations

from email.utils import formatdate

from helpline.settings import Settings
from helpline.simulator.line.numbers import country


def call_form(settings: Settings, number: str, sid: str, status: str, direction: str) -> dict[str, str]:
    """What comes with every request of a call with the phone of that number."""
    ours = settings.voice_number
    sender, to = (number, ours) if direction == "inbound" else (ours, number)
    return {
        "CallSid": sid,
        "AccountSid": settings.twilio_account_sid,
        "From": sender,
        "To": to,
        "Caller": sender,
        "Called": to,
        "CallStatus": status,
        "Direction": direction,
        "ApiVersion": "2010-04-01",
        "FromCountry": country(sender),
        "FromCity": "",
        "ToCountry": country(to),
        "ToCity": "",
    }


def end_of(seconds: int) -> dict[str, str]:
    """What comes besides with the report that a call is over, which was so long."""
    return {
        "CallDuration": str(seconds),
        "Duration": str(-(-seconds // 60)),
        "SequenceNumber": "0",
        "CallbackSource": "call-progress-events",
        "Timestamp": formatdate(),
    }
