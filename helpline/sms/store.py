"""What is kept of a caller who texts: the session, the language and the last answers, in Redis or Valkey.

Two round trips a text: read everything, then write everything if nothing changed meanwhile. Nothing is waited for
longer than a caller can: when Redis is away, `StoreDown` says so quickly, and after some failures in a row it is not
asked at all for a moment: only the first callers of an outage wait. A new connection says nothing about itself (no
HELLO, no CLIENT SETINFO), since each of these would be a wait of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from circuitbreaker import CircuitBreaker
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from helpline.sms.round_trips import RoundTrips

SESSION_SECONDS = 3 * 24 * 3600
LANGUAGE_SECONDS = 365 * 24 * 3600
ANSWER_SECONDS = 24 * 3600
TIMEOUT_SECONDS = 0.15
QUICK_TIMEOUT_SECONDS = 0.05  # at most three waits: to connect, to log in, to read
DRAIN_TIMEOUT_SECONDS = 5.0
FAILURES, RESTS_SECONDS = 3, 1.0  # so many failures in a row, and it is not asked for so long
SEEN, SEEN_BEFORE = "seen", "seen:draining"
DRAINED_AT_ONCE = 1000

# KEYS: caller, language, answer, seen. ARGV: caller as read, caller, language, answer, fingerprint. A caller who
# becomes nothing is forgotten. It gives 1 for written, nothing where the caller changed meanwhile, and the answer of a
# repeat that was quicker.
_COMMIT = f"""
local stored = redis.call('GET', KEYS[3])
if stored then return stored end
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return false end
redis.call('SET', KEYS[3], ARGV[4], 'EX', {ANSWER_SECONDS})
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('SREM', KEYS[4], ARGV[5])
else
  redis.call('SET', KEYS[1], ARGV[2], 'EX', {SESSION_SECONDS})
  redis.call('SET', KEYS[2], ARGV[3], 'EX', {LANGUAGE_SECONDS})
  redis.call('SADD', KEYS[4], ARGV[5])
end
return 1
""".encode()

# KEYS: callers. ARGV: seconds, then for each the caller as read and the caller.
_REPLACE = """
local replaced = {}
for at, key in ipairs(KEYS) do
  if (redis.call('GET', key) or '') == ARGV[2 * at] then
    redis.call('SET', key, ARGV[2 * at + 1], 'EX', ARGV[1])
    table.insert(replaced, at)
  end
end
return replaced
"""


class StoreDown(Exception):
    """Redis cannot be reached, or not quickly enough."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a caller. `answer` is the one that this very message already got, None if it is new."""

    caller: str
    language: str
    answer: tuple[str, ...] | None


def connect(url: str, timeout: float) -> Redis:
    """A client that gives up after `timeout` seconds, and asks once more only where a connection had gone stale."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        retry_on_timeout=False,
        health_check_interval=0,
        protocol=2,
        driver_info=None,
        decode_responses=True,
        encoding_errors="replace",
    )


class CallerStore:
    """Callers by fingerprint, answers by MessageSid. Threads share one."""

    def __init__(self, url: str) -> None:
        away = (RedisConnectionError, RedisTimeoutError)  # an error that it answers with is an answer
        # What calls ask waits less: that it takes too long for them says nothing of texts.
        self._for_texts, self._for_calls = (
            CircuitBreaker(FAILURES, RESTS_SECONDS, expected_exception=away, name=name) for name in ("texts", "calls")
        )
        self._redis = connect(url, TIMEOUT_SECONDS)
        self._trips = RoundTrips(self._redis)
        self._quick = connect(url, QUICK_TIMEOUT_SECONDS)
        self._patient = connect(url, DRAIN_TIMEOUT_SECONDS)

    def read(self, fingerprint: str, message: str) -> Kept:
        """Everything that a turn needs, in one round trip."""
        with self._asking(self._for_texts):
            found = self._trips.ask("MGET", _caller(fingerprint), _language(fingerprint), _answer(fingerprint, message))
            caller, language, stored = (str(value or "") for value in found)
            return Kept(caller, language, _messages(stored) if stored else None)

    def commit(
        self, fingerprint: str, message: str, before: Kept, caller: str, language: str, answer: Sequence[str]
    ) -> tuple[str, ...] | None:
        """Write a turn, in one round trip. The answer to give: this one, or the one of a repeat that was quicker.

        None: another text of this caller was answered meanwhile, so read and answer again. An empty `caller` is
        forgotten, with the language.
        """
        keys = (_caller(fingerprint), _language(fingerprint), _answer(fingerprint, message), SEEN)
        values = (before.caller, caller, language, json.dumps(answer), fingerprint)
        with self._asking(self._for_texts):
            # The script goes along each time: by its hash alone, a server that restarted would cost two more trips.
            found = self._trips.ask("EVAL", _COMMIT, len(keys), *keys, *values)
            if isinstance(found, str):
                return _messages(found)
        return tuple(answer) if found else None

    def callers(self, fingerprints: Sequence[str]) -> list[str]:
        """What is kept of each of many callers, in one round trip; nothing for whom nothing is."""
        try:
            return [str(value or "") for value in self._redis.mget([_caller(each) for each in fingerprints])]
        except (RedisError, ValueError) as error:
            raise StoreDown(type(error).__name__) from error

    def replace_callers(self, changes: Sequence[tuple[str, str, str]]) -> set[str]:
        """Write many callers, in one round trip: fingerprint, as read, as it shall be. Whose had not changed meanwhile.

        Only those are written.
        """
        keys = [_caller(fingerprint) for fingerprint, _, _ in changes]
        values = [value for _, before, after in changes for value in (before, after)]
        try:
            replaced = self._redis.eval(_REPLACE, len(keys), *keys, SESSION_SECONDS, *values)
            return {changes[int(at) - 1][0] for at in replaced}
        except (RedisError, ValueError, TypeError) as error:
            raise StoreDown(type(error).__name__) from error

    def saw(self, fingerprint: str) -> None:
        """Note that a caller was in contact, if that can be done quickly."""
        with suppress(StoreDown), self._asking(self._for_calls):
            self._quick.sadd(SEEN, fingerprint)

    def forget(self, fingerprint: str) -> None:
        """Keep nothing more of a caller, if that can be done quickly; what is left ends by itself."""
        with suppress(StoreDown), self._asking(self._for_calls), self._quick.pipeline() as pipeline:
            pipeline.delete(_caller(fingerprint), _language(fingerprint))
            pipeline.srem(SEEN, fingerprint)
            pipeline.execute()

    def drain_seen(self) -> Iterator[str]:
        """Who was in contact since the last time, once each or more often. StoreDown where that cannot be told.

        Whoever stops in the middle, or dies, is told the same ones again.
        """
        try:
            yield from self._drained()  # what the last one left behind
            try:
                self._patient.rename(SEEN, SEEN_BEFORE)
            except ResponseError:  # nobody was
                return
            yield from self._drained()
        except (RedisError, ValueError, TypeError) as error:
            raise StoreDown(type(error).__name__) from error

    def _drained(self) -> Iterator[str]:
        for fingerprint in self._patient.sscan_iter(SEEN_BEFORE, count=DRAINED_AT_ONCE):
            yield str(fingerprint)
        self._patient.unlink(SEEN_BEFORE)

    def language(self, fingerprint: str) -> str:
        """The language that a caller used last; nothing if that is not known quickly."""
        with suppress(StoreDown), self._asking(self._for_calls):
            return str(self._quick.get(_language(fingerprint)) or "")
        return ""

    @contextmanager
    def _asking(self, breaker: CircuitBreaker) -> Iterator[None]:
        """StoreDown for whatever goes wrong inside; what cannot be read is as good as nothing.

        At once where it was away a moment ago. Then one or a few callers try again, and the first success ends it.
        """
        if breaker.opened:
            raise StoreDown("away a moment ago")
        try:
            with breaker:
                yield
        except (RedisError, ValueError) as error:
            raise StoreDown(type(error).__name__) from error

    def is_up(self) -> bool:
        """Whether it takes what we write: one that is full or only to be read is no help to callers.

        It is asked whatever happened a moment ago; where it answers, callers ask it again.
        """
        try:
            found = bool(self._redis.set("ready", "1", ex=ANSWER_SECONDS))
        except RedisError:
            return False
        self._for_texts.reset()
        self._for_calls.reset()
        return found


def _messages(stored: str) -> tuple[str, ...]:
    """A stored answer. ValueError for what this program did not write."""
    found = json.loads(stored)
    if not isinstance(found, list) or not all(isinstance(message, str) for message in found):
        raise ValueError("not a list of messages")
    return tuple(found)


def _caller(fingerprint: str) -> str:
    return f"caller:{fingerprint}"


def _language(fingerprint: str) -> str:
    return f"language:{fingerprint}"


def _answer(fingerprint: str, message: str) -> str:
    return f"answer:{fingerprint}:{message}"
