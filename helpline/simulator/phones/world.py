"""What texts and calls of the phones share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpline.settings import Settings
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.line.webhooks import Webhooks
from helpline.simulator.phones.phone import Phone


class NotNow(Exception):
    """The phone cannot do that in its state; the message says why."""


@dataclass(frozen=True, slots=True)
class World:
    """What texts and calls share: the helpline, its date, and how the carrier behaves now."""

    settings: Settings
    public_url: str  # what the helpline's webhooks are signed for
    webhooks: Callable[[Phone], Webhooks]
    behaviour: Callable[[], Behaviour]
    date: Callable[[], float]
    chance: Callable[[], float]
