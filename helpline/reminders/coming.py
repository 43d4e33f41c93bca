"""What is planned of things with a date of their own, in numbers: by kind and day, and never by person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import BigInteger, Connection, case, cast, func, select

from helpline.consent.kinds import IS_DATED
from helpline.menus.windows import PARIS, today_in_paris
from helpline.records.messages import IS_PLANNED
from helpline.records.tables import messages
from helpline.reminders.queues import CALLS, SENDING

_HOUR = 3600
_DAY = timedelta(days=1)
SHOWN_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Coming:
    """The reminders of one kind on one day. `calls`: how many of them go by call."""

    kind: str
    day: date
    count: int
    calls: int


def coming(connection: Connection, first: date, last: date) -> tuple[Coming, ...]:
    """What is planned on these days, by day and kind."""
    begins = datetime.combine(first, time(0), PARIS)
    ends = datetime.combine(last + _DAY, time(0), PARIS)
    # By the hour, since SQL knows no French days, and these begin at whole hours.
    hour = (cast(messages.c.due_at, BigInteger) // _HOUR).label("hour")
    by_call = func.count(case((messages.c.queue == CALLS, 1)))
    planned = (IS_PLANNED, messages.c.queue.in_(SENDING), messages.c.due_at >= begins, messages.c.due_at < ends)
    found = select(messages.c.kind, hour, func.count(), by_call).where(IS_DATED, *planned)
    counts: Counter[tuple[date, str]] = Counter()
    calls: Counter[tuple[date, str]] = Counter()
    for kind, hours, count, called in connection.execute(found.group_by(messages.c.kind, hour)):
        key = (today_in_paris(datetime.fromtimestamp(int(hours) * _HOUR, UTC)), kind)
        counts[key] += count
        calls[key] += called
    return tuple(Coming(kind, day, count, calls[day, kind]) for (day, kind), count in sorted(counts.items()))


def coming_soon(connection: Connection, now: datetime) -> tuple[Coming, ...]:
    """What is planned from today on, for two weeks."""
    today = today_in_paris(now)
    return coming(connection, today, today + SHOWN_AHEAD)
