"""What a webhook's URL wishes of the carrier, in its fragment: how often it is repeated, and after which failures."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

MOST_AGAIN = 5
# What docs/going-live.md has operators add to the URLs where texts and calls come in.
OF_ENTRIES = "#rc=3&rp=ct,rt,5xx"
_ALL = frozenset({"ct", "rt", "4xx", "5xx"})


@dataclass(frozen=True, slots=True)
class Wishes:
    """`again`: repeats at most. `after`: ct no connection, rt no answer, 4xx and 5xx such a status."""

    again: int = 0
    after: frozenset[str] = frozenset()


def wishes_of(url: str) -> Wishes:
    """The wishes of a URL; none without a fragment."""
    asked = dict(parse_qsl(urldefrag(url).fragment))
    if not asked.keys() & {"rc", "rp"}:
        return Wishes()
    times, after = asked.get("rc", "1"), frozenset(asked.get("rp", "ct").split(","))
    again = min(int(times), MOST_AGAIN) if times.isdecimal() else 0
    return Wishes(again, _ALL if "all" in after else after & _ALL)
