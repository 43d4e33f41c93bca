"""Our own id of one try of a message, which the carrier gives back in its reports: ID.TRY.MARK.

The mark says which message is meant, whatever number its row has: after a restored backup another one may have it.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from sqlalchemy import Connection, select

from helpline.records.messages import State
from helpline.records.tables import callers, messages

_LENGTH = 12


def report_id(message: int, tries: int, mark: str) -> str:
    """The id as it stands in the address for reports."""
    return f"{message}.{tries}.{mark}"


def report_mark(key: bytes, fingerprint: str, kind: str, occurrence: str, wave: str) -> str:
    """A keyed mark of what makes a message this one: the same in every copy of the database, and says nothing."""
    return hmac.new(key, "|".join((fingerprint, kind, occurrence, wave)).encode(), sha256).hexdigest()[:_LENGTH]


def state_of(connection: Connection, message: int, mark: str, key: bytes) -> State | None:
    """The state of the message that the mark was made of; None if the row of this number is another one's."""
    row = connection.execute(
        select(messages.c.state, callers.c.fingerprint, messages.c.kind, messages.c.occurrence, messages.c.wave)
        .join_from(messages, callers, callers.c.id == messages.c.caller_id)
        .where(messages.c.id == message)
    ).first()
    if row is None:
        return None
    state: State
    state, *means = row
    return state if hmac.compare_digest(mark.encode(), report_mark(key, *means).encode()) else None
