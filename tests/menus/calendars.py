"""The calendar that is shipped, for tests that reckon with its waves and hours."""

from __future__ import annotations

from pathlib import Path

from helpline.menus.calendar_file import parse_calendar
from helpline.menus.shapes import Calendar
from helpline.menus.yaml_text import read_yaml

WRITTEN = (Path(__file__).parents[2] / "prompts" / "calendar.yaml").read_text(encoding="utf-8")


def calendar_of(text: str) -> Calendar:
    """A calendar without faults, from the text of `calendar.yaml`."""
    block, faults = read_yaml("calendar.yaml", text)
    calendar, more = parse_calendar(block)
    assert not faults + more
    return calendar


USUAL = calendar_of(WRITTEN)
