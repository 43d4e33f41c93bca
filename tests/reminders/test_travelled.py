"""The demo's date is moved while texts are on their way: each goes once, and nobody is hurried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, update

from helpline.date.moved import NAME, DemoDate
from helpline.records.tables import messages
from helpline.reminders.doubts import Settled
from helpline.reminders.pause import Pause
from helpline.reminders.sender import Sender
from helpline.reminders.silence import ask_about_silent
from helpline.reminders.work import work_there_is
from tests.conftest import THURSDAY
from tests.reminders.bench import Bench
from tests.server.running import wait_until
from tests.simulator.carrier_process import carrier_process

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Demo(Bench):
    """A bench that goes by a date which can be moved, as its carrier does."""

    folder: Path = field(default_factory=Path)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.date = DemoDate(self.folder)
        self.clock = self.date.now  # type: ignore[assignment]

    @property
    def sender(self) -> Sender:
        return replace(super().sender, moved=self.date.course)

    def jump(self, by: timedelta) -> None:
        self.date.travel_to(self.date.now() + by)

    def text_under_way(self, then: timedelta | None, **behaviour: object) -> int:
        """A text is posted, the carrier takes its time, and meanwhile the date jumps; None: back to today."""
        message = self.message(kind="welcome")
        self.stub.behave(late="1:3", **behaviour)
        before = self.stub.counts.get("late", 0)
        with ThreadPoolExecutor(1) as threads:
            delivered = threads.submit(self.deliver, "replies")
            wait_until(lambda: self.stub.counts.get("late", 0) > before, lambda: "it was not posted")
            self.date.come_back() if then is None else self.jump(then)
            assert self.settle(settle_seconds=0) == Settled()
            delivered.result()
        self.stub.behave(late="0:3", drop=0)
        return message


@pytest.fixture
def demo(sqlite_engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Demo]:
    with carrier_process(tmp_path, "--callbacks", "--lost", "1", env={"VAR_DIR": str(tmp_path)}) as carrier:
        yield Demo(sqlite_engine, redis, carrier, folder=tmp_path)


@pytest.mark.parametrize("jump", [AN_HOUR, 20 * A_DAY, None], ids=["an hour", "weeks", "back"])
def test_a_text_that_is_posted_while_the_date_jumps_goes_once(demo: Demo, jump: timedelta | None) -> None:
    demo.jump(5 * A_DAY)
    message = demo.text_under_way(jump)
    demo.settle(settle_seconds=0)
    demo.deliver("replies")
    assert demo.state(message) == "accepted"
    assert len(demo.sent(message)) == 1


@pytest.mark.parametrize("jump", [AN_HOUR, None], ids=["an hour", "back"])
def test_one_without_an_answer_is_found_on_the_other_side_of_the_jump(demo: Demo, jump: timedelta | None) -> None:
    demo.jump(AN_HOUR)
    message = demo.text_under_way(jump, drop=1)
    assert demo.state(message) == "unknown"
    wait_until(lambda: demo.settle(settle_seconds=0) == Settled(found=1), lambda: demo.state(message))
    assert demo.state(message) in ("accepted", "sent", "delivered")
    assert len(demo.sent(message)) == 1


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_one_whose_worker_was_killed_while_the_date_was_ahead_is_settled_today(demo: Demo, state: str) -> None:
    message = demo.message(kind="welcome")
    with demo.engine.begin() as connection:
        tomorrow = demo.date.now().replace(microsecond=0) + A_DAY
        changed = {"state": state, "tries": 1, "claimed_at": tomorrow, "changed_at": tomorrow}
        connection.execute(update(messages).values(changed).where(messages.c.id == message))
    assert demo.settle(settle_seconds=0) == Settled(), "it was never tomorrow, so nothing is known of its age"
    long_ago = datetime.now(UTC) - AN_HOUR
    file = {"offset": 0.0, "jumps": [[(long_ago - AN_HOUR).timestamp(), 86_400.0], [long_ago.timestamp(), 0.0]]}
    (demo.folder / NAME).write_text(json.dumps(file), encoding="ascii")
    assert is_in_doubt(demo)
    assert demo.settle(settle_seconds=0) == Settled(again=1)


def is_in_doubt(demo: Demo) -> bool:
    sender = demo.sender
    return work_there_is(demo.engine, demo.redis, sender.prompts(), AN_HOUR, sender.clock()).in_doubt


def test_a_jump_of_hours_makes_no_text_silent(demo: Demo) -> None:
    message = demo.message(kind="welcome")
    demo.deliver("replies")
    demo.jump(5 * AN_HOUR)
    assert ask_about_silent(demo.sender) == 0
    assert demo.state(message) == "accepted"


def test_a_pause_by_the_carrier_is_probed_after_the_date_was_set_back() -> None:
    pause = Pause("carrier", "20003", THURSDAY + 20 * A_DAY, THURSDAY + 20 * A_DAY)
    assert pause.may_probe(THURSDAY)
    assert not pause.may_probe(THURSDAY + 20 * A_DAY + timedelta(minutes=9))
