"""A deliverer as a process of its own, which stands still at a chosen moment: there the test kills it.

    python -m tests.reminders.delivering DATABASE VALKEY CARRIER KEY MOMENT [QUEUE]

MOMENT is `claimed` (nothing posted yet), `posted` (nothing written down yet) or `halfway` (some written down).
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

from redis import Redis

from helpline.records.engine import open_records
from helpline.records.sealing import Seals
from helpline.reminders import delivery, posting, recording
from tests.reminders.bench import Bench, Clock


class Address:
    """A stub that somebody else started."""

    def __init__(self, url: str) -> None:
        self.url = url


def stand_still(*_: Any, **__: Any) -> None:
    print("here", flush=True)  # noqa: T201
    while True:
        signal.pause()


def after(times: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """`act` so many times, and then nothing any more."""
    left = [times]

    def counted(*arguments: Any, **named: Any) -> Any:
        if not left[0]:
            stand_still()
        left[0] -= 1
        return act(*arguments, **named)

    return counted


def main() -> None:
    database, valkey, carrier, key, moment, *queue = sys.argv[1:]
    bench = Bench(open_records(database), Redis.from_url(valkey), Address(carrier), Clock(runs=True))  # type: ignore[arg-type]
    bench.seals = Seals([key])
    match moment:
        case "claimed":
            posting.Posting.add = stand_still  # type: ignore[method-assign]
        case "posted":
            recording.Recording.record = stand_still  # type: ignore[method-assign]
        case "halfway":
            posting._MOST_RESULTS = 5
            recording.Recording.record = after(2, recording.Recording.record)  # type: ignore[method-assign]
    delivery.deliver(bench.sender, *(queue or ["replies"]))


if __name__ == "__main__":
    main()
