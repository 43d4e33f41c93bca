"""How long the waves of a year take for so many subscribers, what they cost, how much is kept: reckoned, nothing sent.

Pure: the calendar, the number of people and the rate come in. It reckons with the most that can be: everybody wants
every reminder, and nobody says that it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from helpline.menus.dates import today_in_paris
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, may_send_until, next_allowed, waves_between

YEAR = timedelta(days=365)
KEPT_DAYS = 90  # messages: `consent/retention.py`
# Bytes a row with its indexes and a caller in Valkey: as measured (docs/scaling.md says how).
ROW_BYTES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "sqlite": {"callers": 255, "subscriptions": 64, "consents": 223, "messages": 212},
        "postgresql": {"callers": 329, "subscriptions": 164, "consents": 314, "messages": 351},
    }
)
CALLER_BYTES = 339
_STEPS_OF_A_CONSENT = 2  # asked, given


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: people, messages a second, segments of each message, the price of a segment in euros."""

    people: int
    per_second: float
    segments: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Load:
    """A wave for everybody. `ends`: when the last message is out; `late` are those that expire before their turn.

    `by_day`: how many go out on each day in France.
    """

    wave: Wave
    messages: int
    began: datetime
    ends: datetime
    late: int
    by_day: Mapping[date, int]

    @property
    def takes(self) -> timedelta:
        """From the first message to the last, with the nights and closed days between."""
        return self.ends - self.began


@dataclass(frozen=True, slots=True)
class Reckoned:
    """All of it for a year. `rows` by table, at the busiest; `database` bytes by kind of database, `valkey` in all."""

    loads: tuple[Load, ...]
    segments: int
    cost: Decimal
    rows: Mapping[str, int]
    database: Mapping[str, int]
    valkey: int
    enough_per_second: int

    @property
    def late(self) -> int:
        """Messages that would expire."""
        return sum(load.late for load in self.loads)

    @property
    def busiest_day(self) -> int:
        """The most messages of one day."""
        days: Counter[date] = Counter()
        for load in self.loads:
            days.update(load.by_day)
        return max(days.values(), default=0)


def reckoned(calendar: Calendar, plan: Plan, now: datetime) -> Reckoned:
    """The waves that begin within a year from `now`. ValueError unless there are people and a rate."""
    if plan.people < 1 or plan.per_second <= 0:
        raise ValueError("there must be people, and a rate above 0")
    waves = waves_between(calendar, now, now + YEAR)
    loads = loads_of(calendar, waves, plan.people, plan.per_second)
    rows = _rows(waves, plan.people)
    segments = sum(load.messages - load.late for load in loads) * plan.segments
    return Reckoned(
        loads=loads,
        segments=segments,
        cost=segments * plan.price,
        rows=rows,
        database={kind: sum(rows[name] * size for name, size in sizes.items()) for kind, sizes in ROW_BYTES.items()},
        valkey=plan.people * CALLER_BYTES,
        enough_per_second=_enough(calendar, waves, plan.people),
    )


def loads_of(calendar: Calendar, waves: Sequence[Wave], people: int, per_second: float) -> tuple[Load, ...]:
    """Each wave after the other, as one rate for all sends them: a wave that is not done keeps the next one waiting."""
    loads: list[Load] = []
    free = None
    for wave in waves:
        began = max(wave.begins, free) if free else wave.begins
        ends, late, by_day = _sent(calendar, began, wave, people, per_second)
        loads.append(Load(wave, people, min(began, wave.not_after), ends, late, by_day))
        free = ends
    return tuple(loads)


def _sent(
    calendar: Calendar, began: datetime, wave: Wave, people: int, per_second: float
) -> tuple[datetime, int, Mapping[date, int]]:
    """When the last message of a wave is out, how many are not by its end, how many on each day. Only in the hours."""
    left, moment = people, next_allowed(calendar, began)
    by_day: Counter[date] = Counter()
    ends = min(began, wave.not_after)
    while moment < wave.not_after:
        until = min(may_send_until(calendar, moment) or wave.not_after, wave.not_after)
        can = int((until - moment).total_seconds() * per_second)
        by_day[today_in_paris(moment)] += min(can, left)
        if can >= left:
            done = moment + timedelta(seconds=left / per_second)
            return max(done, min(wave.spread_until, until)), 0, by_day  # callers' own moments lie until then
        left, ends = left - can, until
        moment = next_allowed(calendar, until)
    return ends, left, by_day


def _enough(calendar: Calendar, waves: Sequence[Wave], people: int) -> int:
    """The smallest whole rate at which nothing expires."""
    low, high = 1, 1
    while _late(calendar, waves, people, high):
        low, high = high + 1, high * 2
    while low < high:
        middle = (low + high) // 2
        if _late(calendar, waves, people, middle):
            low = middle + 1
        else:
            high = middle
    return high


def _late(calendar: Calendar, waves: Sequence[Wave], people: int, per_second: int) -> int:
    return sum(load.late for load in loads_of(calendar, waves, people, per_second))


def _rows(waves: Sequence[Wave], people: int) -> dict[str, int]:
    """Rows by table, when most messages are kept."""
    days = [wave.begins.date() for wave in waves]
    most = max((sum(day <= each < day + timedelta(days=KEPT_DAYS) for each in days) for day in days), default=0)
    return {
        "callers": people,
        "subscriptions": people,
        "consents": people * _STEPS_OF_A_CONSENT,
        "messages": people * most,
    }
