"""How the reminders of things with a date of their own stand: by kind and week, and never by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, Connection, cast, func, select

from helpline.menus.windows import today_in_paris
from helpline.records.tables import messages
from helpline.reminders.figures import Stands, WaveFigures, figures_of, stands

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class DatedFigures:
    """The reminders of one kind whose turn was in one week. `monday`: its first day."""

    kind: str
    monday: date
    figures: WaveFigures


def dated_figures(
    connection: Connection, kinds: Collection[str], since: datetime, now: datetime
) -> tuple[DatedFigures, ...]:
    """Those whose turn was from `since` until now, the latest week first."""
    hour = (cast(messages.c.due_at, BigInteger) // _HOUR).label("hour")
    # Nobody is reminded of a thing when it is over: by their names, which begin with their day, an index leaves out
    # those of long ago.
    near = (messages.c.kind.in_(sorted(kinds)), messages.c.occurrence >= _before(since))
    turn = (messages.c.due_at >= since, messages.c.due_at <= now)
    grouped = select(messages.c.kind, hour, messages.c.state, messages.c.reason, func.count()).where(*near, *turn)
    found: dict[tuple[date, str], Counter[tuple[Stands, str]]] = {}
    for kind, hours, state, reason, count in connection.execute(
        grouped.group_by(messages.c.kind, hour, messages.c.state, messages.c.reason)
    ):
        day = today_in_paris(datetime.fromtimestamp(int(hours) * _HOUR, UTC))
        monday = day - timedelta(days=day.weekday())
        found.setdefault((monday, kind), Counter())[stands(state, reason)] += count
    in_order = sorted(found.items(), key=lambda item: (-item[0][0].toordinal(), item[0][1]))
    return tuple(DatedFigures(kind, monday, figures_of(counts)) for (monday, kind), counts in in_order)


def _before(moment: datetime) -> str:
    """The name of a thing of the month in which that was, or of the month before, where only its month is known."""
    return f"{today_in_paris(moment - timedelta(days=31)):%Y-%m}"
