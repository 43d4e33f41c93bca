"""Calling somebody from the desk: the operator's phone rings first; a key pressed there calls who asked.

So no answering machine is put through to anybody. The number stands in no address: the carrier asks for it by the id of
the request and a token, and gets it only while that operator has taken that request.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

import phonenumbers
from phonenumbers import PhoneNumberFormat
from sqlalchemy import Connection, func, select, update

from helpline.call_requests.taking import mine
from helpline.call_requests.waiting import Request
from helpline.carrier.errors import act_on, is_about_account
from helpline.carrier.results import Busy, NotSent, Refused, Result, Sent, Unsure
from helpline.consent.reach import may_call
from helpline.records.desk_tables import audit, call_requests
from helpline.records.sealing import Seals

MOST_AN_HOUR = 20  # calls of one operator
BETWEEN_CALLS = timedelta(seconds=30)  # of one request
RINGS_SECONDS = 40  # at who asked
LONGEST_CALL_SECONDS = 3600
_KEY_SECONDS = 8
_HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'

Began = Literal["ringing", "unsure", "not_connected", "busy", "account", "no_calls", "refused"]


@dataclass(frozen=True, slots=True)
class Said:
    """Words for the operator's ear, and the voice that says them."""

    words: str
    locale: str
    voice: str = ""


def phone_of(typed: str, countries: Collection[str]) -> str:
    """An operator's own phone as they typed it, with its country; nothing where it is none that we call."""
    try:
        parsed = phonenumbers.parse(typed, "FR")
    except phonenumbers.NumberParseException:
        return ""
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return number if may_call(number, countries) else ""


def called_lately(connection: Connection, who: str, now: datetime) -> int:
    """How many calls this operator made within the hour, by the audit trail. `now` is the real time, as there."""
    theirs = (audit.c.who == who, audit.c.what == "call_request_called", audit.c.at > now - timedelta(hours=1))
    return connection.scalar(select(func.count()).where(*theirs)) or 0


def token_of(request: Request, mark: Callable[[str], str]) -> str:
    """What an address of this try is known by. `mark` is keyed: nobody makes one up."""
    asked = int(request.asked_at.timestamp())
    return mark(f"{request.id} {request.taken_by} {request.tries} {asked}")[:32]


def fits(request: Request | None, token: str, mark: Callable[[str], str]) -> bool:
    """Whether an address still leads to somebody: it was made for this try, by whoever has the request now."""
    if request is None or request.state != "taken":
        return False
    return hmac.compare_digest(token_of(request, mark).encode(), token.encode())


def number_of(connection: Connection, seals: Seals, request_id: int, who: str) -> str:
    """The number to call, for who has taken the request; nothing for anybody else. UnknownKey if no key opens it."""
    sealed = connection.scalar(select(call_requests.c.number).where(*mine(request_id, who)))
    return seals.open(sealed) if sealed else ""


def rings_already(connection: Connection, request_id: int, now: datetime) -> bool:
    """Whether a phone was called for this request just now: a button is pressed twice. `now` is the real time."""
    lately = (call_requests.c.called_at > now - BETWEEN_CALLS, call_requests.c.called_at <= now)
    found = select(call_requests.c.id).where(call_requests.c.id == request_id, *lately)
    return connection.scalar(found) is not None


def note_call(connection: Connection, request_id: int, who: str, at: datetime | None) -> None:
    """That a phone is called for it from this moment, or that none was after all."""
    connection.execute(update(call_requests).where(*mine(request_id, who)).values(called_at=at))


def began(result: Result) -> Began:
    """What the carrier's answer means for who wants to call."""
    match result:
        case Sent():
            return "ringing"
        case Unsure():
            return "unsure"
        case NotSent():
            return "not_connected"
        case Busy():
            return "busy"
        case Refused(code, http):
            act = act_on(code, http)
            if act == "operator":
                return "account" if is_about_account(code or http) else "no_calls"
            return "no_calls" if act == "no_calls" else "refused"


def press_a_key(asks: Said, go_on: str, nobody: str) -> str:
    """To whoever picked up: a key, which leads on, or the address of silence."""
    gather = (
        f'<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="{_KEY_SECONDS}" method="POST" '
        f"action={quoteattr(go_on)}>{_say(asks, times=2)}</Gather>"
    )
    return f'{_HEAD}{gather}<Redirect method="POST">{escape(nobody)}</Redirect></Response>'


def put_through(said: Said, number: str, caller_id: str, over: str) -> str:
    """Who asked is called, and sees our number."""
    dial = (
        f'<Dial answerOnBridge="true" callerId={quoteattr(caller_id)} timeout="{RINGS_SECONDS}" '
        f'timeLimit="{LONGEST_CALL_SECONDS}" method="POST" action={quoteattr(over)}>'
        f"<Number>{escape(number)}</Number></Dial>"
    )
    return f"{_HEAD}{_say(said)}{dial}</Response>"


def last_words(said: Said) -> str:
    """The operator's call ends with these."""
    return f"{_HEAD}{_say(said)}<Hangup/></Response>"


def _say(said: Said, times: int = 1) -> str:
    voice = f" voice={quoteattr(said.voice)}" if said.voice else ""
    again = f' loop="{times}"' if times > 1 else ""
    return f"<Say{voice} language={quoteattr(said.locale)}{again}>{escape(said.words)}</Say>"
