"""The Messages API on the wire: which posts are taken, and the JSON that the official client reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from helpline.menus import gsm7
from helpline.simulator.carrier.behaviour import HTTP_STATUSES
from helpline.simulator.carrier.http import Answer
from helpline.simulator.carrier.journal import INBOUND, Message
from helpline.simulator.line.numbers import is_landline

LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000
NO_SUCH = 20404
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
# What an HTTP status is called in the carrier's own numbers, and the other way round.
_CODES = {401: 20003, 403: 20403, 404: NO_SUCH, 429: 20429, 500: 20500, 502: 20502, 503: 20503, 504: 20504}
_STATUSES = {code: status for status, code in _CODES.items()}


def refused_parameter(form: Mapping[str, str]) -> tuple[int, str] | None:
    """The code and words with which a post of a new message is refused, if it is."""
    to, body, validity = form.get("To", ""), form.get("Body", ""), form.get("ValidityPeriod", "1")
    callback = form.get("StatusCallback", "")
    if not to:
        return 21604, "A 'To' phone number is required."
    if not NUMBER.fullmatch(to):
        return 21211, f"Invalid 'To' Phone Number: {to[:4]}XXXX"
    if is_landline(to):
        return 21614, f"'To' number is not a valid mobile number: {to[:4]}XXXX"
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603, "A 'From' phone number or a MessagingServiceSid is required."
    if not body:
        return 21602, "Message body is required."
    if len(body) > LONGEST_BODY:
        return 21617, f"The concatenated message body exceeds the {LONGEST_BODY} character limit"
    if not validity.isdigit() or not 1 <= int(validity) <= LONGEST_VALIDITY:
        return 21624, f"Invalid validity period value: whole seconds from 1 to {LONGEST_VALIDITY}"
    if callback and not callback.startswith(("http://", "https://")):
        return 21609, "The 'StatusCallback' URL is not a valid URL."
    return None


def error(code: int, message: str = "") -> Answer:
    """An error as the carrier puts it; `code` is one of its own, or an HTTP status."""
    status = code if code in HTTP_STATUSES else _STATUSES.get(code, 400)
    number = _CODES.get(code, code)
    more = f"https://www.twilio.com/docs/errors/{number}"
    told = {"code": number, "message": message or f"Refused with {number}", "more_info": more, "status": status}
    return Answer(status, json.dumps(told).encode())


def resource(message: Message, account: str, status: str) -> dict[str, Any]:
    """One message as the API shows it."""
    made = format_datetime(message.moment)
    uri = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    by_service = message.sender.startswith("MG")
    undelivered = status == "undelivered"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": made,
        "date_sent": None if status in ("accepted", "queued") and message.direction != INBOUND else made,
        "date_updated": made,
        "direction": message.direction,
        "error_code": int(message.fate) if undelivered else None,
        "error_message": "Not delivered" if undelivered else None,
        "from": None if by_service else message.sender,
        "messaging_service_sid": message.sender if by_service else None,
        "num_media": "0",
        "num_segments": str(gsm7.segments(message.body)),
        "price": None,
        "price_unit": "EUR",
        "sid": message.sid,
        "status": "received" if message.direction == INBOUND else status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "tags": None,
        "to": message.to,
        "uri": f"{uri}.json",
    }
