"""Messages of which the carrier never said what became of them: it is asked, once each; about a call until it is over.

Its reports are lost where the web server is away for longer than they are repeated. What counts is delivered: without
this, a wave would look worse than it is, and what did not arrive would not go once more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Row, literal_column, or_, select, update

from helpline.carrier.calling import CALL, ListedCall
from helpline.carrier.client import AT_ONCE
from helpline.carrier.results import CarrierAway
from helpline.carrier.sending import Listed
from helpline.records.engine import reading
from helpline.records.messages import written_out
from helpline.records.tables import messages
from helpline.reminders.consequences import Consequence, Consequences
from helpline.reminders.reconcile import restored_since
from helpline.reminders.sender import Sender
from helpline.reminders.statuses import Report, follow

SILENT_AFTER, CALL_SILENT_AFTER = timedelta(hours=2), timedelta(minutes=20)
_CALL_GOES_ON = frozenset({"queued", "initiated", "ringing", "in-progress"})
GIVEN_UP_AFTER = timedelta(days=3)
BUDGET = 30.0  # seconds of one job
ASKED = "asked"  # the reason of a message that nobody asks about again
# In SQL, as the index of these messages says it.
_MAY_BE_ASKED = (
    messages.c.state.in_(written_out(("accepted", "sent"))),
    messages.c.reason != literal_column(f"'{ASKED}'"),
)
_PAGE = 100
_MOST_AWAY = 5  # questions that fail, after which the carrier is left in peace

log = structlog.get_logger(__name__)


def ask_about_silent(sender: Sender, budget: float = BUDGET, at_once: int = AT_ONCE) -> int:
    """Ask the carrier about messages that it took hours ago and of which it said no last word. How many were asked.

    Safe to run twice, and at once: what the carrier says moves a message like any report.
    """
    end = time.monotonic() + budget
    asked = 0
    with ThreadPoolExecutor(at_once, "asking") as threads:
        while time.monotonic() < end:
            rows = _silent(sender)
            found = list(threads.map(lambda row: _said(sender, row), rows))
            _write(sender, rows, found)
            asked += len(found) - found.count(None)
            if len(rows) < _PAGE or found.count(None) >= _MOST_AWAY:
                break
    if asked:
        log.info("asked about silent messages", count=asked)
    return asked


def _silent(sender: Sender) -> Sequence[Row[int, int, str, datetime]]:
    now = sender.clock()
    is_call = messages.c.sid.startswith(CALL)
    with reading(sender.engine).connect() as connection:
        rows = connection.execute(
            select(messages.c.id, messages.c.tries, messages.c.sid, messages.c.changed_at)
            .where(
                *_MAY_BE_ASKED,
                messages.c.sid.is_not(None),
                messages.c.changed_at > now - GIVEN_UP_AFTER,
                messages.c.changed_at < now - CALL_SILENT_AFTER,
                or_(messages.c.changed_at < now - SILENT_AFTER, is_call),
            )
            .order_by(messages.c.changed_at)
            .limit(_PAGE)
        ).all()
    course = sender.course()  # the date may have been moved since
    return [row for row in rows if course.age(row.changed_at) > _patience(row.sid)]


def _patience(sid: str) -> timedelta:
    """A text may wait for its phone; a call is over soon, and goes again when nobody took it."""
    return CALL_SILENT_AFTER if sid.startswith(CALL) else SILENT_AFTER


def _said(sender: Sender, row: Row[int, int, str, datetime]) -> Report | None:
    """What the carrier says of a message. None where that, or what it means, cannot be told now."""
    listed = _found(sender, row.sid)
    if listed is None:
        return None
    report = Report(row.id, row.tries, row.sid, listed.status, listed.code)
    said = sender.said(row.sid) if report.was_picked_up else True
    return None if said is None else replace(report, said=said)


def _found(sender: Sender, sid: str) -> Listed | ListedCall | None:
    try:
        return sender.carrier.one_call(sid) if sid.startswith(CALL) else sender.carrier.one(sid)
    except CarrierAway:
        return None


def _write(sender: Sender, rows: Sequence[Row[int, int, str, datetime]], found: Sequence[Report | None]) -> None:
    now = sender.clock()
    calendar = sender.prompts().menus.calendar
    consequences: list[Consequence | None] = []
    with sender.engine.begin() as connection:
        trusted = restored_since(connection) is not None  # notes are lost with the database: `status_webhook.py`
        for row, report in zip(rows, found, strict=True):
            if report is None:
                continue
            this = (messages.c.id == row.id, messages.c.tries == row.tries, messages.c.sid == row.sid)
            still = messages.c.state.in_(("accepted", "sent"))
            told = replace(report, said=report.said or trusted)
            consequences.append(follow(connection, calendar, told, now))
            goes_on = report.is_of_call and report.status in _CALL_GOES_ON  # asked about again, later
            noted = {"changed_at": now} if goes_on else {"reason": ASKED}
            connection.execute(update(messages).where(*this, still).values(noted))
    bearing = Consequences(sender.engine, sender.rate, sender.alert, sender.call_rate)
    for consequence in dict.fromkeys(filter(None, consequences)):
        bearing.bear(consequence, now)
