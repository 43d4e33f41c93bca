"""Who of several clocks leads: a lease in Redis that the leader renews, and that ends by itself when it does not."""

from __future__ import annotations

import secrets

from redis import Redis

KEY = "clock:lease"
SECONDS = 15.0

# Only who holds the lease renews it or gives it back. KEYS: lease. ARGV: token, milliseconds.
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Lease:
    """One clock's share in the lease. Losing it unnoticed does no harm: what a tick enqueues has names of its own."""

    def __init__(self, redis: Redis, seconds: float = SECONDS) -> None:
        self._redis, self._milliseconds = redis, int(seconds * 1000)
        self._token = secrets.token_hex(16)

    def hold(self) -> bool:
        """Take or renew it. False while another one has it."""
        if self._redis.eval(_RENEW, 1, KEY, self._token, self._milliseconds):
            return True
        return bool(self._redis.set(KEY, self._token, nx=True, px=self._milliseconds))

    def release(self) -> None:
        """Give it back, so that another clock goes on at once."""
        self._redis.eval(_RELEASE, 1, KEY, self._token)
