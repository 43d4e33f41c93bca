"""How a wave stands, in numbers: what is planned, what left, what arrived, and why the rest did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from helpline.consent.consent import KIND
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, waves_between
from helpline.records.messages import State
from helpline.records.tables import Moment, messages
from helpline.reminders.queues import BULK, REPLIES

TIME_TO_ARRIVE = timedelta(hours=1)
_SHOWN_FOR = timedelta(days=45)
_LEFT: tuple[State, ...] = ("accepted", "sent", "delivered", "undelivered", "failed")


@dataclass(frozen=True, slots=True)
class WaveFigures:
    """How many messages of a wave are in each state, and for what reasons they are there."""

    states: Mapping[State, int]
    reasons: Mapping[tuple[State, str], int]

    def of(self, *states: State) -> int:
        """How many are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        """To be sent."""
        return self.of("planned")

    @property
    def in_doubt(self) -> int:
        """Being sent, or sent without an answer."""
        return self.of("sending", "unknown")

    @property
    def accepted(self) -> int:
        """Taken by the carrier, whatever came after."""
        return self.of("accepted", "sent", "delivered", "undelivered")

    @property
    def delivered(self) -> int:
        return self.of("delivered")

    @property
    def failed(self) -> int:
        """They will not arrive: the carrier or the phone's network said so."""
        return self.of("failed", "undelivered")

    @property
    def not_sent(self) -> int:
        """Not wanted any more when it was their turn, or too late."""
        return self.of("skipped", "expired")

    def why(self, *states: State) -> dict[str, int]:
        """The reasons of those in these states, the most frequent first."""
        found: dict[str, int] = {}
        for (state, reason), count in self.reasons.items():
            if state in states:
                name = reason or state
                found[name] = found.get(name, 0) + count
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Arrived:
    """Of the messages that left long enough ago: how many there are, and how many arrived."""

    delivered: int
    left: int

    @property
    def share(self) -> float:
        return self.delivered / self.left if self.left else 0.0


def of_wave(wave: Wave) -> ColumnElement[bool]:
    """Which messages are a wave's, in SQL."""
    return and_(messages.c.kind == KIND, messages.c.occurrence == wave.occurrence, messages.c.wave == wave.name)


def wave_figures(connection: Connection, *waves: Wave) -> dict[Wave, WaveFigures]:
    """The messages of these waves, counted in one go over them."""
    named = (messages.c.occurrence, messages.c.wave, messages.c.state, messages.c.reason)
    of_months = messages.c.occurrence.in_({wave.occurrence for wave in waves})
    grouped = select(*named, func.count()).where(messages.c.kind == KIND, of_months).group_by(*named)
    found: dict[tuple[str, str], dict[tuple[State, str], int]] = {}
    for occurrence, wave, state, reason, count in connection.execute(grouped):
        found.setdefault((occurrence, wave), {})[state, reason] = count
    return {wave: _figures(found.get((wave.occurrence, wave.name), {})) for wave in waves}


def _figures(reasons: Mapping[tuple[State, str], int]) -> WaveFigures:
    states: dict[State, int] = {}
    for (state, _), count in reasons.items():
        states[state] = states.get(state, 0) + count
    return WaveFigures(states, reasons)


def arrived(connection: Connection, wave: Wave, now: datetime) -> Arrived:
    """What became of those messages of a wave that left an hour ago or earlier.

    One that is planned again, after it did not arrive, is counted as one that left.
    """
    left = or_(messages.c.state.in_(_LEFT), and_(messages.c.state == "planned", messages.c.tries > 0))
    delivered = func.count(case((messages.c.state == "delivered", 1)))
    found = select(delivered, func.count()).where(of_wave(wave), left, messages.c.claimed_at <= now - TIME_TO_ARRIVE)
    row = connection.execute(found).one()
    return Arrived(row[0], row[1])


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """The moment of the message that should have gone first and has not; none if none is due."""
    first = [
        connection.scalar(
            select(func.min(messages.c.due_at, type_=Moment)).where(
                messages.c.state == "planned", messages.c.queue == queue
            )
        )
        for queue in (REPLIES, BULK)  # each is the first entry of its part of the index
    ]
    return min((moment for moment in first if moment is not None and moment <= now), default=None)


def latest_waves(calendar: Calendar, now: datetime, count: int = 5) -> tuple[Wave, ...]:
    """The waves that began last, and the next one."""
    near = waves_between(calendar, now - _SHOWN_FOR, now + _SHOWN_FOR)
    begun = [wave for wave in near if wave.begins <= now]
    return (*begun[1 - count :], *(wave for wave in near if wave.begins > now))[:count]
