"""`calendar.yaml`: when the monthly update is open, exceptions to it, and notices that callers hear first."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from helpline.menus import gsm7
from helpline.menus.dates import PARIS
from helpline.menus.faults import Fault
from helpline.menus.shapes import Calendar, Notice, Window
from helpline.menus.yaml_text import Block, Value

LONGEST_NOTICE = 140
_MOMENT = "%Y-%m-%d %H:%M"


def parse_calendar(file: Block) -> tuple[Calendar, list[Fault]]:
    """The calendar; times are French time."""
    faults: list[Fault] = []
    update = file.block("update")
    overrides: dict[tuple[int, int], Window] = {}
    for month, value in file.block("exceptions").values.items():
        if isinstance(value, Block):
            _exception(month, value, overrides, faults)
    notices = [_notice(name, value, faults) for name, value in file.block("notices").values.items()]
    calendar = Calendar(
        opens_day=_day(update, "opens", 28, faults),
        opens_day_february=_day(update, "opens in february", 26, faults),
        closes_day=_day(update, "closes", 15, faults),
        overrides=overrides,
        notices=tuple(notice for notice in notices if notice),
    )
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


def _exception(month: str, block: Block, overrides: dict[tuple[int, int], Window], faults: list[Fault]) -> None:
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
    if not first <= window.opens <= window.closes <= first + timedelta(days=80):
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
