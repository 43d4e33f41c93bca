"""Who seems to have signed up, noted something or asked for a call since a backup that does not know it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from helpline.consent.called_back import is_waiting
from helpline.consent.caller_rows import active_of, caller_of
from helpline.consent.consent import KIND
from helpline.consent.withdrawal import CLOCKS_DIFFER
from helpline.records.desk_tables import call_requests
from helpline.records.tables import objections, subscriptions

_ANSWERED_WITHIN = timedelta(minutes=2)  # a text, by us and the carrier, whose clocks differ


class Lost:
    """The last time that each caller signed up, noted something, and withdrew, by the carrier's list."""

    def __init__(self) -> None:
        self._signed_up: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}
        self._withdrew: dict[str, datetime] = {}
        self._wants_call: dict[str, datetime] = {}
        self._wants_no_call: dict[str, datetime] = {}

    def signed_up(self, caller: str, at: datetime) -> None:
        self._signed_up[caller] = max(at, self._signed_up.get(caller, at))

    def noted(self, caller: str, at: datetime) -> None:
        self._noted[caller] = max(at, self._noted.get(caller, at))

    def withdrew(self, caller: str, at: datetime) -> None:
        self._withdrew[caller] = max(at, self._withdrew.get(caller, at))

    def wants_call(self, caller: str, at: datetime) -> None:
        self._wants_call[caller] = max(at, self._wants_call.get(caller, at))

    def wants_no_call(self, caller: str, at: datetime) -> None:
        self._wants_no_call[caller] = max(at, self._wants_no_call.get(caller, at))

    def count_calls(self, engine: Engine) -> int:
        """Callers who were told that somebody calls them, still want it, and do not wait by the backup."""
        with engine.connect() as connection:
            return sum(
                not (_has_asked(connection, caller, at) or self._called_off(connection, caller, at))
                for caller, at in self._wants_call.items()
            )

    def count(self, engine: Engine) -> int:
        """Callers who signed up, or asked to, since the backup, and of whom it knows nothing that is active.

        Who ended it or erased themselves after that has lost nothing. Whoever had objected before and asked again has.
        So has whoever noted something with a date of its own that the backup does not have.
        """
        with engine.connect() as connection:
            lost = {caller: at for caller, at in self._noted.items() if not _has_noted(connection, caller, at)}
            lost |= {c: at for c, at in self._signed_up.items() if active_of(connection, c)[1] is None}
            return sum(not self._ended_since(connection, caller, at) for caller, at in lost.items())

    def _called_off(self, connection: Connection, caller: str, at: datetime) -> bool:
        off = self._wants_no_call.get(caller)
        return (off is not None and off >= at) or self._ended_since(connection, caller, at)

    def _ended_since(self, connection: Connection, caller: str, at: datetime) -> bool:
        """By the carrier's list, or by the journal and the backup, of which the objection tells."""
        objected = connection.scalar(select(objections.c.since).where(objections.c.fingerprint == caller))
        ends = (self._withdrew.get(caller), objected)
        return any(end is not None and end + CLOCKS_DIFFER >= at for end in ends)


def _has_asked(connection: Connection, caller: str, at: datetime) -> bool:
    """Whether they wait, or what they asked for then is known, whatever became of it."""
    asked = connection.scalars(select(call_requests.c.asked_at).where(call_requests.c.fingerprint == caller))
    return is_waiting(connection, caller) or any(abs(moment - at) <= _ANSWERED_WITHIN for moment in asked)


def _has_noted(connection: Connection, caller: str, at: datetime) -> bool:
    known = caller_of(connection, caller)
    if known is None:
        return False
    noted = select(subscriptions.c.since).where(subscriptions.c.caller_id == known.id, subscriptions.c.kind != KIND)
    return any(abs(since - at) <= _ANSWERED_WITHIN for since in connection.scalars(noted))
