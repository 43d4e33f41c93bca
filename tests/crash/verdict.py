"""What a crash test found: each message exactly once, none missing, none to whom or when it must not go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, may_send_until
from helpline.records.messages import FINAL, IN_DOUBT, State
from helpline.records.tables import messages
from helpline.simulator.carrier.calls_journal import KeptCall
from helpline.simulator.carrier.journal import Message
from tests.crash.calls import CallVerdict, judge_calls
from tests.crash.crowd import Person

# Whoever says STOP may still get what a worker is handing over at that moment.
ON_ITS_WAY = timedelta(seconds=10)
SOON = timedelta(minutes=10)  # what is called again is called later than that
AT_REST: frozenset[State] = FINAL | {"accepted", "sent"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Counts of texts: what was wanted of them and what is wrong with them; of calls; and how all their rows stand."""

    wanted: int
    once: int
    twice: int
    missing: int
    unwanted: int
    outside_hours: int
    too_early: int
    too_late: int
    in_doubt: int
    not_at_rest: int
    other_sid: int
    states: Mapping[str, int]
    calls: CallVerdict = field(default_factory=CallVerdict)

    @property
    def faults(self) -> dict[str, int]:
        """What must be nothing."""
        names = (
            "twice",
            "missing",
            "unwanted",
            "outside_hours",
            "too_early",
            "too_late",
            "in_doubt",
            "not_at_rest",
            "other_sid",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def is_good(self) -> bool:
        return self.once == self.wanted and not any(self.faults.values()) and self.calls.is_good


def judge(
    engine: Engine,
    accepted: Sequence[Message],
    people: Iterable[Person],
    stopped: Mapping[str, datetime],
    calendar: Calendar,
    wave: Wave,
    calls: Sequence[KeptCall] = (),
) -> Verdict:
    """Hold the carrier's journal against what was wanted. `stopped`: when STOP was confirmed, by number."""
    by_number = {person.number: person for person in people}
    times = Counter(message.to for message in accepted)
    wanted = {n for n, person in by_number.items() if person.part == "wanted" and person.channel == "sms"}
    tolerated = wanted | {
        number
        for number, person in by_number.items()
        if person.part == "stops" and (number not in stopped or stopped[number] + ON_ITS_WAY > person.moment)
    }
    states, sids = _rows(engine)
    known = {message.sid for message in accepted} | {call.sid for call in calls}
    return Verdict(
        wanted=len(wanted),
        once=sum(times[number] == 1 for number in wanted),
        twice=sum(count > 1 for count in times.values()),
        missing=sum(times[number] == 0 for number in wanted),
        unwanted=sum(number not in tolerated for number in times),
        outside_hours=sum(may_send_until(calendar, message.moment) is None for message in accepted),
        too_early=sum(message.moment < _turn(by_number, message) for message in accepted),
        too_late=sum(message.moment >= wave.not_after for message in accepted),
        in_doubt=sum(count for state, count in states.items() if state in IN_DOUBT),
        not_at_rest=sum(count for state, count in states.items() if state not in AT_REST),
        other_sid=sum(sid not in known for sid in sids),
        states=states,
        calls=judge_calls(engine, calls, by_number.values(), calendar, wave),
    )


def unfinished(engine: Engine, now: datetime, soon: timedelta = SOON) -> int:
    """How many messages still have something before them soon."""
    later = (messages.c.state == "planned") & (messages.c.due_at > now + soon)
    return _count(engine, messages.c.state.not_in(AT_REST) & ~later)


def waiting(engine: Engine) -> int:
    """How many wait for a later hour: who is called again, and whose call was not reported on yet."""
    open_call = (messages.c.queue == "calls") & messages.c.state.in_(("accepted", "sent"))
    return _count(engine, open_call | messages.c.state.not_in(AT_REST))


def _count(engine: Engine, where: ColumnElement[bool]) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(messages).where(where)) or 0


def planned(engine: Engine, wave: Wave) -> int:
    """How many messages of a wave there are."""
    mine = (messages.c.occurrence == wave.occurrence) & (messages.c.wave == wave.name)
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(messages).where(mine)) or 0


def _turn(people: Mapping[str, Person], message: Message) -> datetime:
    """Moments are whole seconds in the database."""
    return people[message.to].moment.replace(microsecond=0)


def _rows(engine: Engine) -> tuple[dict[str, int], list[Any]]:
    with engine.connect() as connection:
        grouped = select(messages.c.state, func.count()).group_by(messages.c.state)
        states = {row[0]: row[1] for row in connection.execute(grouped)}
        sids = connection.scalars(select(messages.c.sid).where(messages.c.sid.is_not(None))).all()
    return states, list(sids)
