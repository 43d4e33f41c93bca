"""Which calls of the carrier's list were a reminder's: the list has no words of calls, only their times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from helpline.carrier.calling import ListedCall
from helpline.menus.shapes import Calendar
from helpline.menus.waves import next_allowed
from helpline.records.messages import IN_DOUBT
from helpline.reminders.statuses import MOST_TRIES, ONCE_MORE_AFTER

CLOCKS_APART = timedelta(minutes=2)  # ours and the carrier's
# A reminder's call is made soon after it is due. One that came later, or that was asked for, may have been a call back,
# of which the backup knows nothing: to be called twice is better than not to be reminded.
SOON = timedelta(minutes=15)
_NOT_OVER = frozenset({"busy", "no-answer", "failed", "canceled"})


def tries_of(
    row: Row[Any], calls: Iterable[ListedCall], asked: Sequence[datetime], calendar: Calendar
) -> list[ListedCall]:
    """Those of a caller's calls, the oldest first, that were made for a message; `asked`: when they wanted one."""
    expected: datetime = row.claimed_at if row.state in IN_DOUBT and row.claimed_at else row.due_at
    found: list[ListedCall] = []
    for call in calls:
        at = call.created
        is_soon = expected - CLOCKS_APART <= at <= expected + SOON and at < row.not_after
        if is_soon and not any(_is_soon_after(at, moment) for moment in asked):
            found.append(call)
            if call.status not in _NOT_OVER or len(found) == MOST_TRIES["voice"]:
                break
            expected = next_allowed(calendar, at + ONCE_MORE_AFTER)
    return found


def _is_soon_after(at: datetime, moment: datetime) -> bool:
    return moment - CLOCKS_APART <= at <= moment + SOON
