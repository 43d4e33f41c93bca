"""The part `reminders` of /readyz: whether they go out, and if not, what that means for callers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Thread

from sqlalchemy import Connection, Engine

from helpline.menus.shapes import Calendar
from helpline.records.engine import reading
from helpline.reminders.watch import HELD_BACK, Sending, no_tick, sending, silent_clock
from helpline.telemetry.alerts import Alerts, Open, open_problems
from helpline.telemetry.health import PATIENCE, Part, Quickly

SQL_DOWN: Part = {
    "state": "degraded",
    "database": "down",
    "means": "The database does not answer. Menus and calls work. Who signs up is told that it was not saved, "
    "a STOP is kept on disk, and no reminder goes out.",
}
HELD_FOR_ALL = "A wave of reminders is held back: nothing of it goes out before it is let go at the desk."
_TOLD_APART = frozenset({"no tick", "paused by carrier", "paused by restore", "overdue"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How the reminders stand at a moment."""

    sending: Sending
    last_tick: datetime | None
    problems: tuple[Open, ...]

    def means(self, now: datetime, is_for_all: bool = False) -> Iterator[str]:
        """What is not as it should be, in sentences; nothing if all is well. `is_for_all`: not what people wrote."""
        silent = no_tick(self.last_tick, now)
        if silent:
            yield silent.words
        if self.sending.pause:
            yield paused_in_words(self.sending, is_for_all)
        elif self.sending.is_late:
            yield f"{self.sending.what} have been due for {int(self.sending.overdue.total_seconds()) // 60} minutes."
        for problem in self.problems:
            if problem.name not in _TOLD_APART:
                yield HELD_FOR_ALL if is_for_all and problem.name.startswith(HELD_BACK) else problem.words


def standing(connection: Connection, calendar: Calendar, last_tick: datetime | None, now: datetime) -> Standing:
    """How the reminders stand, from the database."""
    return Standing(sending(connection, calendar, now), last_tick, open_problems(connection, now))


def paused_in_words(found: Sending, is_for_all: bool = False) -> str:
    """Who paused, why and until when; and what callers notice."""
    pause = found.pause
    if pause is None:
        return ""
    who = {
        "operator": "An operator paused all texts",
        "carrier": "The carrier takes no texts from us",
        "restore": "A backup was restored, and what happened since must be looked up at the carrier first",
    }[pause.by]
    end = {
        "operator": "until: helpline reminders resume",
        "carrier": "; one is tried every ten minutes. When it is put right: helpline reminders resume",
        "restore": "before that; it is tried again every minute. To see it: helpline reminders resume",
    }[pause.by]
    is_hidden = pause.reason == "restored" or (is_for_all and pause.by == "operator")
    why = f" ({pause.reason})" if pause.reason and not is_hidden else ""
    return f"{who}{why}: none goes out{'' if end.startswith(';') else ' '}{end}"


def reminders_part(
    engine: Engine,
    calendar: Callable[[], Calendar],
    last_tick: Callable[[], datetime | None],
    now: Callable[[], datetime],
    alerts: Alerts | None = None,
    patience: float = PATIENCE,
) -> Callable[[], Part]:
    """The part for `health_routes`. It never raises, and takes half a second at most.

    With `alerts` whoever asks makes an operator hear of a clock that has stopped: the clock's own watch cannot.
    """
    watch_clock = clock_watch(alerts, last_tick, now) if alerts else None

    def ask() -> Part:
        moment = now()
        if watch_clock:
            watch_clock()
        with reading(engine).connect() as connection:
            found = standing(connection, calendar(), _tick(last_tick), moment)
        return _part(found, moment)

    return Quickly(ask, SQL_DOWN, patience)


def clock_watch(
    alerts: Alerts, last_tick: Callable[[], datetime | None], now: Callable[[], datetime]
) -> Callable[[], None]:
    """Looks whether a clock ticks, and makes an operator hear of it if none does. For who is no clock."""
    began = now()

    def look() -> None:
        silent = silent_clock(_tick(last_tick), began, now())
        if silent:
            # Beside what goes on here, which is not to wait for a text that is sent.
            Thread(target=alerts.tell, args=(silent, True), name="alert", daemon=True).start()

    return look


def _tick(last_tick: Callable[[], datetime | None]) -> datetime | None:
    try:
        return last_tick()
    except Exception:  # where ticks are kept does not answer: then no clock gets through either
        return None


def _part(found: Standing, now: datetime) -> Part:
    part: dict[str, str | int] = {"state": "ok", "database": "ok", "paused": "no"}
    if found.last_tick:
        part["last_tick_seconds"] = max(0, int((now - found.last_tick).total_seconds()))
    due = found.sending.oldest_due
    part["oldest_due_seconds"] = int((now - due).total_seconds()) if due else 0
    pause = found.sending.pause
    if pause:
        part["paused"] = f"by {pause.by}, since {pause.since.isoformat()}"
    means = " ".join(found.means(now, is_for_all=True))
    return {**part, "state": "degraded", "means": means} if means else part
