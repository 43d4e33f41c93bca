"""The figures of Today, from the database: who was helped and is reminded, what was sent, what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Engine, Select, func, select, type_coerce

from helpline.consent.consent import KIND
from helpline.desk.counted import Counted
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, waves_between
from helpline.menus.windows import PARIS, today_in_paris
from helpline.records.engine import reading
from helpline.records.tables import messages, subscriptions
from helpline.reminders.queues import REPLIES
from helpline.tallies.reading import by_day as tallied
from helpline.tallies.reading import people_by_day

DAYS = 30
_AHEAD = timedelta(days=45)
_HOUR = 3600
_ARRIVED, _FAILED, _UNDER_WAY = ("delivered",), ("undelivered", "failed"), ("accepted", "sent")
# Answers to what somebody did, and the question whether to go on, remind of nothing.
_REMINDS: tuple[ColumnElement[bool], ...] = (messages.c.queue != REPLIES, messages.c.kind != "keep")

Contacts = tuple[Counter[date], Counter[date], Counter[date]]  # texts, calls, people, by day


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day in France."""

    day: date
    delivered: int = 0
    under_way: int = 0
    failed: int = 0
    began: int = 0
    ended: int = 0
    texts: int = 0
    calls: int = 0
    people: int = 0

    @property
    def sent(self) -> int:
        return self.delivered + self.under_way + self.failed


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is of what. `days`: the last thirty, today at the end. `next_wave`: the next that begins."""

    at: datetime
    reminded: int
    waiting: int
    waiting_today: int
    days: tuple[Day, ...]
    next_wave: Wave | None

    @property
    def today(self) -> Day:
        return self.days[-1]


def figures(connection: Connection, calendar: Calendar, now: datetime) -> Figures:
    """Counted now. It goes over all messages and subscriptions once."""
    last = today_in_paris(now)
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    since = _begins(days[0])
    planned = select(func.count()).where(messages.c.state == "planned", *_REMINDS)
    contacts = _contacts(connection, days[0])
    return Figures(
        at=now,
        reminded=_count(connection, _reminded()),
        waiting=_count(connection, planned),
        waiting_today=_count(connection, planned.where(messages.c.due_at < _begins(last + timedelta(days=1)))),
        days=tuple(_days(days, _sent(connection, since), *_came_and_went(connection, since), contacts)),
        next_wave=next((wave for wave in waves_between(calendar, now, now + _AHEAD) if wave.begins > now), None),
    )


def counting(engine: Engine, calendar: Callable[[], Calendar]) -> Counted[Figures]:
    """The figures, counted once a minute however often they are looked at, and beside the pages."""

    def count(now: datetime) -> Figures:
        with reading(engine).connect() as connection:
            return figures(connection, calendar(), now)

    return Counted(count)


def _reminded() -> Select[int]:
    active = (subscriptions.c.kind == KIND, subscriptions.c.ended_at.is_(None))
    return select(func.count(subscriptions.c.caller_id)).where(*active)


def _sent(connection: Connection, since: datetime) -> dict[date, Counter[str]]:
    """How many reminders left on which day, by state."""
    hour = _hour_of(messages.c.claimed_at)
    left = messages.c.state.in_((*_ARRIVED, *_FAILED, *_UNDER_WAY))
    grouped = select(hour, messages.c.state, func.count()).where(messages.c.claimed_at >= since, left, *_REMINDS)
    found: dict[date, Counter[str]] = {}
    for at, state, count in connection.execute(grouped.group_by(hour, messages.c.state)):
        found.setdefault(_day_of(at), Counter())[state] += count
    return found


def _came_and_went(connection: Connection, since: datetime) -> tuple[Counter[date], Counter[date]]:
    """How many subscriptions began on which day, and how many ended."""
    return _by_day(connection, subscriptions.c.since, since), _by_day(connection, subscriptions.c.ended_at, since)


def _contacts(connection: Connection, since: date) -> Contacts:
    """How many texts were answered, how many calls came in, and how many people got something out of them."""
    texts: Counter[date] = Counter()
    calls: Counter[date] = Counter()
    for counted in tallied(connection, ["turns", "calls"], since):
        if counted.day and (counted.name == "calls" or counted.label("channel") == "sms"):
            (calls if counted.name == "calls" else texts)[counted.day] += counted.count
    return texts, calls, Counter(people_by_day(connection, since))


def _by_day(connection: Connection, column: Column[datetime], since: datetime) -> Counter[date]:
    hour = _hour_of(column)
    found: Counter[date] = Counter()
    for at, count in connection.execute(select(hour, func.count()).where(column >= since).group_by(hour)):
        found[_day_of(at)] += count
    return found


def _days(
    days: Iterable[date],
    sent: dict[date, Counter[str]],
    began: Counter[date],
    ended: Counter[date],
    contacts: Contacts,
) -> Iterable[Day]:
    for day in days:
        states = sent.get(day, Counter())
        delivered, under_way, failed = (_sum(states, group) for group in (_ARRIVED, _UNDER_WAY, _FAILED))
        texts, calls, people = (each[day] for each in contacts)
        yield Day(day, delivered, under_way, failed, began[day], ended[day], texts, calls, people)


def _sum(states: Counter[str], group: tuple[str, ...]) -> int:
    return sum(states[state] for state in group)


def _hour_of(column: Column[datetime]) -> ColumnElement[int]:
    """Hours since 1970: days in France begin at a full hour, whatever the season."""
    return type_coerce(column, BigInteger) // _HOUR


def _day_of(hour: int) -> date:
    return datetime.fromtimestamp(hour * _HOUR, UTC).astimezone(PARIS).date()


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, PARIS)


def _count(connection: Connection, wanted: Select[int]) -> int:
    return connection.scalar(wanted) or 0
