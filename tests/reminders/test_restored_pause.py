"""An operator's pause of before a restore: it neither ends with what is looked up, nor hurries it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline.reminders.pause import Pause, pause, paused
from helpline.reminders.reconcile import TooEarly, restored_since
from tests.reminders.people import paris
from tests.reminders.restored import BACKUP_AT, Helpline, helpline, restored

MIDDLE = paris(2026, 12, 8, 18, 30)


@pytest.fixture
def before(sqlite_engine: Engine, redis: object, tmp_path: Path) -> Iterator[Helpline]:
    """A helpline with one subscriber, which an operator pauses."""
    with helpline(sqlite_engine, redis, tmp_path) as made:  # type: ignore[arg-type]
        made.subscriber()
        yield made


def paused_now(of: Helpline) -> Pause | None:
    with of.engine.begin() as connection:
        return paused(connection)


@pytest.mark.parametrize("paused_first", [True, False], ids=["in the backup too", "since the backup"])
def test_it_still_stands_when_what_happened_since_is_known(
    before: Helpline, tmp_path: Path, paused_first: bool
) -> None:
    if not paused_first:
        backup = before.backed_up()
    with before.engine.begin() as connection:
        assert pause(connection, "operator", "a wrong word", BACKUP_AT)
    if paused_first:
        backup = before.backed_up()
    before.at(MIDDLE)
    with restored(before, backup, tmp_path / "new") as after:
        assert after.reconciles()
        with after.engine.begin() as connection:
            assert restored_since(connection) is None
        assert paused_now(after) == Pause("operator", "a wrong word", BACKUP_AT, BACKUP_AT)
        assert after.sends() == []


def test_however_old_it_is_the_carriers_list_is_waited_for(before: Helpline, tmp_path: Path) -> None:
    with before.engine.begin() as connection:
        assert pause(connection, "operator", "a wrong word", BACKUP_AT)
    backup = before.backed_up()
    before.at(MIDDLE)
    with restored(before, backup, tmp_path / "new") as after:
        with pytest.raises(TooEarly, match="complete in 120 seconds"):
            after.reconciles(settle=timedelta(minutes=2))
        after.clock.pass_by(minutes=3)
        assert after.reconciles(settle=timedelta(minutes=2))
