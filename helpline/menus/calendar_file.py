"""`calendar.yaml`: when the monthly update is open, exceptions to it, reminders, notices that callers hear first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from helpline.menus import gsm7
from helpline.menus.adviser_hours import SECTION as ADVISER_HOURS
from helpline.menus.adviser_hours import parse_adviser_hours
from helpline.menus.faults import Fault
from helpline.menus.shapes import Calendar, Notice, Window
from helpline.menus.waves import waves_of
from helpline.menus.waves_file import parse_hours, parse_waves, unknown_names
from helpline.menus.windows import PARIS, month_after, window_of
from helpline.menus.yaml_text import Block, Value

LONGEST_NOTICE = 140
MOST_A_MONTH = 4  # the words of consent say so
SECTIONS = ("update", "hours", "waves", ADVISER_HOURS, "exceptions", "notices")
_LATEST = timedelta(days=80)
_YEARS = 2000, 2200  # others are slips of the finger
_MOMENT = "%Y-%m-%d %H:%M"


def parse_calendar(file: Block) -> tuple[Calendar, list[Fault]]:
    """The calendar; times are French time."""
    faults = list(unknown_names(file, "", SECTIONS))
    update = file.block("update")
    overrides: dict[tuple[int, int], Window] = {}
    for section in ("exceptions", "notices"):
        if file.text(section):
            mend = "write below it, moved to the right, or take its words away."
            faults.append(Fault(file.source_of(section), section, f"Nothing stands below '{section}'.", mend))
    for month, value in file.block("exceptions").values.items():
        _exception(month, value, overrides, faults)
    notices = [_notice(name, value, faults) for name, value in file.block("notices").values.items()]
    calendar = Calendar(
        opens_day=_day(update, "opens", 28, faults),
        opens_day_february=_day(update, "opens in february", 26, faults),
        closes_day=_day(update, "closes", 15, faults),
        overrides=overrides,
        notices=tuple(notice for notice in notices if notice),
        hours=parse_hours(file, faults),
        waves=parse_waves(file, faults),
        adviser_hours=parse_adviser_hours(file, faults),
    )
    if calendar.closes_day >= min(calendar.opens_day, calendar.opens_day_february):
        what = f"It closes on day {calendar.closes_day}, when the next one is open already."
        faults.append(Fault(update.source_of("closes"), "update", what, "write for example 'closes: 15'."))
    else:
        faults += _overlaps(calendar, file.block("exceptions"))
    if not faults:
        faults += _more_than_promised(calendar, file.block("exceptions"))
    return calendar, faults


def _day(update: Block, name: str, usual: int, faults: list[Fault]) -> int:
    written = update.text(name)
    if written.isascii() and written.isdigit() and 1 <= int(written) <= 28:
        return int(written)
    faults.append(
        Fault(
            update.source_of(name),
            "update",
            f"'{name}' is no day from 1 to 28.",
            f"write for example {usual}.",
        )
    )
    return usual


def _exception(month: str, value: Value, overrides: dict[tuple[int, int], Window], faults: list[Fault]) -> None:
    block = value if isinstance(value, Block) else Block({}, value.source)
    try:
        first = date.fromisoformat(f"{month}-01")
        window = Window(date.fromisoformat(block.text("opens")), date.fromisoformat(block.text("closes")))
    except ValueError:
        faults.append(
            Fault(
                block.source,
                month,
                "The exception cannot be read.",
                "write the month as 2026-11, then 'opens: 2026-11-28' and 'closes: 2026-12-15' below it.",
            )
        )
        return
    if not _YEARS[0] <= first.year <= _YEARS[1] or not first <= window.opens <= window.closes <= first + _LATEST:
        faults.append(
            Fault(
                block.source,
                month,
                f"The update of {month} cannot open on {window.opens} and close on {window.closes}.",
                "it opens at the end of that month or later, and closes in the next month.",
            )
        )
        return
    overrides[(first.year, first.month)] = window


def _overlaps(calendar: Calendar, exceptions: Block) -> Iterator[Fault]:
    """A fault for each exception that runs into the window before or after it."""
    for year, month in calendar.overrides:
        name = f"{year}-{month:02}"
        window = window_of(calendar, year, month)
        for other in (month_after(date(year, month, 1), -1), month_after(date(year, month, 1), 1)):
            next_to = window_of(calendar, other.year, other.month)
            if window.opens <= next_to.closes and next_to.opens <= window.closes:
                what = f"The update of {name} and that of {other:%Y-%m} would be open on the same day."
                mend = f"that of {other:%Y-%m} is open from {next_to.opens} to {next_to.closes}."
                yield Fault(exceptions.source_of(name), name, what, mend)


def _more_than_promised(calendar: Calendar, exceptions: Block) -> Iterator[Fault]:
    """A warning for each exception that brings more reminders into one month than callers agreed to."""
    for year, month in calendar.overrides:
        months = [month_after(date(year, month, 1), add) for add in (-1, 0, 1)]
        days = [wave.begins for near in months for wave in waves_of(calendar, near.year, near.month)]
        most, count = Counter(f"{day:%Y-%m}" for day in days).most_common(1)[0] if days else ("", 0)
        if count > MOST_A_MONTH:
            name = f"{year}-{month:02}"
            what = f"Callers get {count} reminders in {most}, and agreed to {MOST_A_MONTH} a month at most."
            mend = "take a wave out for that time, 'opening' or 'missed'."
            yield Fault(exceptions.source_of(name), name, what, mend, "warning")


def _moment(block: Block, name: str) -> datetime | None:
    try:
        return datetime.strptime(block.text(name), _MOMENT).replace(tzinfo=PARIS)
    except ValueError:
        return None


def _notice(name: str, value: Value, faults: list[Fault]) -> Notice | None:
    if not isinstance(value, Block):
        mend = "write below it, moved to the right, 'until: 2026-12-02 18:00' and 'fr: ...'."
        faults.append(Fault(value.source, name, "The notice has no end.", mend))
        return None
    until, begins = _moment(value, "until"), _moment(value, "from")
    if until is None or ("from" in value.values and (begins is None or begins >= until)):
        mend = "write 'until: 2026-12-02 18:00', and 'from: ...' before that or not at all."
        faults.append(Fault(value.source, name, "The notice has no end that can be read.", mend))
        return None
    words = {code: value.text(code) for code in value.values if code not in ("until", "from")}
    for code, text in words.items():
        what = _wrong_words(text)
        if what:
            faults.append(Fault(value.source_of(code), name, what, f"say it plainly, in {LONGEST_NOTICE} characters."))
    if not words.get("fr"):
        faults.append(Fault(value.source, name, "The notice has no French words.", "add a line 'fr: ...'."))
    return Notice(until, words, begins)


def _wrong_words(text: str) -> str:
    if not text:
        return "The notice has no words."
    if len(text) > LONGEST_NOTICE:
        return f"The notice has {len(text)} characters."
    if "{" in text or "}" in text:
        return "The notice has a brace, and nothing fills it."
    unseen = gsm7.unseen(text)
    return f"The notice has letters that no phone shows: {' '.join(unseen)}" if unseen else ""
