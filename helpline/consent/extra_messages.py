"""Texts about the agreement itself, as rows to be sent like any other: welcome, stopped, keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete

from helpline.consent.once import insert_new
from helpline.menus.windows import today_in_paris
from helpline.records.tables import messages

WORTH_SENDING = timedelta(days=1)  # a confirmation that comes later confuses


def plan_reply(connection: Connection, caller: int, kind: Literal["welcome", "stopped"], at: datetime) -> None:
    """A text that answers what a caller did by voice, or an operator for them: at most one of a kind a day."""
    day = today_in_paris(at).isoformat()
    # One that was called off never went: it does not stand in the way.
    connection.execute(
        delete(messages).where(
            messages.c.caller_id == caller,
            messages.c.kind == kind,
            messages.c.occurrence == day,
            messages.c.state == "skipped",
            messages.c.tries == 0,
        )
    )
    insert_new(
        connection,
        messages,
        caller_id=caller,
        kind=kind,
        occurrence=day,
        wave="",
        queue="replies",
        state="planned",
        due_at=at,
        not_after=at + WORTH_SENDING,
        changed_at=at,
    )


def plan_keep(
    connection: Connection, caller: int, occurrence: str, due: datetime, until: datetime, now: datetime
) -> bool:
    """The question whether to keep the reminders. Whether it was not planned before for this month."""
    return insert_new(
        connection,
        messages,
        caller_id=caller,
        kind="keep",
        occurrence=occurrence,
        wave="",
        queue="bulk",
        state="planned",
        due_at=due,
        not_after=until,
        changed_at=now,
    )
