"""How a message remembers the page that a caller asked for. Pure."""

from __future__ import annotations

import hashlib
import re

from helpline.conversation.session import Place

LONGEST_OCCURRENCE = 40  # what the database has room for
_OCCURRENCE = re.compile(r"([a-z][a-z0-9.]*)P([0-9]{1,2})@[0-9a-f]{8}")


def occurrence_of(place: Place, act: str) -> str:
    """How a message remembers its page: one for each `act`. Nothing where there is no room for it."""
    mark = hashlib.sha256(act.encode()).hexdigest()[:8]
    occurrence = f"{place.node}P{place.page}@{mark}"
    return occurrence if len(occurrence) <= LONGEST_OCCURRENCE else ""


def page_of(occurrence: str) -> Place | None:
    """The page that a message remembers."""
    match = _OCCURRENCE.fullmatch(occurrence)
    return Place(match[1], int(match[2])) if match else None
