"""Whether somebody is there to talk to callers now: `adviser hours` in `prompts/calendar.yaml`."""

from __future__ import annotations

from datetime import datetime

from helpline.menus.shapes import Calendar
from helpline.menus.waves import is_allowed
from helpline.menus.windows import PARIS


def is_somebody_there(calendar: Calendar, now: datetime) -> bool:
    """Whether it is within the advisers' hours. `now` must know its time zone."""
    hours, here = calendar.adviser_hours, now.astimezone(PARIS)
    return hours is not None and is_allowed(hours, here.date()) and hours.begins <= here.time() < hours.ends
