"""What takes long to count is counted beside the pages: none waits for it, and none is without what was counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from helpline.desk import counted
from helpline.desk.counted import Counted
from tests.conftest import THURSDAY
from tests.server.running import wait_until


class Slow:
    """Counts when it is let; each time one more."""

    def __init__(self) -> None:
        self.may_go, self.times, self.fails = Event(), 0, False

    def __call__(self, now: datetime) -> int:
        assert self.may_go.wait(30)
        self.times += 1
        if self.fails:
            raise OperationalError("SELECT", {}, Exception("database is locked"))
        return self.times


@pytest.fixture
def slow() -> Iterator[Slow]:
    found = Slow()
    yield found
    found.may_go.set()


def done(figures: Counted[int]) -> None:
    wait_until(lambda: not figures.is_under_way, lambda: "still counting")


def test_what_is_quick_is_there_at_once(slow: Slow) -> None:
    slow.may_go.set()
    figures = Counted(slow)
    assert figures.at(THURSDAY) == 1


def test_nobody_waits_for_what_is_slow(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.0)
    figures = Counted(slow)
    assert figures.at(THURSDAY) is None
    assert figures.is_under_way
    slow.may_go.set()
    done(figures)
    assert figures.at(THURSDAY) == 1


def test_it_is_counted_once_however_often_it_is_asked(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.0)
    figures = Counted(slow)
    assert [figures.at(THURSDAY) for _ in range(5)] == [None] * 5
    slow.may_go.set()
    done(figures)
    assert [figures.at(THURSDAY + timedelta(seconds=second)) for second in range(60)] == [1] * 60


def test_after_a_minute_it_is_counted_again_and_the_old_is_shown_meanwhile(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.may_go.set()
    figures = Counted(slow)
    assert figures.at(THURSDAY) == 1
    slow.may_go.clear()
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.0)
    assert figures.at(THURSDAY + timedelta(minutes=2)) == 1
    slow.may_go.set()
    done(figures)
    assert figures.at(THURSDAY + timedelta(minutes=2)) == 2


def test_a_date_before_is_counted_anew(slow: Slow) -> None:
    slow.may_go.set()
    figures = Counted(slow)
    assert figures.at(THURSDAY) == 1
    assert figures.at(THURSDAY - timedelta(days=1)) == 2


def test_what_was_changed_is_counted_anew(slow: Slow) -> None:
    slow.may_go.set()
    figures = Counted(slow)
    assert figures.at(THURSDAY) == 1
    figures.forget()
    assert figures.at(THURSDAY) == 2


def test_what_cannot_be_counted_is_none_and_is_tried_again(slow: Slow) -> None:
    slow.may_go.set()
    slow.fails = True
    figures = Counted(slow)
    assert figures.at(THURSDAY) is None
    slow.fails = False
    assert figures.at(THURSDAY) == 2


def test_what_was_counted_stays_where_it_cannot_be_counted_again(slow: Slow) -> None:
    slow.may_go.set()
    figures = Counted(slow)
    assert figures.at(THURSDAY) == 1
    slow.fails = True
    assert figures.at(THURSDAY + timedelta(minutes=2)) == 1
    slow.fails = False
    assert figures.at(THURSDAY + timedelta(minutes=2)) == 3


def test_a_count_that_was_under_way_when_something_changed_is_not_taken(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.0)
    figures = Counted(slow)
    assert figures.at(THURSDAY) is None
    figures.forget()
    assert not figures.is_under_way
    slow.may_go.set()
    wait_until(lambda: slow.times == 1, lambda: "still counting")
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 30.0)
    assert figures.at(THURSDAY) == 2
