"""What the server answered to the carrier, one line each: how long it took, and what came of it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from helpline.simulator.line.webhooks import PATIENCE_SECONDS, Exchange

LONGEST = 5.0  # seconds that an answer may take


@dataclass(frozen=True, slots=True)
class Measured:
    """What a number of requests took."""

    requests: int
    slowest: float
    p99: float
    over: int
    failed: int  # 5xx
    cut: int  # no connection, or one that ended without an answer: the carrier asks again where it may
    unanswered: int  # nobody answered within the carrier's patience
    refused: int  # 4xx


@dataclass
class Exchanges:
    """Counts every request while `is_on`. Threads share it."""

    is_on: bool = False
    _taken: list[tuple[float, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    slow: Counter[str] = field(default_factory=Counter)

    def note(self, exchange: Exchange) -> None:
        if not self.is_on:
            return
        seconds = exchange.milliseconds / 1000
        with self._lock:
            self._taken.append((seconds, exchange.status))
            if seconds > LONGEST or exchange.status // 100 == 5:
                self.slow[f"{exchange.status} {exchange.form.get('Body', exchange.url.rpartition('/')[2])[:20]}"] += 1

    def measured(self) -> Measured:
        with self._lock:
            taken = sorted(self._taken)
        times = [seconds for seconds, _ in taken]
        lost = [seconds for seconds, status in taken if status == 0]
        unanswered = sum(seconds >= PATIENCE_SECONDS * 0.9 for seconds in lost)
        return Measured(
            requests=len(taken),
            slowest=max(times, default=0.0),
            p99=times[int(len(times) * 0.99)] if times else 0.0,
            over=sum(seconds > LONGEST for seconds in times),
            failed=sum(status // 100 == 5 for _, status in taken),
            cut=len(lost) - unanswered,
            unanswered=unanswered,
            refused=sum(status // 100 == 4 for _, status in taken),
        )
