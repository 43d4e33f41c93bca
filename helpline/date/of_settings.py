"""What tells a helpline's date: the real one, but for a demo, whose date can be moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from helpline.date.course import Course
from helpline.date.real import utc_now
from helpline.settings import Settings

if TYPE_CHECKING:
    from helpline.date.moved import DemoDate

Clock = Callable[[], datetime]


def clock_of(settings: Settings) -> Clock:
    """What tells the date of this helpline."""
    return clock_and_course(settings)[0]


def clock_and_course(settings: Settings, now: Clock | None = None) -> tuple[Clock, Callable[[], Course] | None]:
    """What tells the date, and its course where it can be moved. `now`, if given, tells it and is never moved."""
    date = None if now else date_of(settings)
    return (date.now, date.course) if date else (now or utc_now, None)


def date_of(settings: Settings) -> DemoDate | None:
    """The date of a demo, which can be moved; None where real callers may call."""
    if not settings.has_phones:
        return None
    from helpline.date.moved import DemoDate  # is not even loaded anywhere else

    return DemoDate(settings.var_dir)
