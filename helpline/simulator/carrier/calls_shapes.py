"""The Calls API on the wire: which posts are taken, what is reported, and the JSON that the official client reads.

After twilio.com/docs/voice/api/call-resource (November 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from helpline.simulator.carrier.answering import DETECTIONS
from helpline.simulator.carrier.calls_journal import KeptCall
from helpline.simulator.carrier.messages_shapes import NUMBER
from helpline.simulator.phones.line_call import LineCall

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_RING = 600
_WEB = ("http://", "https://")


def refused_call(form: Mapping[str, str], events: list[str]) -> tuple[int, str] | None:
    """The code and words with which a post of a new call is refused, if it is."""
    to, sender, timeout = form.get("To", ""), form.get("From", ""), form.get("Timeout") or "1"
    if not to:
        return 21201, "No 'To' number is specified"
    if not NUMBER.fullmatch(to):
        return 21211, f"Invalid 'To' Phone Number: {to[:4]}XXXX"
    if not sender:
        return 21213, "Caller phone number is required"
    if not NUMBER.fullmatch(sender):
        return 21212, f"Invalid 'From' Phone Number: {sender}"
    if not form.get("Twiml") and not form.get("Url", "").startswith(_WEB):
        return 21205, "Url parameter is required, or Twiml."
    if form.get("Method", "POST").upper() != "POST":
        return 20001, "Only Method=POST is simulated."
    if form.get("StatusCallback") and not form["StatusCallback"].startswith(_WEB):
        return 21609, "The 'StatusCallback' URL is not a valid URL."
    if unknown := sorted(set(events) - EVENTS):
        return 21626, f"Invalid StatusCallbackEvent: {', '.join(unknown)}"
    if not timeout.isdigit() or not 1 <= int(timeout) <= LONGEST_RING:
        return 20001, f"Invalid Timeout: whole seconds from 1 to {LONGEST_RING}"
    if form.get("MachineDetection", "") not in DETECTIONS:
        return 20001, "Invalid MachineDetection: Enable or DetectMessageEnd"
    if form.get("AsyncAmd", "false") != "false":
        return 20001, "AsyncAmd is not simulated."
    return None


def kept_call(line: LineCall) -> KeptCall:
    """A call on a phone's line as the carrier keeps it."""
    return KeptCall(
        sid=line.sid,
        to=line.to,
        sender=line.sender,
        direction="outbound-api" if line.direction == "incoming" else "inbound",
        at=line.made,
        status=line.state,
        url=line.url,
        callback=line.callback,
        answered=line.answered,
        ended=line.ended,
        seconds=line.seconds,
        answered_by=line.answered_by,
        heard=line.heard,
    )


def report(call: KeptCall, status: str, account: str, number: int) -> dict[str, str]:
    """One report on a call, the `number`-th from 0."""
    over = {} if call.ended is None else {"CallDuration": str(call.seconds), "Duration": str(-(-call.seconds // 60))}
    heard = {"AnsweredBy": call.answered_by} if call.answered_by and over else {}
    return {
        "CallSid": call.sid,
        "AccountSid": account,
        "From": call.sender,
        "To": call.to,
        "Caller": call.sender,
        "Called": call.to,
        "CallStatus": status,
        "Direction": call.direction,
        "ApiVersion": "2010-04-01",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(number),
        "Timestamp": _date(call.latest),
        **over,
        **heard,
    }


def resource(call: KeptCall, account: str) -> dict[str, Any]:
    """One call as the API shows it."""
    uri = f"/2010-04-01/Accounts/{account}/Calls/{call.sid}"
    made = _date(call.at)
    return {
        "account_sid": account,
        "annotation": None,
        "answered_by": call.answered_by or None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": made,
        "date_updated": _date(call.latest),
        "direction": call.direction,
        "duration": None if call.ended is None else str(call.seconds),
        "end_time": None if call.ended is None else _date(call.ended),
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "EUR",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": None if call.status == "queued" else made,
        "status": call.status,
        "subresource_uris": {},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC))
