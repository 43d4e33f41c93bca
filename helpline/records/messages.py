"""The states of a message, and the one place where they change.

    planned -> sending -> accepted -> sent -> delivered
                       -> unknown (settled by a look at the carrier: accepted, or planned again)
                       -> failed, undelivered (once more planned, if there is time)
    planned -> skipped, expired
    skipped -> planned, when it never went and the caller wants it after all
    planned -> accepted and what follows, when it turns out that an earlier look at the carrier came too early

A change is one conditional UPDATE: it happens only from the states that may come before, so that repeats, late
reports and two workers cannot move a message back. What came after stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Update, case, literal_column, or_, update

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
    # From `planned` only where the carrier speaks of the last try (`reminders/statuses.py`).
    "accepted": ("planned", "sending", "unknown"),
    "sent": ("planned", "sending", "unknown", "accepted"),
    "delivered": ("planned", "sending", "unknown", "accepted", "sent", "undelivered"),
    "undelivered": ("planned", "sending", "unknown", "accepted", "sent"),
    "failed": ("planned", "sending", "unknown", "accepted", "sent"),
    "skipped": ("planned", "sending"),
    "expired": ("planned", "sending", "unknown"),
}
# The reason of what did not arrive and goes once more, with the carrier's code for it: "again 30003".
AGAIN = "again"
GOES_AGAIN: ColumnElement[bool] = messages.c.reason.startswith(AGAIN)
# As long as nothing comes of the second try, and where nothing will, it stays the reason.
_KEEP_AGAIN: frozenset[State] = frozenset({"planned", "sending", "unknown", "skipped", "expired"})
# Nothing more comes of these by itself.
FINAL: frozenset[State] = frozenset({"delivered", "undelivered", "failed", "skipped", "expired"})
# Whether a text is on its way can only be told by the carrier.
IN_DOUBT: frozenset[State] = frozenset({"sending", "unknown"})


def written_out(words: Iterable[str]) -> list[ColumnElement[str]]:
    """For conditions of an index: for parameters it would not be used, or not surely."""
    return [literal_column(f"'{word}'") for word in words]


# In SQL.
IS_PLANNED: ColumnElement[bool] = messages.c.state == literal_column("'planned'")
IS_IN_DOUBT: ColumnElement[bool] = messages.c.state.in_(written_out(("sending", "unknown")))


def move(
    connection: Connection,
    to: State,
    now: datetime,
    *where: ColumnElement[bool],
    reason: str = "",
    **columns: Any,
) -> int:
    """Move every message that `where` names and that may go to `to`. Returns how many went.

    `reason` says why in a word or an error code, unless it is known that an earlier try did not arrive: then that
    stays. `columns` are further values to write (sid, claimed_at ...).
    """
    return connection.execute(_moving(to, now, where, reason, columns)).rowcount


def move_many(
    connection: Connection,
    to: State,
    now: datetime,
    rows: Sequence[Mapping[str, Any]],
    *where: ColumnElement[bool],
    reason: str = "",
    **columns: Any,
) -> None:
    """`move` once for each of `rows`, in one go; `where` and `columns` name their values by `bindparam`."""
    if rows:
        connection.execute(_moving(to, now, where, reason, columns), [dict(row) for row in rows])


def _moving(
    to: State, now: datetime, where: tuple[ColumnElement[bool], ...], reason: str, columns: Mapping[str, Any]
) -> Update:
    allowed = or_(*(messages.c.state == state for state in MAY_FOLLOW[to]))  # IN has no form for many rows at once
    why = case((GOES_AGAIN, messages.c.reason), else_=reason) if to in _KEEP_AGAIN else reason
    return update(messages).where(allowed, *where).values(state=to, reason=why, changed_at=now, **columns)


def want_again(connection: Connection, now: datetime, *where: ColumnElement[bool]) -> int:
    """Plan messages again that were called off and never arrived, in their rows: theirs is their wave's only one."""
    never_arrived = or_(messages.c.tries == 0, GOES_AGAIN)
    called_off = (messages.c.state == "skipped", never_arrived, messages.c.not_after > now)
    why = case((GOES_AGAIN, messages.c.reason), else_="")
    again = update(messages).where(*called_off, *where)
    return connection.execute(again.values(state="planned", reason=why, changed_at=now)).rowcount


def move_each(connection: Connection, ids: Iterable[int], to: State, now: datetime, reason: str = "") -> int:
    """`move` for messages by their ids."""
    wanted = list(ids)
    return move(connection, to, now, messages.c.id.in_(wanted), reason=reason) if wanted else 0
