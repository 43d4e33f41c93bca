"""What asking for a person goes by, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpline.call_requests.dialling import Rung
from helpline.consent.consent import Consent


@dataclass(frozen=True, slots=True)
class Rules:
    """`adviser`: whose phone rings for callers while somebody is there; empty if nobody's does.

    `own_numbers`: ours, which are never called. `rung`: whose calls were put through without the database.
    """

    consent: Consent
    adviser: str = field(default="", repr=False)
    own_numbers: frozenset[str] = field(default=frozenset(), repr=False)
    rung: Rung = field(default_factory=Rung, repr=False, compare=False)
