"""Texts handed to the carrier, and the carrier's list of them, through the official client."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from helpline.carrier.ask_again import ASK_AGAIN
from helpline.carrier.calling import Calling, ListedCall
from helpline.carrier.client import AT_ONCE, Clients, looking_up, number
from helpline.carrier.results import Result
from helpline.telemetry.latency import Took, took_nothing

SHORTEST_VALIDITY, LONGEST_VALIDITY = 1, 36_000
REPORTS_PATH = "/twilio/sms/status"
_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_PAGE, _LARGEST_PAGE = 100, 1000
_MOST_LOOKED_AT = 1000  # messages of one number

Direction = Literal["outbound-api", "outbound-reply", "outbound-call", "inbound"]


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


class Carrier:
    """The carrier's Messages API and Calls API. Threads may share it. Made before a fork, it is fit for use after it.

    `credentials` are an API key and its secret, or the account and its token; `address` and `public_url` have no
    slash at their end. `sender` sends texts, `voice` is the number that calls come from. `took` is told how long
    handing something over took.
    """

    def __init__(
        self,
        account: str,
        credentials: tuple[str, str],
        sender: str,
        address: str,
        public_url: str,
        at_once: int = AT_ONCE,
        voice: str = "",
        took: Took = took_nothing,
    ) -> None:
        self._clients = Clients(account, credentials, address, at_once)
        self._calling = Calling(self._clients, voice, public_url)
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._reports = f"{public_url}{REPORTS_PATH}?message="
        self.public_url, self._took = public_url, took

    def send(self, to: str, body: str, valid_seconds: int, report: str = "") -> Result:
        """Hand over one text, once. Waits for at most 15 seconds, and never raises.

        `report` is our own id of this try, which the carrier puts into its status reports; without it there are none.
        """
        began = time.monotonic()
        result = self._clients.hand_over(
            lambda client: client.messages.create(
                to=to,
                body=body,
                validity_period=min(max(valid_seconds, SHORTEST_VALIDITY), LONGEST_VALIDITY),
                smart_encoded=False,
                **self._sender,
                **({"status_callback": f"{self._reports}{report}{ASK_AGAIN}"} if report else {}),
            ),
            _SID,
        )
        self._took("sms", time.monotonic() - began, _kind(result))
        return result

    def call(self, to: str, url: str, report: str = "", machine: bool = True) -> Result:
        """Have a number called, once: see `Calling`."""
        began = time.monotonic()
        result = self._calling.call(to, url, report, machine)
        self._took("voice", time.monotonic() - began, _kind(result))
        return result

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
        with looking_up():
            return _listed(self._clients.mine().messages(sid).fetch())

    def listed(self, since: datetime, direction: Direction | None = None) -> Iterator[Listed]:
        """Everything since then, newest first, page by page. CarrierAway if the list cannot be had."""
        # The carrier reads whole days: one more, so that nothing sent around midnight is left out.
        from_day = since.astimezone(UTC) - timedelta(days=1)
        for message in self._list(_LARGEST_PAGE, date_sent_after=from_day):
            if message.created >= since and direction in (None, message.direction):
                yield message

    def calls_to(self, to: str, since: datetime) -> list[ListedCall]:
        """Our calls to a number since then, newest first. CarrierAway if the list cannot be had."""
        return self._calling.calls_to(to, since)

    def calls_since(self, since: datetime) -> Iterator[ListedCall]:
        """All our calls since then, newest first, page by page. CarrierAway if the list cannot be had."""
        return self._calling.calls_since(since)

    def one_call(self, sid: str) -> ListedCall:
        """One call by its sid. CarrierAway if it cannot be had."""
        return self._calling.one_call(sid)

    def preload(self) -> None:
        """Load what the first text or call would otherwise wait for. Before a fork, once for all children."""
        client = self._clients.mine()
        _ = client.messages, client.calls

    def _list(self, page_size: int, **wanted: Any) -> Iterator[Listed]:
        with looking_up():
            for message in self._clients.mine().messages.stream(page_size=page_size, **wanted):
                yield _listed(message)


def _kind(result: Result) -> str:
    """What came of it, as a word: sent, refused, busy ..."""
    return type(result).__name__.lower()


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
        code=number(message.error_code),
    )
