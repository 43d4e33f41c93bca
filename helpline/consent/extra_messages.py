"""Texts about the agreement itself, as rows to be sent like any other: welcome, stopped, keep."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, and_, func, select

from helpline.consent.kinds import queue_of
from helpline.consent.once import insert_new
from helpline.records.tables import messages

WORTH_SENDING = timedelta(days=1)  # a confirmation that comes later confuses
MOST_A_DAY = 3  # of a kind: somebody who calls under another's number cannot flood that one with texts
_A_DAY = timedelta(days=1)
_LONGEST_OCCURRENCE = 40  # what the database has room for


def plan_reply(
    connection: Connection,
    caller: int,
    kind: Literal["welcome", "stopped"],
    at: datetime,
    act: str = "",
    wave: str = "",
    about: str = "",
) -> None:
    """A text that answers what a caller did by voice, or an operator for them: one for each act, a few a day.

    `act` is the key of what was done; without one it is its moment. `wave` says which form of the words it has, `about`
    the date of the thing that they are about.
    """
    if not has_room(connection, caller, kind, at):
        return
    act = act or at.isoformat(timespec="seconds")
    occurrence = welcome_of(about, act) if about else act[:_LONGEST_OCCURRENCE]
    insert_new(
        connection,
        messages,
        caller_id=caller,
        kind=kind,
        occurrence=occurrence,
        wave=wave,
        queue="replies",
        state="planned",
        due_at=at,
        not_after=at + WORTH_SENDING,
        changed_at=at,
    )


def has_room(connection: Connection, caller: int, kind: Literal["welcome", "stopped"], at: datetime) -> bool:
    """Whether one more text of a kind goes to a caller today."""
    of_kind = (messages.c.caller_id == caller, messages.c.kind == kind)
    called_off = and_(messages.c.state == "skipped", messages.c.tries == 0)  # it never went
    today = select(func.count()).where(*of_kind, messages.c.due_at > at - _A_DAY, ~called_off)
    return (connection.scalar(today) or 0) < MOST_A_DAY


def welcome_of(about: str, act: str) -> str:
    """How a welcome remembers the date of the thing that it is about: one for each `act`."""
    return f"{about}@{hashlib.sha256(act.encode()).hexdigest()[:8]}"


def plan_keep(
    connection: Connection, caller: int, channel: str, occurrence: str, due: datetime, until: datetime, now: datetime
) -> bool:
    """The question whether to keep the reminders. Whether it was not planned before for this month."""
    return insert_new(
        connection,
        messages,
        caller_id=caller,
        kind="keep",
        occurrence=occurrence,
        wave="",
        queue=queue_of("keep", channel),
        state="planned",
        due_at=due,
        not_after=until,
        changed_at=now,
    )
