"""`calendar.yaml`: taken up if it is right; each mistake named, with its line and a mend, if it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from helpline.menus.calendar_file import parse_calendar
from helpline.menus.dates import update_state
from helpline.menus.faults import Fault
from helpline.menus.shapes import USUAL_HOURS, Calendar, SendingHours, WaveRule
from helpline.menus.yaml_text import read_yaml
from tests.menus.calendars import USUAL, WRITTEN, calendar_of
from tests.menus.mistakes import Case, assert_named

SECTIONS = WRITTEN.partition("# One month that is different")[0]
NOTICE = "notices:\n  down:\n    until: 2026-12-02 18:00\n    fr: Le site est en panne.\n    en: The site is down.\n"


def calendar(text: str) -> tuple[Calendar, list[Fault]]:
    block, faults = read_yaml("calendar.yaml", text)
    found, more = parse_calendar(block)
    return found, faults + more


def exception(opens: str, closes: str, month: str = "2026-11") -> str:
    return f"exceptions:\n  {month}:\n    opens: {opens}\n    closes: {closes}\n"


def test_an_exception_moves_the_last_day_of_one_month_only() -> None:
    found = calendar_of(SECTIONS + exception("2026-11-28", "2026-12-16"))

    assert update_state(found, date(2026, 12, 16)).state == "last_day"
    assert update_state(found, date(2027, 1, 15)).state == "last_day"


def test_a_notice_has_words_and_an_end() -> None:
    assert calendar_of(SECTIONS + NOTICE).notices[0].words["fr"] == "Le site est en panne."


def test_the_hours_and_waves_that_are_shipped_are_those_that_were_agreed() -> None:
    assert USUAL.hours == USUAL_HOURS
    assert USUAL.waves == (
        WaveRule("opening", "opens", 0, "next"),
        WaveRule("middle", "closes", -7, "next"),
        WaveRule("last", "closes", -2, "before", for_last=True),
        WaveRule("missed", "closes", 1, "next"),
    )


def test_other_hours_and_other_days_are_taken_up() -> None:
    text = SECTIONS.replace("from: 9:00", "from: 10:30").replace("until: 19:00", "until: 18:30")
    text = text.replace("monday-saturday", "Tuesday, thursday - saturday").replace("7 days before", "10 Days before")
    text = text.replace("when: opening", "when: 1 day after the opening").replace("only one: yes", "only one: Yes")
    found = calendar_of(text)

    assert found.hours == SendingHours(time(10, 30), time(18), time(18, 30), frozenset({1, 3, 4, 5}))
    assert [(rule.name, rule.days) for rule in found.waves] == [
        ("opening", 1),
        ("middle", -10),
        ("last", -2),
        ("missed", 1),
    ]
    assert [rule.for_last for rule in found.waves] == [False, False, True, False]


def test_a_wave_may_be_left_out_and_their_order_in_the_file_does_not_matter() -> None:
    head, _, waves = SECTIONS.partition("  opening:\n")
    parts = waves.split("  middle:\n")[1].replace("  last:\n", "|").replace("  missed:\n", "|").split("|")
    found = calendar_of(f"{head}  missed:\n{parts[2]}\n  last:\n{parts[1]}")

    assert [rule.name for rule in found.waves] == ["last", "missed"]


@pytest.mark.parametrize(
    ("good", "bad", "what"),
    [
        ("opens: 28", "opens: ²", "no day from 1 to 28"),
        ("until: 2026-12-02 18:00", "until: tomorrow", "no end that can be read"),
        ("    until: 2026", "    from: 2026-12-03 08:00\n    until: 2026", "no end that can be read"),
        ("fr: Le site est en panne.", "fr: ", "has no words"),
        ("fr: Le site est en panne.", "fr: Le site 🙂", "letters that no phone shows"),
        ("fr: Le site est en panne.", "fr: Ouvre le {opens}.", "has a brace"),
        ("fr: Le site est en panne.", f"fr: {'x' * 141}", "141 characters"),
        ("down:\n    until: 2026-12-02 18:00\n    fr: Le site est en panne.\n", "down: panne\n  other:\n", "no end"),
    ],
)
def test_what_is_wrong_with_a_date_or_a_notice_is_named(good: str, bad: str, what: str) -> None:
    assert good in SECTIONS + NOTICE
    _, faults = calendar((SECTIONS + NOTICE).replace(good, bad))

    assert any(what in fault.what for fault in faults), faults
    assert all(fault.mend for fault in faults)


def instead(good: str, bad: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert text.count(good) == 1, good
        return text.replace(good, bad)

    return edit


def without(first: str, last: str) -> Callable[[str], str]:
    """The file without the lines from one to another."""

    def edit(text: str) -> str:
        head, _, rest = text.partition(first)
        return head + rest.partition(last)[2]

    return edit


OPENING = "  opening:\n    when: opening\n    if closed: next day\n"
MIDDLE = "    when: 7 days before the end\n    if closed: next day\n"
LAST = "    when: 2 days before the end\n    if closed: day before\n    only one: yes\n"
MISSED = "    when: 1 day after the end\n    if closed: next day\n"
HOURS = "write 'from: 9:00', 'spread until: 18:00', 'until: 19:00'"
DAYS = "write for example 'days: monday-saturday'"
WHEN = "write 'when: opening', 'when: 7 days before the end' or 'when: 1 day after the end'."
ONE = "add 'only one: yes' to one wave before the end, and to no other."

MISTAKES = [
    ("hours", without("hours:", "FR\n"), "The section 'hours' is missing.", "add 'hours:' and below it 'from: 9:00'"),
    ("hours", lambda text: without("hours:", "FR\n")(text) + "\nhours: 9-19\n", "Nothing stands below 'hours'.", "add"),
    ("", instead("\nhours:\n", "\nhoures:\n"), "'houres' means nothing here.", "use one of update, hours, waves,"),
    ("hours", instead("  spread until", "  spread"), "'spread' means nothing here.", "use one of from, spread until"),
    ("hours", instead("  spread until", "  spread"), "'spread until' is no time.", HOURS),
    ("hours", instead("from: 9:00", "from: 9h00"), "'from' is no time.", HOURS),
    ("hours", instead("from: 9:00", "from: 7:59"), "'from' is 07:59, and people sleep.", "from 08:00 to 20:00"),
    ("hours", instead(" until: 19:00", " until: 20:01"), "'until' is 20:01, and people sleep.", "from 08:00 to 20:00"),
    ("hours", instead("until: 18:00", "until: 19:30"), "The hours run from 09:00 to 19:30 to 19:00.", HOURS),
    ("hours", instead("from: 9:00", "from: 18:00"), "The hours run from 18:00 to 18:00 to 19:00.", HOURS),
    ("hours", instead("monday-saturday", "lundi-samedi"), "'lundi-samedi' is no day of the week.", DAYS),
    ("hours", instead("monday-saturday", "saturday-monday"), "'saturday-monday' is no day of the week.", DAYS),
    ("hours", instead("  days: monday-saturday\n", ""), "No day of the week is named.", DAYS),
    ("hours", instead("monday-saturday", "monday-sunday"), "Nobody is written to on a Sunday.", DAYS),
    (
        "hours",
        instead("\n  public holidays: FR", "\n  public holidays: no"),
        "not those of France.",
        "'public holidays: FR'",
    ),
    ("waves", without("waves:", MISSED), "The section 'waves' is missing.", "add 'waves:' and below it 'opening:'"),
    ("waves", instead("  opening:\n", "  start:\n"), "There is no wave 'start'.", "opening, middle, last, missed."),
    ("opening", instead(OPENING, "  opening: yes\n"), "The wave 'opening' has no day.", "write below it"),
    ("opening", instead("when: opening", "when: first day"), "'first day' is no day that can be read.", WHEN),
    ("opening", instead("when: opening", "when: 1 day before the opening"), "is no day that can be read.", WHEN),
    ("opening", instead("when: opening", "when: 15 days after the opening"), "too far away", "from 1 to 9."),
    ("middle", instead(MIDDLE, "    if closed: next day\n"), "'' is no day that can be read.", WHEN),
    ("middle", instead("7 days before", "15 days before"), "too far away, or on the last day", "from 1 to 14."),
    ("last", instead("2 days before", "0 days before"), "too far away, or on the last day", "from 1 to 14."),
    ("last", instead("2 days before", "2 days after"), "and it would be closed.", "'when: 7 days before the end'"),
    ("missed", instead("1 day after", "1 day before"), "and it would be open.", "write 'when: 1 day after the end'."),
    ("missed", instead("1 day after", "10 days after"), "too far away", "from 1 to 9."),
    (
        "missed",
        instead("if closed: next day\n\n# One", "if closed: day before\n\n# One"),
        "cannot move to the day before",
        "next",
    ),
    ("last", instead("    if closed: day before\n", ""), "what happens on a Sunday", "'if closed: next day'"),
    ("last", instead("closed: day before", "closed: yesterday"), "what happens on a Sunday", "'if closed: next day'"),
    ("last", instead("    only one: yes", "    only one: maybe"), "'only one' is 'maybe'.", "write 'only one: yes'"),
    (
        "last",
        instead("    only one: yes", "    only: yes"),
        "'only' means nothing here.",
        "use one of when, if closed, only one.",
    ),
    ("waves", instead("    only one: yes\n", ""), "must get exactly one of these.", ONE),
    ("waves", instead(MIDDLE, MIDDLE + "    only one: yes\n"), "must get exactly one of these.", ONE),
    ("missed", instead(MISSED, MISSED + "    only one: yes\n"), "would get it after the end.", "move 'only one: yes'"),
    (
        "update",
        instead("  closes: 15", "  closes: 26"),
        "when the next one is open already.",
        "closes: 15",
    ),
]


@pytest.mark.parametrize(("node", "edit", "what", "mend"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_a_mistake_in_hours_or_waves_is_named_with_its_line_and_how_to_mend_it(
    node: str, edit: Callable[[str], str], what: str, mend: str, tmp_path: Path
) -> None:
    assert_named(Case(what, what, mend, edits={"calendar.yaml": edit}, file="calendar.yaml", node=node), tmp_path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SECTIONS.replace("from: 9:00", "from: nine"), SECTIONS.splitlines().index("  from: 9:00") + 1),
        (SECTIONS.replace("2 days", "two days"), SECTIONS.splitlines().index("    when: 2 days before the end") + 1),
    ],
)
def test_a_mistake_is_found_on_its_line(text: str, line: int) -> None:
    assert [(fault.source.file, fault.source.line) for fault in calendar(text)[1]] == [("calendar.yaml", line)]


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        (
            exception("2026-11-28", "2026-12-28"),
            "that of 2026-12 would be open on the same day",
            "from 2026-12-28 to 2027",
        ),
        (exception("2026-12-15", "2027-01-10", "2026-12"), "2026-11 would be open on the same day", "to 2026-12-15"),
        (
            exception("2026-11-28", "2026-11-27"),
            "cannot open on 2026-11-28 and close on 2026-11-27",
            "in the next month",
        ),
        (exception("9999-11-28", "9999-12-15", "9999-11"), "cannot open on 9999-11-28", "in the next month"),
        (exception("0001-01-28", "0001-02-15", "0001-01"), "cannot open on 0001-01-28", "in the next month"),
        ("exceptions:\n  2026-11: later\n", "The exception cannot be read.", "opens: 2026-11-28"),
        ("exceptions: later\n", "Nothing stands below 'exceptions'.", "write below it"),
        ("notices: down\n", "Nothing stands below 'notices'.", "write below it"),
    ],
)
def test_what_is_wrong_with_an_exception_is_named(text: str, what: str, mend: str) -> None:
    _, faults = calendar(SECTIONS + text)
    assert [what in fault.what and mend in fault.mend for fault in faults] == [True], faults


def test_an_update_may_open_the_day_after_another_one_closed() -> None:
    assert calendar(SECTIONS + exception("2026-12-16", "2027-01-15", "2026-12"))[1] == []


def test_more_reminders_in_a_month_than_callers_agreed_to_are_warned_of() -> None:
    _, faults = calendar(SECTIONS + exception("2026-12-01", "2026-12-15"))

    assert [(fault.severity, fault.node) for fault in faults] == [("warning", "2026-11")]
    assert "5 reminders in 2026-12, and agreed to 4" in faults[0].what
