"""The carrier's official client, one for each thread, and what each of its answers and failures means."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as ConnectionBroken
from requests.exceptions import ConnectTimeout, RequestException, SSLError, Timeout
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from helpline.carrier.client import number
from helpline.carrier.connections import Connections, pool_of
from helpline.carrier.errors import act_on
from helpline.carrier.results import Busy, NotSent, Refused, Result, Sent, Unsure

LOOK_UP_ERRORS = (RequestException, TwilioException, ValueError, KeyError, TypeError, AttributeError)


class OfficialClients:
    """What `Clients` loads with its first use."""

    def __init__(self, account: str, credentials: tuple[str, str], address: str, at_once: int) -> None:
        self._account, self._credentials, self._address, self._at_once = account, credentials, address, at_once
        self._lock = threading.Lock()
        self._process, self._pool, self._threads = 0, pool_of(at_once), threading.local()

    def hand_over(self, create: Callable[[Client], Any], sids: re.Pattern[str]) -> Result:
        """See `Clients`."""
        try:
            client, connections = self._mine()
            made = create(client)
            sid, status = made.sid, made.status
        except (TwilioRestException, TwilioServiceException) as answer:
            return _refusal(number(answer.code), number(answer.status), connections.retry_after)
        except RequestException as error:
            return NotSent(word_for(error)) if never_connected(error) else Unsure(word_for(error))
        except Exception as error:  # an answer that nobody can read says nothing about what became of it
            return Unsure(word_for(error))
        if not isinstance(sid, str) or not sids.fullmatch(sid):
            return Unsure("no sid")
        return Sent(sid, str(status or ""))

    def mine(self) -> Client:
        """This thread's client. The library hands results over by attributes, so that threads must not share one."""
        return self._mine()[0]

    def _mine(self) -> tuple[Client, Connections]:
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
    if 200 <= http < 300 or http == 408:  # a time-out of a proxy in between says nothing about what became of it
        return Unsure(f"http {http}")
    return Refused(code, http)


def word_for(error: Exception) -> str:
    """What happened, as a word: the text of an error may hold the number in an address."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return type(reason or error).__name__[:40]
