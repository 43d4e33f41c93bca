"""Exceptions and notices in `calendar.yaml`: taken up if they are right, named with a mend if they are not."""

from __future__ import annotations

from datetime import date

import pytest

from helpline.menus.calendar_file import parse_calendar
from helpline.menus.dates import update_state
from helpline.menus.faults import Fault
from helpline.menus.shapes import Calendar
from helpline.menus.yaml_text import read_yaml

RULE = "update:\n  opens: 28\n  opens in february: 26\n  closes: 15\n"
NOTICE = "notices:\n  down:\n    until: 2026-12-02 18:00\n    fr: Le site est en panne.\n    en: The site is down.\n"


def calendar(text: str) -> tuple[Calendar, list[Fault]]:
    block, faults = read_yaml("calendar.yaml", text)
    found, more = parse_calendar(block)
    return found, faults + more


def test_an_exception_moves_the_last_day_of_one_month_only() -> None:
    exception = "exceptions:\n  2026-11:\n    opens: 2026-11-28\n    closes: 2026-12-16\n"
    found, faults = calendar(RULE + exception)

    assert faults == []
    assert update_state(found, date(2026, 12, 16)).state == "last_day"
    assert update_state(found, date(2027, 1, 15)).state == "last_day"


def test_a_notice_has_words_and_an_end() -> None:
    found, faults = calendar(RULE + NOTICE)

    assert faults == []
    assert found.notices[0].words["fr"] == "Le site est en panne."


@pytest.mark.parametrize(
    ("good", "bad", "what"),
    [
        ("opens: 28", "opens: ²", "no day from 1 to 28"),
        ("until: 2026-12-02 18:00", "until: tomorrow", "no end that can be read"),
        ("    until:", "    from: 2026-12-03 08:00\n    until:", "no end that can be read"),
        ("fr: Le site est en panne.", "fr: ", "has no words"),
        ("fr: Le site est en panne.", "fr: Le site 🙂", "letters that no phone shows"),
        ("fr: Le site est en panne.", "fr: Ouvre le {opens}.", "has a brace"),
        ("fr: Le site est en panne.", f"fr: {'x' * 141}", "141 characters"),
        ("down:\n    until: 2026-12-02 18:00\n    fr: Le site est en panne.\n", "down: panne\n  other:\n", "no end"),
    ],
)
def test_what_is_wrong_with_a_date_or_a_notice_is_named(good: str, bad: str, what: str) -> None:
    _, faults = calendar((RULE + NOTICE).replace(good, bad))

    assert any(what in fault.what for fault in faults), faults
    assert all(fault.mend for fault in faults)
