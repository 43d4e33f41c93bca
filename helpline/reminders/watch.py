"""What somebody must learn of while there is time: reminders that do not go out, or do not arrive."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, may_send_until, wave_of, waves_between
from helpline.menus.windows import PARIS, month_after
from helpline.records.engine import reading
from helpline.records.tables import messages
from helpline.reminders.figures import Arrived, arrived, oldest_due
from helpline.reminders.held import given_up_at, held
from helpline.reminders.pause import Pause, paused
from helpline.reminders.queues import CALLS, SENDING
from helpline.telemetry.alerts import Problem

HELD_BACK = "held "  # how the name of the problem begins
LATE = timedelta(minutes=15)
NO_TICK = timedelta(minutes=2)
NO_TICK_ALERT = timedelta(minutes=10)  # who restarts a machine needs no SMS about it
# A fall of the delivered share is one that chance does not explain: so many messages, so many points, so many sigmas.
FEWEST, FALL, SIGMAS = 20, 0.10, 2.0
_LONGEST_WAVE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Sending:
    """How the sending of messages stands. `oldest_due`: the one that should have gone first and has not.

    `of_calls`: that one goes by call.
    """

    pause: Pause | None
    oldest_due: datetime | None
    overdue: timedelta
    of_calls: bool = False

    @property
    def is_late(self) -> bool:
        return self.overdue > LATE

    @property
    def what(self) -> str:
        return "Calls" if self.of_calls else "Texts"


def watch(engine: Engine, calendar: Calendar, now: datetime, failed_jobs: int = 0) -> tuple[Problem, ...]:
    """Everything that is wrong at this moment, in words for an operator."""
    with reading(engine).connect() as connection:
        return (
            *_of_sending(sending(connection, calendar, now)),
            *_of_waves(connection, calendar, now),
            *_of_held(connection, calendar, now),
            *_of_jobs(failed_jobs),
        )


def sending(connection: Connection, calendar: Calendar, now: datetime) -> Sending:
    """How the sending of messages stands."""
    oldest = oldest_due(connection, now)
    return Sending(paused(connection), oldest, overdue(calendar, oldest, now), _goes_by_call(connection, oldest))


def overdue(calendar: Calendar, due: datetime | None, now: datetime) -> timedelta:
    """How long a due message has waited that could have gone: nights and holidays do not count."""
    if due is None or may_send_until(calendar, now) is None:
        return timedelta(0)
    opened = datetime.combine(now.astimezone(PARIS).date(), calendar.hours.begins, PARIS)
    return max(timedelta(0), now - max(due, opened))


def _goes_by_call(connection: Connection, oldest: datetime | None) -> bool:
    """Whether only calls have been due for so long."""
    if oldest is None:
        return False
    due = select(messages.c.queue).distinct().where(messages.c.state == "planned", messages.c.due_at == oldest)
    return set(connection.scalars(due.where(messages.c.queue.in_(SENDING)))) == {CALLS}


def no_tick(last_tick: datetime | None, now: datetime) -> Problem | None:
    """The problem that no clock ticks. Nobody else can tell than who is asked from outside: `/readyz`."""
    if last_tick is not None and now - last_tick <= NO_TICK:
        return None
    since = f"for {_ago(now - last_tick)}" if last_tick else "yet"
    return Problem("no tick", f"No clock has ticked {since}: no reminder goes out. Start it: scripts/server")


def silent_clock(last_tick: datetime | None, began: datetime, now: datetime) -> Problem | None:
    """The same, when it is time to tell somebody. For a process that itself began at `began` and is no clock."""
    heard = max(last_tick or began, began)
    return no_tick(last_tick, now) if now - heard >= NO_TICK_ALERT else None


def has_fallen(before: Arrived, now: Arrived) -> bool:
    """Whether clearly fewer arrive than before: many enough to tell, ten points fewer, and more than chance."""
    if min(before.left, now.left) < FEWEST or before.share - now.share <= FALL:
        return False
    share = (before.delivered + now.delivered) / (before.left + now.left)
    chance = math.sqrt(share * (1 - share) * (1 / before.left + 1 / now.left))
    return before.share - now.share > SIGMAS * chance


def wave_before(connection: Connection, calendar: Calendar, wave: Wave, now: datetime) -> tuple[Wave, Arrived] | None:
    """What a wave is held against: the one of the same name a month ago; if too few got that, the last one before."""
    for other in _earlier(calendar, wave):
        found = arrived(connection, other, now)
        if found.left >= FEWEST:
            return other, found
    return None


def _of_sending(found: Sending) -> Iterator[Problem]:
    if found.pause and found.pause.by == "carrier":
        yield Problem(
            "paused by carrier",
            f"The carrier takes no texts from us ({found.pause.reason}): nothing goes out. "
            "Check the account, its credit and its keys. Then: helpline reminders resume",
            told_at=found.pause.since,
        )
    elif found.pause and found.pause.by == "restore":
        yield Problem("paused by restore", f"A backup was restored, nothing goes out yet ({found.pause.reason}).")
    if found.is_late:
        yield Problem(
            "overdue", f"{found.what} have been due for {_ago(found.overdue)} and do not go out. {_why_late(found)}"
        )


def _why_late(found: Sending) -> str:
    if found.pause:
        return "They are paused. To go on: helpline reminders resume"
    if found.of_calls:
        return "See: helpline reminders status. If nothing else is wrong, CALLS_PER_SECOND is too low for so many."
    return "See: helpline reminders status"


def _of_waves(connection: Connection, calendar: Calendar, now: datetime) -> Iterator[Problem]:
    for wave in waves_between(calendar, now - _LONGEST_WAVE, now):
        if now >= wave.not_after:
            continue
        current = arrived(connection, wave, now)
        if current.left < FEWEST:
            continue
        before = wave_before(connection, calendar, wave, now)
        if before and has_fallen(before[1], current):
            yield Problem(
                f"arrived {wave.occurrence} {wave.name}",
                f"Only {current.share:.0%} of the reminders of {wave.begins:%d/%m} arrived; last time "
                f"({before[0].begins:%d/%m}) {before[1].share:.0%}. See: helpline reminders status",
            )


def _of_held(connection: Connection, calendar: Calendar, now: datetime) -> Iterator[Problem]:
    """Waves whose messages could go now if nobody held them back: sooner or later it is too late for them."""
    if may_send_until(calendar, now) is None:
        return
    for wave in held(connection):
        if ends := given_up_at(connection, wave, now):
            yield Problem(
                f"{HELD_BACK}{wave.occurrence} {wave.wave}",
                f"Reminder '{wave.wave}' of {wave.occurrence} is held back since {_moment(wave.since)} by {wave.who}. "
                f"It is given up on {_moment(ends)}. To let it go: the desk, Reminders",
            )


def _earlier(calendar: Calendar, wave: Wave) -> Iterable[Wave]:
    year, month = (int(part) for part in wave.occurrence.split("-"))
    last_month = month_after(wave.begins.date().replace(year=year, month=month, day=1), -1)
    same = wave_of(calendar, f"{last_month:%Y-%m}", wave.name)
    before = waves_between(calendar, wave.begins - _LONGEST_WAVE, wave.begins)
    return [*([same] if same else []), *reversed(before)]


def _of_jobs(failed: int) -> Iterator[Problem]:
    if failed:
        jobs = "1 job has" if failed == 1 else f"{failed} jobs have"
        yield Problem(
            "failed jobs", f"{jobs} failed. What they left undone is done by the next ones; the log says why."
        )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%d/%m %H:%M}"


def _ago(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
