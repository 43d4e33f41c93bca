"""What requirements.lock names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)\s*(?:;\s*(.*?))?\s*\\?$")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of the lock. `where`: on which machines it is installed; everywhere, where it is empty."""

    name: str
    version: str
    where: str = ""


def locked(text: str) -> list[Locked]:
    """Every package of a lock, in its order."""
    found = (_LINE.match(line) for line in text.splitlines() if line[:1].isalnum())
    return [Locked(one[1], one[2], one[3] or "") for one in found if one]
