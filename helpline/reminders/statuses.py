"""What the carrier says became of a message: it moves on by rank, never back, in whatever order that is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, String, and_, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError

from helpline.carrier.calling import CALL
from helpline.carrier.errors import Act, act_on_report
from helpline.consent.once import one_at_a_time
from helpline.menus.shapes import Calendar, Channel
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
    # Of calls. Whoever picked up and was told what it is about has got it: a person, a machine, or somebody who said
    # nothing. That something was said is our own note (`note_words`): a call that goes on may be one in silence.
    "initiated": "accepted",
    "ringing": "accepted",
    "in-progress": "accepted",
    "completed": "delivered",
    "busy": "undelivered",
    "no-answer": "undelivered",
}
_PICKED_UP = "completed"
UNHEARD = "unheard"  # the reason where somebody picked up a call in which nothing was said
# A message that may go again, if it has not gone so many times yet.
_AGAIN: frozenset[Act] = frozenset({"retry_later", "back_off", "operator", "no_calls"})
MOST_TRIES: Mapping[Channel, int] = {"sms": 2, "voice": 3}
# A phone that was off is on again, a queue has drained; a line that was busy is free, somebody is at home.
ONCE_MORE_AFTER = timedelta(minutes=45)

_NOT_ARRIVED: frozenset[State] = frozenset({"undelivered", "failed"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """One word of the carrier's about one try of a message. `code` is 0 where nothing is wrong.

    `said`, of a call that was picked up: whether its words are known to have been said, other than by the message's
    state. None where that cannot be told now; what is not in doubt is taken for said.
    """

    message: int
    tries: int
    sid: str
    status: str
    code: int = 0
    mark: str = ""  # of `report_ids`, in what comes from outside
    said: bool | None = True

    @property
    def was_picked_up(self) -> bool:
        """Whether it is the end of a call that was not in vain, as far as the carrier knows."""
        return self.is_of_call and self.status == _PICKED_UP

    @property
    def reason(self) -> str:
        """Why it did not arrive: a code of the carrier's; of a call its last status, which has none in most cases."""
        if self.was_picked_up:
            return "" if self.said else UNHEARD
        if self.code:
            return str(self.code)
        return self.status if self.is_of_call and _STATES.get(self.status) in _NOT_ARRIVED else ""

    @property
    def is_of_call(self) -> bool:
        return self.sid.startswith(CALL)


def read_report(about: str, form: Mapping[str, str]) -> Report | None:
    """The report in a status callback of a text or a call; `about` is our own id of the try. None if it is not ours."""
    match about.split("."):
        case [message, tries, mark] if _is_count(message) and _is_count(tries):
            pass
        case _:
            return None
    code = form.get("ErrorCode", "")
    sid = form.get("MessageSid") or form.get("SmsSid") or form.get("CallSid") or ""
    status = form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus") or ""
    return Report(int(message), int(tries), sid[:34], status, int(code) if _is_count(code) else 0, mark)


def take(connection: Connection, report: Report, now: datetime, keeps_sid: bool = True) -> State | None:
    """Move the message as the report says. The state that it went to; None if it stayed where it was.

    What is said of an earlier try leaves a later one alone, unless it was delivered. A message that waits to go again
    stays planned, unless we did not know that it had been accepted. A call that was picked up is delivered if its words
    were said, and else undelivered.
    """
    to = _STATES.get(report.status)
    if to is None:
        return None
    if report.status == "failed" and act_on_report(report.code) in _AGAIN:
        to = "undelivered"
    this_try, known_sid = _this_try(report), _known_sid(report, keeps_sid)
    if report.was_picked_up and not report.said:
        # In this order: the note may be written in between.
        noted = messages.c.state == "sent"
        unheard = (*this_try, ~noted)
        if report.said is False and move(connection, "undelivered", now, *unheard, reason=report.reason, sid=known_sid):
            return "undelivered"
        return to if move(connection, to, now, *this_try, noted) else None
    if move(connection, to, now, *this_try, reason=report.reason, sid=known_sid):
        return to
    if to == "delivered" and move(connection, to, now, *_tried(report)):
        return to
    return None


def note_words(connection: Connection, report: Report, now: datetime) -> State | None:
    """The words of a call are said: whoever picked it up gets the message. The state that it went to, if it did.

    Where the call counts as unheard already, or the next one is under way, that was enough: no other is to be made.
    """
    try:
        with connection.begin_nested():
            return _note_words(connection, report, now)
    except IntegrityError:
        log.warning("two messages have one sid", message=report.message)
        return _note_words(connection, report, now, keeps_sid=False)


def _note_words(connection: Connection, report: Report, now: datetime, keeps_sid: bool = True) -> State | None:
    if move(connection, "sent", now, *_this_try(report), sid=_known_sid(report, keeps_sid)):
        return "sent"
    over = or_(messages.c.tries > report.tries, messages.c.state.in_(("planned", "undelivered")))
    return "delivered" if move(connection, "delivered", now, *_tried(report), over) else None


def _this_try(report: Report) -> tuple[ColumnElement[bool], ...]:
    """The message, while this is its last try and does not wait to be followed by another."""
    not_again = or_(messages.c.state != "planned", messages.c.sid.is_(None))
    return (messages.c.id == report.message, messages.c.tries == report.tries, _same_sid(report), not_again)


def _tried(report: Report) -> tuple[ColumnElement[bool], ...]:
    """The message, if this was a try of it."""
    this = and_(messages.c.tries == report.tries, _same_sid(report))
    return (messages.c.id == report.message, or_(messages.c.tries > report.tries, this))


def _same_sid(report: Report) -> ColumnElement[bool]:
    return or_(messages.c.sid.is_(None), messages.c.sid == report.sid)


def _known_sid(report: Report, keeps_sid: bool) -> ColumnElement[Any]:
    return func.coalesce(messages.c.sid, (report.sid if keeps_sid else "") or None)


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
        return take(connection, report, now, keeps_sid=False)


def follow(connection: Connection, calendar: Calendar, report: Report, now: datetime) -> Consequence | None:
    """`take`, and what follows for the message and its caller. The rest that follows is for after the commit."""
    found = _consequence(connection, report) if report.code else None
    if found and found.act in ABOUT_CALLER:
        one_at_a_time(connection, found.fingerprint)  # before the message's row, as whoever withdraws does
    moved = take_carefully(connection, report, now)
    if moved not in _NOT_ARRIVED:
        return None
    if report.was_picked_up or (act_on_report(report.code) in _AGAIN and report.status != "canceled"):
        _plan_again(connection, calendar, report, now)
    if found:
        bear_for_caller(connection, found, now)
    return found


def _consequence(connection: Connection, report: Report) -> Consequence | None:
    row = connection.execute(
        select(callers.c.fingerprint, messages.c.claimed_at, messages.c.channel)
        .join_from(callers, messages, messages.c.caller_id == callers.c.id)
        .where(messages.c.id == report.message)
    ).first()
    return row and Consequence(act_on_report(report.code), report.code, row.fingerprint, row.claimed_at, row.channel)


def _plan_again(connection: Connection, calendar: Calendar, report: Report, now: datetime) -> None:
    """Plan it again, if it has not gone too often and there is time. It keeps sid and reason of the try that failed."""
    this = (messages.c.id == report.message, messages.c.tries == report.tries)
    columns = (messages.c.kind, messages.c.channel, messages.c.not_after)
    row = connection.execute(select(*columns).where(*this)).first()
    if row is None or report.tries >= MOST_TRIES[row.channel]:
        return
    due = now + ONCE_MORE_AFTER
    if row.kind not in AT_ANY_HOUR:
        due = next_allowed(calendar, due)
    if due + SHORTEST < row.not_after:
        again = f"{AGAIN} {report.reason}".rstrip()
        move(connection, "planned", now, *this, messages.c.state == "undelivered", reason=again, due_at=due)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
