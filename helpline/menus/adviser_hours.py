"""`adviser hours` of `calendar.yaml`: when somebody is there to talk to callers, and the words for it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from babel.dates import format_date
from babel.lists import format_list

from helpline.menus.dated_words import time_in_words
from helpline.menus.faults import Fault
from helpline.menus.shapes import AdviserHours
from helpline.menus.waves_file import COUNTRY, unknown_names, weekdays_in
from helpline.menus.yaml_text import Block, Text

SECTION = "adviser hours"
_NAMES = ("days", "from", "until", "public holidays")
_MEND = "write 'days: monday-friday', 'from: 9:00', 'until: 12:00' and 'public holidays: FR' below it."
_MONDAY = date(2026, 11, 30)
_RUN = 3  # so many days in a row are named by the first and the last of them
# A language's words for the days: those of a run, each one of several; and for the hours.
_FRENCH = ("du {} au {}", "le {}", "de {} à {}")
_OTHERS = ("{} to {}", "{}", "{} to {}")


def parse_adviser_hours(file: Block, faults: list[Fault]) -> AdviserHours | None:
    """The hours; None where nobody is there at fixed ones."""
    block = file.values.get(SECTION)
    if isinstance(block, Text) and block.value.strip():
        faults.append(Fault(block.source, SECTION, f"Nothing stands below '{SECTION}'.", _MEND))
    if not isinstance(block, Block):
        return None
    before = len(faults)
    faults += unknown_names(block, SECTION, _NAMES)
    weekdays = weekdays_in(block, SECTION, faults)
    begins, ends = _time(block, "from", faults), _time(block, "until", faults)
    if block.text("public holidays") != COUNTRY:
        what = "The public holidays are not those of France."
        faults.append(Fault(block.source_of("public holidays"), SECTION, what, f"write 'public holidays: {COUNTRY}'."))
    if begins and ends and begins >= ends:
        what = f"The hours run from {begins:%H:%M} to {ends:%H:%M}."
        faults.append(Fault(block.source_of("until"), SECTION, what, _MEND))
    if begins is None or ends is None or len(faults) > before:
        return None
    return AdviserHours(begins, ends, weekdays, COUNTRY)


def adviser_hours_in_words(hours: AdviserHours | None, locale: str) -> str:
    """'du lundi au vendredi, de 9 h à 12 h 30', 'Monday to Friday, 9:00 to 12:30'; nothing where there are none."""
    if hours is None:
        return ""
    run, one, clock = _FRENCH if locale.startswith("fr") else _OTHERS
    babel_locale = locale.replace("-", "_")
    names = [format_date(_MONDAY + timedelta(days=day), "EEEE", locale=babel_locale) for day in sorted(hours.weekdays)]
    first, last = min(hours.weekdays), max(hours.weekdays)
    in_a_row = last - first + 1 == len(hours.weekdays)
    if in_a_row and len(names) >= _RUN:
        days = run.format(names[0], names[-1])
    else:
        days = str(format_list([one.format(name) for name in names], locale=babel_locale))
    return f"{days}, {clock.format(time_in_words(hours.begins, locale), time_in_words(hours.ends, locale))}"


def _time(block: Block, name: str, faults: list[Fault]) -> time | None:
    try:
        return datetime.strptime(block.text(name), "%H:%M").time()  # noqa: DTZ007, a time of each day
    except ValueError:
        faults.append(Fault(block.source_of(name), SECTION, f"'{name}' is no time.", _MEND))
        return None
