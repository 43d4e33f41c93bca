"""Calls that the carrier is to make, and its list of them, through the official client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from helpline.carrier.ask_again import ASK_AGAIN
from helpline.carrier.client import Clients, looking_up
from helpline.carrier.results import Result

CALL_REPORTS_PATH = "/twilio/voice/status"
CALL = "CA"  # what the carrier's id of a call begins with
RINGS_SECONDS = 30
# What answers is told apart, and an answering machine is let finish its greeting.
_DETECTION = "DetectMessageEnd"
_WAITS = timedelta(days=1)  # at the carrier at most, before it begins
_SID = re.compile(rf"{CALL}[0-9a-f]{{32}}")
_PAGE, _LARGEST_PAGE = 100, 1000
_MOST_LOOKED_AT = 1000  # calls to one number


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A call as the carrier's list has it. `code` is there so that it reads like a text: the list has none."""

    sid: str
    to: str = field(repr=False)
    sender: str = field(repr=False)
    created: datetime
    direction: str
    status: str
    answered_by: str = ""
    code: int = 0


class Calling:
    """The carrier's Calls API. `voice` is our number, `public_url` where the carrier reaches us."""

    def __init__(self, clients: Clients, voice: str, public_url: str) -> None:
        self._clients, self._voice = clients, voice
        self._reports = f"{public_url}{CALL_REPORTS_PATH}?message="

    def call(self, to: str, url: str, report: str = "", machine: bool = True) -> Result:
        """Have a number called, once. Waits for at most 15 seconds, and never raises.

        `url` answers with what is to be said, `report` is our own id of this try, which the carrier puts into its last
        report. With `machine` the carrier finds out whether a person answered, and tells so at `url`.
        """
        about = {"status_callback": f"{self._reports}{report}{ASK_AGAIN}", "status_callback_event": ["completed"]}
        return self._clients.hand_over(
            lambda client: client.calls.create(
                to=to,
                from_=self._voice,
                url=url + ASK_AGAIN,
                fallback_url=url + ASK_AGAIN,  # somebody has picked up, and would hear of an error in English
                timeout=RINGS_SECONDS,
                **({"machine_detection": _DETECTION} if machine else {}),
                **(about if report else {}),
            ),
            _SID,
        )

    def calls_to(self, to: str, since: datetime) -> list[ListedCall]:
        """Our calls to a number since then, newest first. CarrierAway if the list cannot be had."""
        return [call for call in self._list(since, _PAGE, to=to, limit=_MOST_LOOKED_AT) if call.created >= since]

    def calls_since(self, since: datetime) -> Iterator[ListedCall]:
        """All our calls since then, newest first, page by page. CarrierAway if the list cannot be had."""
        return (call for call in self._list(since, _LARGEST_PAGE) if call.created >= since)

    def one_call(self, sid: str) -> ListedCall:
        """One call by its sid. CarrierAway if it cannot be had."""
        with looking_up():
            return _listed(self._clients.mine().calls(sid).fetch())

    def _list(self, since: datetime, page_size: int, **wanted: Any) -> Iterator[ListedCall]:
        """Ours, the newest first. By no filter of dates: a call that has not begun yet has none that they go by."""
        with looking_up():
            for found in self._clients.mine().calls.stream(from_=self._voice, page_size=page_size, **wanted):
                call = _listed(found)
                if call.created < since - _WAITS:
                    break
                if call.direction == "outbound-api":
                    yield call


def _listed(call: Any) -> ListedCall:
    if not isinstance(call.date_created, datetime):
        raise TypeError("a call of the list has no date")
    return ListedCall(
        sid=str(call.sid),
        to=str(call.to or ""),
        sender=str(call._from or ""),  # the library's name for it
        created=call.date_created,
        direction=str(call.direction or ""),
        status=str(call.status or ""),
        answered_by=str(call.answered_by or ""),
    )
