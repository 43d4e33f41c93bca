"""The audit trail: who did what, when, about whom. Entries are added; the database lets nobody change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from helpline.records.desk_tables import audit

# Each has words in the desk's languages (`desk/words/audit.yaml`).
What = Literal[
    "operator_added",
    "operator_removed",
    "operator_reset",
    "role_changed",
    "link_used",
    "signed_in",
    "signed_in_with_recovery",
    "signed_out",
    "sign_in_failed",
    "call_request_taken",
    "call_request_called",
    "call_request_done",
    "call_request_no_answer",
    "call_request_given_back",
    "sending_paused",
    "sending_resumed",
    "wave_held",
    "wave_let_go",
    "message_looked_up",
    "test_sent",
    "person_looked_up",
    "person_stopped",
    "person_erased",
    "person_exported",
    "notice_put_up",
    "notice_taken_down",
    "fact_reviewed",
    "password_changed",
]
KEPT = timedelta(days=366)  # the trigger lets go after 365 days
_LONGEST_WHO, _LONGEST_DETAIL = 60, 200


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that somebody did."""

    id: int
    at: datetime
    who: str
    what: str
    about: str
    detail: str


def note(connection: Connection, now: datetime, who: str, what: What, about: str = "", detail: str = "") -> None:
    """Write down what is done, in its own transaction. `now` is the real date, in a demo too."""
    whom = {"who": who[:_LONGEST_WHO], "about": about[:_LONGEST_WHO]}
    connection.execute(insert(audit).values(at=now, what=what, detail=detail[:_LONGEST_DETAIL], **whom))


def entries(connection: Connection, count: int, before: int = 0) -> list[Entry]:
    """The latest entries, or those before the one of that id; the last one first."""
    wanted = select(audit).order_by(audit.c.id.desc()).limit(count)
    if before:
        wanted = wanted.where(audit.c.id < before)
    return [Entry(*row) for row in connection.execute(wanted)]


def forget_old(connection: Connection, now: datetime) -> None:
    """Let entries go that are older than a year."""
    connection.execute(delete(audit).where(audit.c.at < now - KEPT))
