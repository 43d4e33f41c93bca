"""What the carrier says became of a message: it moves on by rank, never back, in whatever order that is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, String, and_, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError

from helpline.carrier.errors import Act, act_on_report
from helpline.consent.once import one_at_a_time
from helpline.menus.shapes import Calendar
from helpline.menus.waves import next_allowed
from helpline.records.messages import AGAIN, State, move, move_many
from helpline.records.tables import callers, messages
from helpline.reminders.consequences import ABOUT_CALLER, Consequence, bear_for_caller
from helpline.reminders.wanted import AT_ANY_HOUR, SHORTEST

# The carrier's own words for it. What is not here ("receiving", words to come) says nothing about ours.
_STATES: Mapping[str, State] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}
# A message that may go once more, if it has gone once only.
_ONCE_MORE: frozenset[Act] = frozenset({"retry_later", "back_off", "operator"})
MOST_TRIES = 2
ONCE_MORE_AFTER = timedelta(minutes=45)  # a phone that was off is on again, a queue has drained

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """One word of the carrier's about one try of a message. `code` is 0 where nothing is wrong."""

    message: int
    tries: int
    sid: str
    status: str
    code: int = 0
    mark: str = ""  # of `report_ids`, in what comes from outside


def read_report(about: str, form: Mapping[str, str]) -> Report | None:
    """The report in a status callback; `about` is our own id of the try. None for what is not about ours."""
    match about.split("."):
        case [message, tries, mark] if _is_count(message) and _is_count(tries):
            pass
        case _:
            return None
    code = form.get("ErrorCode", "")
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    status = form.get("MessageStatus") or form.get("SmsStatus") or ""
    return Report(int(message), int(tries), sid[:34], status, int(code) if _is_count(code) else 0, mark)


def take(connection: Connection, report: Report, now: datetime) -> State | None:
    """Move the message as the report says. The state that it went to; None if it stayed where it was.

    What is said of an earlier try leaves a later one alone, unless it was delivered. A message that waits to go again
    stays planned, unless we did not know that it had been accepted.
    """
    to = _STATES.get(report.status)
    if to is None:
        return None
    if report.status == "failed" and act_on_report(report.code) in _ONCE_MORE:
        to = "undelivered"
    mine = messages.c.id == report.message
    same_sid = or_(messages.c.sid.is_(None), messages.c.sid == report.sid)
    not_again = or_(messages.c.state != "planned", messages.c.sid.is_(None))
    this_try = (mine, messages.c.tries == report.tries, same_sid, not_again)
    reason = str(report.code) if report.code else ""
    known_sid = func.coalesce(messages.c.sid, report.sid or None)
    if move(connection, to, now, *this_try, reason=reason, sid=known_sid):
        return to
    if to == "delivered":
        tried = or_(messages.c.tries > report.tries, and_(messages.c.tries == report.tries, same_sid))
        if move(connection, to, now, mine, tried):
            return to
    return None


def accept(connection: Connection, sids: Sequence[tuple[int, int, str]], now: datetime) -> None:
    """`take` of many at once that were just accepted: message, try and sid of each."""
    this_try = (
        messages.c.id == bindparam("this"),
        messages.c.tries == bindparam("this_try"),
        or_(messages.c.state != "planned", messages.c.sid.is_(None)),
    )
    known_sid = func.coalesce(messages.c.sid, bindparam("new_sid", type_=String))
    rows = [{"this": message, "this_try": tries, "new_sid": sid} for message, tries, sid in sids]
    move_many(connection, "accepted", now, rows, *this_try, sid=known_sid)


def take_carefully(connection: Connection, report: Report, now: datetime) -> State | None:
    """`take`, also where another message has that sid by mistake: then this one stays without."""
    try:
        with connection.begin_nested():
            return take(connection, report, now)
    except IntegrityError:
        log.warning("two messages have one sid", message=report.message)
        return take(connection, Report(report.message, report.tries, "", report.status, report.code), now)


def follow(connection: Connection, calendar: Calendar, report: Report, now: datetime) -> Consequence | None:
    """`take`, and what follows for the message and its caller. The rest that follows is for after the commit."""
    found = _consequence(connection, report) if report.code else None
    if found and found.act in ABOUT_CALLER:
        one_at_a_time(connection, found.fingerprint)  # before the message's row, as whoever withdraws does
    moved = take_carefully(connection, report, now)
    if moved not in ("undelivered", "failed"):
        return None
    if act_on_report(report.code) in _ONCE_MORE and report.status != "canceled":
        _once_more(connection, calendar, report, now)
    if found:
        bear_for_caller(connection, found, now)
    return found


def _consequence(connection: Connection, report: Report) -> Consequence | None:
    row = connection.execute(
        select(callers.c.fingerprint, messages.c.claimed_at)
        .join_from(callers, messages, messages.c.caller_id == callers.c.id)
        .where(messages.c.id == report.message)
    ).first()
    return row and Consequence(act_on_report(report.code), report.code, row.fingerprint, row.claimed_at)


def _once_more(connection: Connection, calendar: Calendar, report: Report, now: datetime) -> None:
    """Plan it again, if it went only once and there is time. It keeps sid and code of the try that failed."""
    this = (messages.c.id == report.message, messages.c.tries == report.tries)
    row = connection.execute(select(messages.c.kind, messages.c.not_after).where(*this)).first()
    if row is None or report.tries >= MOST_TRIES:
        return
    due = now + ONCE_MORE_AFTER
    if row.kind not in AT_ANY_HOUR:
        due = next_allowed(calendar, due)
    if due + SHORTEST < row.not_after:
        again = f"{AGAIN} {report.code}" if report.code else AGAIN
        move(connection, "planned", now, *this, messages.c.state == "undelivered", reason=again, due_at=due)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
