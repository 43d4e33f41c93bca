"""Whether somebody is there now."""

from __future__ import annotations

from datetime import datetime

import pytest

from helpline.call_requests.opening import is_somebody_there
from helpline.menus.windows import PARIS
from tests.call_requests.wanting import OPEN
from tests.menus.calendars import USUAL


@pytest.mark.parametrize(
    ("when", "is_there"),
    [
        ("2026-12-03 09:29", False),
        ("2026-12-03 09:30", True),
        ("2026-12-03 11:59", True),
        ("2026-12-03 12:00", False),
        ("2026-12-05 10:00", False),  # a Saturday
        ("2026-12-25 10:00", False),  # a Friday, and Christmas
        ("2026-07-14 10:00", False),  # a Tuesday
        ("2026-07-15 10:00", True),
    ],
)
def test_somebody_is_there_in_the_hours_of_the_calendar_in_france(when: str, is_there: bool) -> None:
    moment = datetime.strptime(when, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)
    assert is_somebody_there(OPEN, moment) is is_there
    assert not is_somebody_there(USUAL, moment)  # nobody has fixed hours there
