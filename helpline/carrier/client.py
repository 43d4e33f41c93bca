"""Handing over to the carrier and looking up there, through its official client.

That client, and what it speaks HTTP with, takes longer to load than all of the web framework: it is loaded with its
first use, as most processes never ask the carrier anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from helpline.carrier.results import CarrierAway, Result

if TYPE_CHECKING:
    from twilio.rest import Client

    from helpline.carrier.official import OfficialClients

AT_ONCE = 16  # threads of a process that talk to the carrier
TO_CONNECT, TO_ANSWER = 5.0, 10.0  # seconds that we wait
LONGEST_EXCHANGE = TO_CONNECT + TO_ANSWER


class Clients:
    """Threads may share it: each gets a client, all share the connections. Made before a fork, it is fit for use after.

    `credentials` are an API key and its secret, or the account and its token; `address` has no slash at its end.
    """

    def __init__(self, account: str, credentials: tuple[str, str], address: str, at_once: int = AT_ONCE) -> None:
        self._given = account, credentials, address, at_once

    def hand_over(self, create: Callable[[Client], Any], sids: re.Pattern[str]) -> Result:
        """Have something made, once; its sid must fit. Waits for at most 15 seconds, and never raises."""
        return self._official.hand_over(create, sids)

    def mine(self) -> Client:
        """This thread's client. The library hands results over by attributes, so that threads must not share one."""
        return self._official.mine()

    @cached_property
    def _official(self) -> OfficialClients:
        from helpline.carrier.official import OfficialClients

        return OfficialClients(*self._given)


@contextmanager
def looking_up() -> Iterator[None]:
    """What goes wrong while something is looked up at the carrier becomes CarrierAway."""
    from helpline.carrier.official import LOOK_UP_ERRORS, word_for

    try:
        yield
    except LOOK_UP_ERRORS as error:
        raise CarrierAway(word_for(error)) from None  # the error's own words hold the number


def number(value: object) -> int:
    """A code of the carrier's, which may come as text, or not at all: 0."""
    try:
        return int(str(value))
    except ValueError:
        return 0
