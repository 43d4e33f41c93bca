"""Texts handed to the carrier, and the carrier's list of them, through the official client.

How it went is a value: what must never be sent twice is told apart by what is known of it, not by the kind of error.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as ConnectionBroken
from requests.exceptions import ConnectTimeout, RequestException, SSLError, Timeout
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from helpline.carrier.connections import Connections, pool_of
from helpline.carrier.errors import act_on

SHORTEST_VALIDITY, LONGEST_VALIDITY = 1, 36_000
AT_ONCE = 16  # threads of a process that talk to the carrier
REPORTS_PATH = "/twilio/sms/status"
# Twilio asks three times more where we do not answer or answer 5xx. The fragment is for Twilio only: it is not signed.
_ASK_AGAIN = "#rc=3&rp=ct,rt,5xx"
_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_PAGE, _LARGEST_PAGE = 100, 1000
_MOST_LOOKED_AT = 1000  # messages of one number

Direction = Literal["outbound-api", "outbound-reply", "outbound-call", "inbound"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The carrier took it."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier did not take it: `errors.act_on(code, http)` says what to do."""

    code: int
    http: int


@dataclass(frozen=True, slots=True)
class Busy:
    """The carrier did not take it now. `retry_after`: seconds that it asked for, or 0."""

    retry_after: float = 0.0
    code: int = 20429


@dataclass(frozen=True, slots=True)
class NotSent:
    """The carrier was not reached: nothing was sent, for sure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may or may not have been taken: only the carrier's list tells."""

    reason: str


Result = Sent | Refused | Busy | NotSent | Unsure


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as the carrier's list has it."""

    sid: str
    to: str = field(repr=False)
    sender: str = field(repr=False)
    body: str = field(repr=False)
    created: datetime
    direction: str
    status: str
    code: int = 0


class CarrierAway(Exception):
    """The carrier's list cannot be had now. Says why, without a number."""


class Carrier:
    """The carrier's Messages API. Threads may share it: each gets a client, all share the connections.

    `credentials` are an API key and its secret, or the account and its token; `address` and `public_url` have no
    slash at their end. Made before a fork, it is fit for use after it.
    """

    def __init__(
        self,
        account: str,
        credentials: tuple[str, str],
        sender: str,
        address: str,
        public_url: str,
        at_once: int = AT_ONCE,
    ) -> None:
        self._account, self._credentials, self._address, self._at_once = account, credentials, address, at_once
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._reports = f"{public_url}{REPORTS_PATH}?message="
        self._lock = threading.Lock()
        self._process, self._pool, self._threads = 0, pool_of(at_once), threading.local()

    def send(self, to: str, body: str, valid_seconds: int, report: str = "") -> Result:
        """Hand over one text, once. Waits for at most 15 seconds, and never raises.

        `report` is our own id of this try, which the carrier puts into its status reports; without it there are none.
        """
        try:
            client, connections = self._client()
            made = client.messages.create(
                to=to,
                body=body,
                validity_period=min(max(valid_seconds, SHORTEST_VALIDITY), LONGEST_VALIDITY),
                smart_encoded=False,
                **self._sender,
                **({"status_callback": f"{self._reports}{report}{_ASK_AGAIN}"} if report else {}),
            )
            sid, status = made.sid, made.status
        except (TwilioRestException, TwilioServiceException) as answer:
            return _refusal(_number(answer.code), _number(answer.status), connections.retry_after)
        except RequestException as error:
            return NotSent(_name(error)) if never_connected(error) else Unsure(_name(error))
        except Exception as error:  # an answer that nobody can read says nothing about what became of the text
            return Unsure(_name(error))
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            return Unsure("no sid")
        return Sent(sid, str(status or ""))

    def sent_to(self, to: str, since: datetime) -> list[Listed]:
        """What was sent to a number since then, newest first. CarrierAway if the list cannot be had.

        Asked for by number alone: what still waits at the carrier has no DateSent yet, and a filter might leave it
        out. The list has the newest DateSent first, and a text waits for at most `LONGEST_VALIDITY`.
        """
        found: list[Listed] = []
        for message in self._list(_PAGE, to=to, limit=_MOST_LOOKED_AT):
            if message.created < since - timedelta(seconds=LONGEST_VALIDITY):
                break
            if message.created >= since:
                found.append(message)
        return found

    def one(self, sid: str) -> Listed:
        """One message by its sid. CarrierAway if it cannot be had."""
        try:
            return _listed(self._client()[0].messages(sid).fetch())
        except (RequestException, TwilioException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CarrierAway(_name(error)) from None  # the error's own words hold the number

    def listed(self, since: datetime, direction: Direction | None = None) -> Iterator[Listed]:
        """Everything since then, newest first, page by page. CarrierAway if the list cannot be had."""
        # The carrier reads whole days: one more, so that nothing sent around midnight is left out.
        from_day = since.astimezone(UTC) - timedelta(days=1)
        for message in self._list(_LARGEST_PAGE, date_sent_after=from_day):
            if message.created >= since and direction in (None, message.direction):
                yield message

    def preload(self) -> None:
        """Load what the first text would otherwise wait for. Before a fork, once for all children."""
        _ = self._client()[0].messages

    def _list(self, page_size: int, **wanted: Any) -> Iterator[Listed]:
        try:
            for message in self._client()[0].messages.stream(page_size=page_size, **wanted):
                yield _listed(message)
        except (RequestException, TwilioException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CarrierAway(_name(error)) from None  # the error's own words hold the number

    def _client(self) -> tuple[Client, Connections]:
        """This thread's client. The library hands results over by attributes, so that threads must not share one."""
        if self._process != os.getpid():
            with self._lock:
                if self._process != os.getpid():  # the connections of before a fork are the parent's
                    self._pool, self._threads = pool_of(self._at_once), threading.local()
                    self._process = os.getpid()
        found: tuple[Client, Connections] | None = getattr(self._threads, "client", None)
        if found is None:
            found = self._threads.client = self._new_client(self._pool)
        return found

    def _new_client(self, pool: HTTPAdapter) -> tuple[Client, Connections]:
        connections = Connections(self._address, pool)
        user, password = self._credentials
        # An environment of its own: TWILIO_EDGE or TWILIO_REGION of the surroundings would change the address.
        surroundings = {"TWILIO_ACCOUNT_SID": self._account}
        return Client(user, password, self._account, http_client=connections, environment=surroundings), connections


def never_connected(error: RequestException) -> bool:
    """Whether a request cannot have reached the carrier: refused, no such host, no connection in time, no trust."""
    if isinstance(error, ConnectTimeout):
        return True
    if isinstance(error, Timeout) or not isinstance(error, ConnectionBroken):
        return False
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, SSLError):  # others may also come in the middle of an exchange
        return "CERTIFICATE_VERIFY_FAILED" in str(reason)
    return isinstance(reason, NewConnectionError)  # and NameResolutionError, which is one


def _refusal(code: int, http: int, retry_after: str) -> Result:
    if http >= 500:
        return Unsure(f"http {http}")
    if http == 429 or act_on(code, http) == "back_off":
        return Busy(float(retry_after) if retry_after.isdecimal() else 0.0, code)
    if 200 <= http < 300 or http == 408:  # a time-out of a proxy in between says nothing about the text
        return Unsure(f"http {http}")
    return Refused(code, http)


def _listed(message: Any) -> Listed:
    if not isinstance(message.date_created, datetime):
        raise TypeError("a message of the list has no date")
    return Listed(
        sid=str(message.sid),
        to=str(message.to or ""),
        sender=str(message.from_ or message.messaging_service_sid or ""),
        body=str(message.body or ""),
        created=message.date_created,
        direction=str(message.direction or ""),
        status=str(message.status or ""),
        code=_number(message.error_code),
    )


def _number(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return 0


def _name(error: Exception) -> str:
    """What happened, as a word: the text of an error may hold the number in an address."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return type(reason or error).__name__[:40]
