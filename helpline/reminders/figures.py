"""How a wave stands, in numbers: what is planned, what left, what arrived, and why the rest did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from helpline.consent.consent import KIND
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, waves_between
from helpline.records.columns import Moment
from helpline.records.messages import AGAIN, GOES_AGAIN, State
from helpline.records.tables import messages
from helpline.reminders.queues import SENDING

TIME_TO_ARRIVE = timedelta(hours=1)
_SHOWN_FOR = timedelta(days=45)
_LEFT: tuple[State, ...] = ("accepted", "sent", "delivered", "undelivered", "failed")
# As the state says, but for what did not arrive the first time: it waits as `again`, and given up is `undelivered`.
Stands = State | Literal["again"]
_DID_NOT_ARRIVE: Mapping[State, Stands] = {"planned": "again", "skipped": "undelivered", "expired": "undelivered"}


@dataclass(frozen=True, slots=True)
class WaveFigures:
    """How many messages of a wave stand how, and for what reasons."""

    states: Mapping[Stands, int]
    reasons: Mapping[tuple[Stands, str], int]

    def of(self, *states: Stands) -> int:
        """How many stand in one of these ways."""
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
        return self.of("accepted", "sent", "delivered", "undelivered", "again")

    @property
    def delivered(self) -> int:
        return self.of("delivered")

    @property
    def goes_again(self) -> int:
        """Not delivered; they wait for their second try."""
        return self.of("again")

    @property
    def failed(self) -> int:
        """They will not arrive: the carrier or the phone's network said so."""
        return self.of("failed", "undelivered")

    @property
    def not_sent(self) -> int:
        """Not wanted any more when it was their turn, or too late."""
        return self.of("skipped", "expired")

    @property
    def why_again(self) -> dict[str, int]:
        """Why the first try of those that go again did not arrive, the most frequent first; so are the others."""
        return self._why("again")

    @property
    def why_failed(self) -> dict[str, int]:
        return self._why("failed", "undelivered")

    @property
    def why_not_sent(self) -> dict[str, int]:
        return self._why("skipped", "expired")

    def _why(self, *states: Stands) -> dict[str, int]:
        found: dict[str, int] = {}
        for (state, reason), count in self.reasons.items():
            if state in states:
                name = reason or ("undelivered" if state == "again" else state)
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
    found: dict[tuple[str, str], Counter[tuple[Stands, str]]] = {}
    for occurrence, wave, state, reason, count in connection.execute(grouped):
        found.setdefault((occurrence, wave), Counter())[stands(state, reason)] += count
    return {wave: figures_of(found.get((wave.occurrence, wave.name), {})) for wave in waves}


def stands(state: State, reason: str) -> tuple[Stands, str]:
    """How a message stands, and why: what did not arrive did not, whatever came of its second try before it went."""
    if reason.startswith(AGAIN) and state in _DID_NOT_ARRIVE:
        return _DID_NOT_ARRIVE[state], reason.removeprefix(AGAIN).lstrip()
    return state, reason


def figures_of(reasons: Mapping[tuple[Stands, str], int]) -> WaveFigures:
    """The same counts, by state as well."""
    states: dict[Stands, int] = {}
    for (state, _), count in reasons.items():
        states[state] = states.get(state, 0) + count
    return WaveFigures(states, reasons)


def arrived(connection: Connection, wave: Wave, now: datetime) -> Arrived:
    """What became of those messages of a wave that left an hour ago or earlier.

    One that is planned again, after it did not arrive, is counted as one that left; so is one whose second try was
    given up.
    """
    given_up = and_(messages.c.state.in_(("skipped", "expired")), GOES_AGAIN)
    left = or_(messages.c.state.in_(_LEFT), and_(messages.c.state == "planned", messages.c.tries > 0), given_up)
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
        for queue in SENDING  # each is the first entry of its part of the index
    ]
    return min((moment for moment in first if moment is not None and moment <= now), default=None)


def latest_waves(calendar: Calendar, now: datetime, count: int = 5) -> tuple[Wave, ...]:
    """The waves that began last, and the next one."""
    near = waves_between(calendar, now - _SHOWN_FOR, now + _SHOWN_FOR)
    begun = [wave for wave in near if wave.begins <= now]
    return (*begun[1 - count :], *(wave for wave in near if wave.begins > now))[:count]
