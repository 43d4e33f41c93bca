"""How long the carrier takes to answer, counted in classes of seconds."""

from __future__ import annotations

import math
from collections.abc import Callable

from helpline.telemetry.counters import Counters

# It is given up after 15 seconds (`carrier/connections.py`).
UP_TO = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, math.inf)
ANSWERS, MILLISECONDS = "carrier", "carrier_milliseconds"

Took = Callable[[str, float, str], None]  # "sms" or "voice", how many seconds, and what came of it


def took_nothing(channel: str, seconds: float, result: str) -> None:
    """How long it took is let be."""


def counting(counters: Counters) -> Took:
    """Counts each answer of the carrier in the first class that it fits into, and adds up their time."""

    def took(channel: str, seconds: float, result: str) -> None:
        up_to = next(limit for limit in UP_TO if seconds <= limit)
        counters.count(ANSWERS, channel=channel, le=named(up_to), result=result)
        counters.add(MILLISECONDS, round(seconds * 1000), channel=channel)

    return took


def named(limit: float) -> str:
    """A class as it is written: "0.25", "1", "+Inf"."""
    return "+Inf" if math.isinf(limit) else f"{limit:g}"
