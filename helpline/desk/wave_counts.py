"""Everything on Reminders that is counted over messages and subscriptions, at most once a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from helpline.desk.counted import Counted
from helpline.menus.prompts import Prompts
from helpline.menus.waves import Wave, waves_between
from helpline.records.engine import reading
from helpline.reminders.coming import Coming, coming_soon
from helpline.reminders.dated_figures import DatedFigures, dated_figures
from helpline.reminders.expected import Expected, expected
from helpline.reminders.figures import WaveFigures, wave_figures

BACK, AHEAD = timedelta(days=45), timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Counts:
    """As of `at`. `begun`: the latest wave first."""

    at: datetime
    begun: tuple[tuple[Wave, WaveFigures], ...]
    ahead: tuple[Expected, ...]
    dated: tuple[DatedFigures, ...]
    dated_ahead: tuple[Coming, ...]


def counts(connection: Connection, prompts: Prompts, now: datetime) -> Counts:
    """Counted now, by indexes where there can be many."""
    calendar = prompts.menus.calendar
    near = waves_between(calendar, now - BACK, now + AHEAD)
    begun = [wave for wave in near if wave.begins <= now]
    figures = wave_figures(connection, *begun)
    return Counts(
        at=now,
        begun=tuple((wave, figures[wave]) for wave in reversed(begun)),
        ahead=expected(connection, prompts, [wave for wave in near if wave.begins > now], now),
        dated=dated_figures(connection, calendar.kinds, now - BACK, now),
        dated_ahead=coming_soon(connection, now),
    )


def counting(engine: Engine, prompts: Callable[[], Prompts]) -> Counted[Counts]:
    """The counts, made again after a minute only, and beside the pages where they take long."""

    def count(now: datetime) -> Counts:
        with reading(engine).connect() as connection:
            return counts(connection, prompts(), now)

    return Counted(count)
