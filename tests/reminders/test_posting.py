"""Posting: each text at its slot, and none by who was frozen since the claim."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from helpline.carrier.results import Result, Sent
from helpline.records.sealing import Seals
from helpline.reminders.claiming import Claimed
from helpline.reminders.posting import NotPosted, Outcome, Posting
from helpline.reminders.rate import Slots
from tests.reminders.bench import LAST_WAVE, SEALING, Bench, Clock

SEALS = Seals([SEALING])


@dataclass
class Phone:
    """Takes what is posted, and notes when."""

    posted: list[float] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    def send(self, to: str, body: str, valid_seconds: int, report: str = "") -> Result:
        self.posted.append(time.monotonic())
        self.before()
        return Sent("SM" + "0" * 32, "queued")


def claimed(
    number: int = 1, until: datetime = LAST_WAVE + timedelta(hours=1), caller: str = "somebody", **more: str
) -> Claimed:
    sealed = SEALS.seal("+33639980001").number
    return Claimed(number, 1, "update", caller, "fr", sealed, until, until, "Bonjour", **more)


def outcomes(
    phone: Phone,
    clock: Clock,
    messages: list[Claimed],
    slots: Slots | None = None,
    claimed_at: datetime = LAST_WAVE,
    tick: float | None = None,
    stop: bool = False,
) -> list[Outcome]:
    found: list[Outcome] = []
    now = time.monotonic()
    with Posting(phone, SEALS, clock, at_once=2) as posting:  # type: ignore[arg-type]
        if stop:
            posting.stop()
        posting.add(messages, slots or Slots(len(messages), 0.0, 0.0), now, claimed_at, now if tick is None else tick)
        while posting.left:
            found += [outcome for _, outcome in posting.take()]
    return found


def test_no_text_goes_before_its_slot() -> None:
    phone, begun = Phone(), time.monotonic()
    outcomes(phone, Clock(), [claimed(n) for n in range(4)], Slots(4, 0.1, 0.05))
    slots = [begun + 0.1 + place * 0.05 for place in range(4)]
    assert [posted >= slot for posted, slot in zip(sorted(phone.posted), slots, strict=True)] == [True] * 4


def test_who_was_frozen_by_the_wall_clock_posts_nothing() -> None:
    phone = Phone()
    assert outcomes(phone, Clock(), [claimed()], claimed_at=LAST_WAVE - timedelta(seconds=31)) == [NotPosted("late")]
    assert phone.posted == []


def test_who_was_frozen_by_the_monotonic_clock_posts_nothing() -> None:
    phone = Phone()
    assert outcomes(phone, Clock(), [claimed()], tick=time.monotonic() - 31) == [NotPosted("late")]
    assert phone.posted == []


def test_who_wakes_up_posts_nothing_more() -> None:
    clock = Clock()
    phone = Phone(before=lambda: clock.pass_by(seconds=40))
    found = outcomes(phone, clock, [claimed(1), claimed(2)], Slots(2, 0.0, 0.3))
    assert isinstance(found[0], Sent)
    assert found[1] == NotPosted("late")
    assert len(phone.posted) == 1


def test_what_has_no_time_left_is_not_posted() -> None:
    soon = claimed(until=LAST_WAVE + timedelta(seconds=5))
    assert outcomes(Phone(), Clock(), [soon]) == [NotPosted("closed")]


class FrozenOnce(Seals):
    """Numbers are opened between claim and post: the first time the whole process is frozen there."""

    def __init__(self, frozen: Callable[[], object]) -> None:
        super().__init__([SEALING])
        self._frozen = [frozen]

    def open(self, sealed: str) -> str:
        if self._frozen:
            self._frozen.pop()()
        return super().open(sealed)


def test_what_another_worker_took_over_while_one_was_frozen_is_sent_once(bench: Bench) -> None:
    message = bench.message()

    def taken_over() -> None:
        bench.clock.pass_by(minutes=5)
        other = replace(bench, alerts=[])
        assert other.settle().again == 1
        assert other.deliver().accepted == 1

    bench.seals = FrozenOnce(taken_over)
    assert bench.deliver(seconds=0).accepted == 0, "it claims once: what comes free meanwhile is the other's"
    row = bench.row(message)
    assert (len(bench.sent(message)), row.state, row.tries) == (1, "accepted", 2)


def test_what_became_too_late_between_claim_and_post_is_not_sent(bench: Bench) -> None:
    message = bench.message(not_after=bench.clock() + timedelta(seconds=25))
    bench.seals = FrozenOnce(lambda: bench.clock.pass_by(seconds=20))  # the claim is still ours
    assert bench.deliver().given_up == 1
    assert (bench.sent(message), bench.state(message)) == ([], "expired")


def test_stopping_brings_back_what_waits_for_its_slot() -> None:
    begun = time.monotonic()
    found = outcomes(Phone(), Clock(), [claimed(n) for n in range(5)], Slots(5, 60.0, 1.0), stop=True)
    assert found == [NotPosted("stopped")] * 5
    assert time.monotonic() - begun < 30


def test_an_error_ends_the_posting_of_the_rest() -> None:
    def breaks_off(phone: Phone) -> None:
        with Posting(phone, SEALS, Clock(), at_once=1) as posting:  # type: ignore[arg-type]
            slots, now = Slots(3, 60.0, 1.0), time.monotonic()
            posting.add([claimed(n) for n in range(3)], slots, now, LAST_WAVE, now)
            raise RuntimeError

    phone = Phone()
    with pytest.raises(RuntimeError):
        breaks_off(phone)
    assert phone.posted == []


def test_a_fault_within_a_thread_loses_no_outcome() -> None:
    def breaks() -> None:
        raise KeyError

    assert len(outcomes(Phone(before=breaks), Clock(), [claimed(n) for n in range(5)])) == 5
