"""What consent works with, as one value."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from sqlalchemy import Engine

from helpline.carrier.callers import fingerprint
from helpline.consent.journal import Journal
from helpline.menus.shapes import Calendar
from helpline.records.sealing import Seals

KIND = "update"  # what callers can be reminded of: the monthly update


def tell_nobody(message: str) -> None:
    """An alert that stays in the log, where it is in any case."""


@dataclass(frozen=True, slots=True)
class Consent:
    """`engine` is opened with little patience where a caller waits. `alert` reaches an operator, and never raises.

    `countries`: whom we call, by the code of their country.
    """

    engine: Engine
    seals: Seals
    fingerprint_key: bytes = field(repr=False)
    journal: Journal
    calendar: Callable[[], Calendar]
    alert: Callable[[str], None] = tell_nobody
    countries: Collection[str] = ("FR",)

    def fingerprint(self, number: str) -> str:
        """The caller of a number, as the database knows them."""
        return fingerprint(number, self.fingerprint_key)
