"""Our own id of one try of a message, which the carrier gives back in its reports: ID.TRY.MARK.

The mark says which message is meant, whatever number its row has: after a restored backup another one may have it.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from sqlalchemy import Connection, select

from helpline.records.tables import callers, messages

_LENGTH = 12


def report_id(message: int, tries: int, mark: str) -> str:
    """The id as it stands in the address for reports."""
    return f"{message}.{tries}.{mark}"


def report_mark(key: bytes, fingerprint: str, kind: str, occurrence: str, wave: str) -> str:
    """A keyed mark of what makes a message this one: the same in every copy of the database, and says nothing."""
    return hmac.new(key, "|".join((fingerprint, kind, occurrence, wave)).encode(), sha256).hexdigest()[:_LENGTH]


def is_meant(connection: Connection, message: int, mark: str, key: bytes) -> bool:
    """Whether the row of this number is the message that the mark was made of."""
    row = connection.execute(
        select(callers.c.fingerprint, messages.c.kind, messages.c.occurrence, messages.c.wave)
        .join_from(messages, callers, callers.c.id == messages.c.caller_id)
        .where(messages.c.id == message)
    ).first()
    return row is not None and hmac.compare_digest(mark.encode(), report_mark(key, *row).encode())
