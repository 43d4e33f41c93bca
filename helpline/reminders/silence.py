"""Messages of which the carrier never said what became of them: it is asked, once each.

Its reports are lost where the web server is away for longer than they are repeated. What counts is delivered: without
this, a wave would look worse than it is, and what did not arrive would not go once more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Row, select, update

from helpline.carrier.sending import AT_ONCE, CarrierAway, Listed
from helpline.records.engine import reading
from helpline.records.tables import messages
from helpline.reminders.consequences import Consequence, Consequences
from helpline.reminders.sender import Sender
from helpline.reminders.statuses import Report, follow

SILENT_AFTER = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(days=3)
BUDGET = 30.0  # seconds of one job
ASKED = "asked"  # the reason of a message that nobody asks about again
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
            found = list(threads.map(lambda row: _found(sender, row.sid), rows))
            _write(sender, rows, found)
            asked += len(found) - found.count(None)
            if len(rows) < _PAGE or found.count(None) >= _MOST_AWAY:
                break
    if asked:
        log.info("asked about silent messages", count=asked)
    return asked


def _silent(sender: Sender) -> Sequence[Row[int, int, str, datetime]]:
    now = sender.clock()
    with reading(sender.engine).connect() as connection:
        rows = connection.execute(
            select(messages.c.id, messages.c.tries, messages.c.sid, messages.c.changed_at)
            .where(
                messages.c.state.in_(("accepted", "sent")),
                messages.c.sid.is_not(None),
                messages.c.reason != ASKED,
                messages.c.changed_at < now - SILENT_AFTER,
                messages.c.changed_at > now - GIVEN_UP_AFTER,
            )
            .order_by(messages.c.id)
            .limit(_PAGE)
        ).all()
    course = sender.course()  # the date may have been moved since
    return [row for row in rows if course.age(row.changed_at) > SILENT_AFTER]


def _found(sender: Sender, sid: str) -> Listed | None:
    try:
        return sender.carrier.one(sid)
    except CarrierAway:
        return None


def _write(sender: Sender, rows: Sequence[Row[int, int, str, datetime]], found: Sequence[Listed | None]) -> None:
    now = sender.clock()
    calendar = sender.prompts().menus.calendar
    consequences: list[Consequence | None] = []
    with sender.engine.begin() as connection:
        for row, listed in zip(rows, found, strict=True):
            if listed is None:
                continue
            this = (messages.c.id == row.id, messages.c.tries == row.tries, messages.c.sid == row.sid)
            still = messages.c.state.in_(("accepted", "sent"))
            report = Report(row.id, row.tries, row.sid, listed.status, listed.code)
            consequences.append(follow(connection, calendar, report, now))
            connection.execute(update(messages).where(*this, still).values(reason=ASKED))
    bearing = Consequences(sender.engine, sender.rate, sender.alert)
    for consequence in dict.fromkeys(filter(None, consequences)):
        bearing.bear(consequence, now)
