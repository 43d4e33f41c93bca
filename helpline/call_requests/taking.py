"""Taking a request, giving it back, and what came of it. Each is one statement: of two people, one gets it.

Whoever calls these has a transaction open. `who` is an operator's name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, case, or_, update

from helpline.call_requests.waiting import is_free
from helpline.records.desk_tables import call_requests

How = Literal["done", "no_answer"]
MOST_TRIES = 3


def take(connection: Connection, request_id: int, who: str, now: datetime) -> bool:
    """Take a request that waits, or that somebody took and forgot. Whether it is theirs now."""
    free = or_(is_free(now), call_requests.c.taken_by == who)
    mine = (call_requests.c.id == request_id, call_requests.c.state.in_(("waiting", "taken")), free)
    taken = update(call_requests).where(*mine).values(state="taken", taken_by=who, changed_at=now)
    return connection.execute(taken).rowcount == 1


def give_back(connection: Connection, request_id: int, who: str, now: datetime) -> bool:
    """Let others take it. Whether it was theirs to give back."""
    waits = (
        update(call_requests)
        .where(*mine(request_id, who))
        .values(state="waiting", taken_by="", called_at=None, changed_at=now)
    )
    return connection.execute(waits).rowcount == 1


def finish(connection: Connection, request_id: int, who: str, how: How, now: datetime) -> str:
    """What came of a call: the request's state from now on, or nothing where it was not theirs.

    Nobody is lost by one call that was not answered: they wait again, up to three calls. Who waits no more has no
    number here.
    """
    tries = call_requests.c.tries + int(how == "no_answer")
    after: dict[str, Any] = {"state": "done", "number": None, "number_key": None}
    if how == "no_answer":
        is_last = tries >= MOST_TRIES
        kept = (call_requests.c.number, call_requests.c.number_key)
        number, key = (case((is_last, None), else_=column) for column in kept)
        state, by = case((is_last, "no_answer"), else_="waiting"), case((is_last, who), else_="")
        after = {"state": state, "taken_by": by, "number": number, "number_key": key}
    done = (
        update(call_requests).where(*mine(request_id, who)).values(changed_at=now, called_at=None, tries=tries, **after)
    )
    return connection.scalar(done.returning(call_requests.c.state)) or ""


def mine(request_id: int, who: str) -> tuple[ColumnElement[bool], ...]:
    """The request of that id, if it is this operator's."""
    return call_requests.c.id == request_id, call_requests.c.state == "taken", call_requests.c.taken_by == who
