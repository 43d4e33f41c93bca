"""What tells the helpline's date: the real one, but for a demo, whose date can be moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from helpline.settings import Settings

if TYPE_CHECKING:
    from helpline.demo.date import DemoDate


def utc_now() -> datetime:
    """The real date, whatever the helpline's is."""
    return datetime.now(UTC)


def clock_of(settings: Settings) -> Callable[[], datetime]:
    """What tells the date of this helpline."""
    date = date_of(settings)
    return date.now if date else utc_now


def date_of(settings: Settings) -> DemoDate | None:
    """The date of a demo, which can be moved; None where real callers may call."""
    if not settings.has_phones:
        return None
    from helpline.demo.date import DemoDate  # nothing of the demo is even loaded anywhere else

    return DemoDate(settings.var_dir)
