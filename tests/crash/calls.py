"""What a crash test found of calls: everybody reached once, or not in three calls; nobody called who must not be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, may_send_until
from helpline.records.tables import messages
from helpline.reminders.statuses import MOST_TRIES
from helpline.simulator.carrier.calls_journal import KeptCall
from tests.crash.crowd import Person

PICKED_UP = "completed"  # by a person, or a machine that took the message


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """Counts of people who are called: who was reached and who could not be; and what is wrong, which must be nothing.

    Somebody is reached who was told something. `unheard`: calls that were picked up while nobody told the carrier what
    to say. `too_few`: not reached, and not tried as often as it should have been. `on_after_reached`: reached, and
    called again.
    """

    wanted: int = 0
    reached_once: int = 0
    not_reached: int = 0
    unheard: int = 0
    twice: int = 0
    missing: int = 0
    too_many: int = 0
    too_few: int = 0
    on_after_reached: int = 0
    unwanted: int = 0
    outside_hours: int = 0
    too_early: int = 0
    too_late: int = 0

    @property
    def faults(self) -> dict[str, int]:
        """What must be nothing."""
        counts = ("wanted", "reached_once", "not_reached", "unheard")
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in counts}

    @property
    def is_good(self) -> bool:
        return self.reached_once + self.not_reached == self.wanted and not any(self.faults.values())


def judge_calls(
    engine: Engine, made: Sequence[KeptCall], people: Iterable[Person], calendar: Calendar, wave: Wave
) -> CallVerdict:
    """Hold the carrier's journal of calls against what was wanted."""
    by_number = {person.number: person for person in people}
    calls: dict[str, list[KeptCall]] = {number: [] for number in by_number}
    for call in made:
        if call.direction == "outbound-api":
            calls[call.to].append(call)
    wanted = {n: calls[n] for n, person in by_number.items() if person.channel == "voice" and person.part == "wanted"}
    reached = {number: sum(_has_reached(call) for call in its) for number, its in wanted.items()}
    lost = [number for number, its in wanted.items() if its and not reached[number]]
    tries = _tries(engine)
    all_made = [call for its in calls.values() for call in its]
    most = MOST_TRIES["voice"]
    return CallVerdict(
        wanted=len(wanted),
        reached_once=sum(times == 1 for times in reached.values()),
        not_reached=len(lost),
        unheard=sum(call.status == PICKED_UP and not call.heard for call in all_made),
        twice=sum(times > 1 for times in reached.values()),
        missing=sum(not its for its in wanted.values()),
        too_many=sum(len(its) > most for its in wanted.values()),
        too_few=sum(not _was_given_up(tries.get(by_number[number].id), most) for number in lost),
        on_after_reached=sum(_went_on(its) for its in wanted.values()),
        unwanted=sum(bool(its) for number, its in calls.items() if number not in wanted),
        outside_hours=sum(may_send_until(calendar, _moment(call)) is None for call in all_made),
        too_early=sum(_moment(call) < by_number[call.to].moment.replace(microsecond=0) for call in all_made),
        too_late=sum(_moment(call) >= wave.not_after for call in all_made),
    )


def _was_given_up(row: tuple[str, int] | None, most: int) -> bool:
    return row is not None and row[0] == "undelivered" and row[1] >= most


def _went_on(calls: Sequence[KeptCall]) -> bool:
    return any(_has_reached(call) for call in calls[:-1])


def _has_reached(call: KeptCall) -> bool:
    return call.status == PICKED_UP and call.heard


def _moment(call: KeptCall) -> datetime:
    return datetime.fromtimestamp(call.at, UTC)


def _tries(engine: Engine) -> Mapping[int, tuple[str, int]]:
    """How the call of each caller stands: its state and its tries, by caller."""
    with engine.connect() as connection:
        rows: Any = connection.execute(
            select(messages.c.caller_id, messages.c.state, messages.c.tries).where(messages.c.queue == "calls")
        )
        return {row.caller_id: (row.state, row.tries) for row in rows}
