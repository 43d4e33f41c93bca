"""The states of a message, and the one place where they change.

    planned -> sending -> accepted -> sent -> delivered
                       -> unknown (settled by a look at the carrier: accepted, or planned again)
                       -> failed, undelivered (once more planned, if there is time)
    planned -> skipped, expired

A change is one conditional UPDATE: it happens only from the states that may come before, so that repeats, late
reports and two workers cannot move a message back. What came after stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, update

from helpline.records.tables import messages

State = Literal[
    "planned",
    "sending",
    "unknown",
    "accepted",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "skipped",
    "expired",
]
STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]

# To each state the states that it may follow.
MAY_FOLLOW: Mapping[State, tuple[State, ...]] = {
    "planned": ("sending", "unknown", "undelivered"),
    "sending": ("planned",),
    "unknown": ("sending",),
    "accepted": ("sending", "unknown"),
    "sent": ("sending", "unknown", "accepted"),
    "delivered": ("sending", "unknown", "accepted", "sent", "undelivered"),
    "undelivered": ("sending", "unknown", "accepted", "sent"),
    "failed": ("sending", "unknown", "accepted", "sent"),
    "skipped": ("planned", "sending"),
    "expired": ("planned", "sending", "unknown"),
}
# Nothing more comes of these by itself.
FINAL: frozenset[State] = frozenset({"delivered", "undelivered", "failed", "skipped", "expired"})
# Whether a text is on its way can only be told by the carrier.
IN_DOUBT: frozenset[State] = frozenset({"sending", "unknown"})


def move(
    connection: Connection,
    to: State,
    now: datetime,
    *where: ColumnElement[bool],
    reason: str = "",
    **columns: Any,
) -> int:
    """Move every message that `where` names and that may go to `to`. Returns how many went.

    `reason` says why in a word or an error code; `columns` are further values to write (sid, claimed_at ...).
    """
    changed = connection.execute(
        update(messages)
        .where(messages.c.state.in_(MAY_FOLLOW[to]), *where)
        .values(state=to, reason=reason, changed_at=now, **columns)
    )
    return changed.rowcount


def move_each(connection: Connection, ids: Iterable[int], to: State, now: datetime, reason: str = "") -> int:
    """`move` for messages by their ids."""
    wanted = list(ids)
    return move(connection, to, now, messages.c.id.in_(wanted), reason=reason) if wanted else 0
