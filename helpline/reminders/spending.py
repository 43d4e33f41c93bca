"""How much of the day's budget has gone, what waits for more of it, and what an operator must learn of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, delete, func, select

from helpline.consent import daily_budget
from helpline.consent.once import insert_new
from helpline.menus.dates import PARIS, today_in_paris
from helpline.menus.shapes import Calendar
from helpline.menus.waves import next_allowed
from helpline.records.tables import controls, messages
from helpline.reminders.queues import SENDING
from helpline.reminders.wanted import SHORTEST
from helpline.tallies.reading import Labels, by_day
from helpline.telemetry.alerts import Problem

SPENT, ASKED_SPENT, FLOODED = "budget", "budget asked", "many answers"
PROBLEMS = frozenset({SPENT, ASKED_SPENT, FLOODED})
_WARNED = "budget_warned"
_A_DAY = timedelta(days=1)
_TURNS = "turns"  # the name of the tally

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Spending:
    """A day so far: `went` of `budget` messages; `waiting` are due and have no room, `too_late` of them for good.

    `asked_is_over`: what callers ask for has had its half. `answers`: texts that were answered, which cost as well.
    """

    budget: int
    went: int
    asked_is_over: bool = False
    waiting: int = 0
    too_late: int = 0
    answers: int = 0

    @property
    def is_over(self) -> bool:
        return self.went >= self.budget

    @property
    def is_nearly_over(self) -> bool:
        return self.went >= self.budget * daily_budget.NEARLY

    @property
    def is_flooded(self) -> bool:
        """More answers than we would send messages: nothing stops them, or a STOP would not be heard."""
        return self.answers >= self.budget


def spending(connection: Connection, calendar: Calendar, now: datetime, budget: int) -> Spending:
    """How the day stands. What waits is counted only when the budget is over."""
    day = today_in_paris(now)
    went, left = daily_budget.went(connection, day), daily_budget.left(connection, day, budget)
    answers = sum(one.count for one in by_day(connection, [_TURNS], day) if one.day == day and _is_text(one.labels))
    if left.of_all > 0:
        return Spending(budget, went, left.of_asked <= 0, answers=answers)
    due = (messages.c.state == "planned", messages.c.queue.in_(SENDING), messages.c.due_at <= now)
    waiting = connection.scalar(select(func.count()).where(*due)) or 0
    ends = datetime.combine(day + _A_DAY, datetime.min.time(), PARIS)
    again = next_allowed(calendar, ends)
    too_late = connection.scalar(select(func.count()).where(*due, messages.c.not_after < again + SHORTEST)) or 0
    return Spending(budget, went, True, waiting, too_late, answers)


def problems(found: Spending) -> Iterator[Problem]:
    """What an operator must do something about, in words."""
    if found.is_over:
        late = f" {found.too_late} would be too late tomorrow." if found.too_late else ""
        yield Problem(
            SPENT,
            f"The {found.budget} messages of today (MESSAGES_A_DAY) are spent: {found.waiting} wait until midnight."
            f"{late} Look at Twilio's console for what went; raise it if that was right",
        )
    elif found.asked_is_over:
        yield Problem(
            ASKED_SPENT,
            f"What callers asked for has used half of the {found.budget} messages of today (MESSAGES_A_DAY): pages and "
            "call backs wait until midnight, reminders go on. Somebody may be playing with it",
        )
    if found.is_flooded:
        yield Problem(
            FLOODED,
            f"{found.answers} texts were answered today, more than MESSAGES_A_DAY: this may be an attack. "
            "See Twilio's console for who writes; block those numbers there",
        )


def warn_once(engine: Engine, say: Callable[[str], None], found: Spending, now: datetime) -> None:
    """Once a day, when most of the budget has gone. And in the log what the end of it means for what waits."""
    if found.is_over and found.too_late:
        log.warning("messages would be too late after the day's budget", count=found.too_late, waiting=found.waiting)
    if not found.is_nearly_over or found.is_over:
        return
    name = f"{_WARNED} {today_in_paris(now).isoformat()}"
    with engine.connect() as connection:
        if connection.scalar(select(controls.c.name).where(controls.c.name == name)):
            return
    say(
        f"{found.went} of the {found.budget} messages of today (MESSAGES_A_DAY) have gone. When all have, reminders "
        "wait until midnight"
    )
    with engine.begin() as connection:
        insert_new(connection, controls, name=name, value="", changed_at=now)
        connection.execute(delete(controls).where(controls.c.name.startswith(f"{_WARNED} "), controls.c.name < name))


def _is_text(labels: Labels) -> bool:
    return ("channel", "sms") in labels
