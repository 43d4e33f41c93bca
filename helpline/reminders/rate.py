"""How fast texts go out, and calls: one rate each for all workers, kept in Redis, and slower for all in trouble."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis

TEXTS, CALLS = "sms", "voice"  # the names of the two rates
SLOTS, BUSY, TROUBLE = (f"{TEXTS}:{what}" for what in ("slots", "busy", "trouble"))
SHORTEST_WAIT, LONGEST_WAIT = 5.0, 300.0
_TROUBLE_SECONDS = 3600
# No slot is given away for so much later; one that is was made by a clock that has jumped since.
_CLOCK_JUMP_SECONDS = 60

# KEYS: slots, busy, trouble. ARGV: wanted, microseconds between two slots, microseconds ahead, latest.
_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local first = tonumber(redis.call('GET', KEYS[1]) or '0')
if first < now or first > now + tonumber(ARGV[4]) then first = now end
local busy = redis.call('PTTL', KEYS[2])
if busy > 0 and first < now + busy * 1000 then first = now + busy * 1000 end
local room = math.floor((now + tonumber(ARGV[3]) - first) / tonumber(ARGV[2])) + 1
local got = math.max(0, math.min(tonumber(ARGV[1]), room))
if got > 0 then
  local free = first + got * tonumber(ARGV[2])
  redis.call('SET', KEYS[1], string.format('%.0f', free), 'PX', math.ceil((free - now) / 1000) + 1000)
end
return {got, string.format('%.0f', first - now), redis.call('EXISTS', KEYS[3])}
"""

# KEYS: busy, trouble. ARGV: milliseconds asked for, base, cap, share of them (jitter), seconds to remember trouble.
# Trouble while all are slowed down already is the same trouble: sixteen threads get it at once.
_SLOW_DOWN = """
local left = redis.call('PTTL', KEYS[1])
local wait = tonumber(ARGV[1])
if left <= 0 then
  local times = redis.call('INCR', KEYS[2])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
  local more = math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ math.min(times - 1, 20))
  wait = math.max(wait, more * tonumber(ARGV[4]))
end
if wait > left then
  redis.call('SET', KEYS[1], '1', 'PX', math.max(1, math.floor(wait)))
  left = wait
end
return string.format('%.0f', left)
"""


@dataclass(frozen=True, slots=True)
class Slots:
    """Permission to send `count` messages: the first `delay` seconds from now, the others `gap` seconds apart.

    Without a slot `delay` says when there may be one. `troubled`: the carrier was in trouble lately.
    """

    count: int
    delay: float
    gap: float
    troubled: bool = False


class Rate:
    """A rate that all workers share, in messages a second. Those of different names know nothing of each other."""

    def __init__(
        self, redis: Redis, per_second: float, chance: Callable[[], float] = random.random, name: str = TEXTS
    ) -> None:
        self._redis, self._gap, self._chance = redis, 1 / per_second, chance
        self._slots, self._busy, self._trouble = f"{name}:slots", f"{name}:busy", f"{name}:trouble"

    def reserve(self, wanted: int, within: float) -> Slots:
        """Slots for up to `wanted` messages that begin within so many seconds, in one round trip."""
        latest = within + self._gap + _CLOCK_JUMP_SECONDS
        microseconds = (round(seconds * 1e6) for seconds in (self._gap, within, latest))
        keys = (self._slots, self._busy, self._trouble)
        count, delay, troubled = self._redis.eval(_RESERVE, 3, *keys, wanted, *microseconds)
        return Slots(int(count), int(delay) / 1e6, self._gap, bool(troubled))

    def slow_down(self, at_least: float = 0.0) -> float:
        """The carrier is in trouble: nobody sends for a while, longer each time in a row. Seconds until it is over."""
        milliseconds = (int(min(at_least, LONGEST_WAIT) * 1000), int(SHORTEST_WAIT * 1000), int(LONGEST_WAIT * 1000))
        share = 0.5 + self._chance() / 2
        left = self._redis.eval(_SLOW_DOWN, 2, self._busy, self._trouble, *milliseconds, share, _TROUBLE_SECONDS)
        return int(left) / 1000

    def all_well(self) -> None:
        """The carrier took messages again: the next trouble is the first one."""
        self._redis.delete(self._trouble)
