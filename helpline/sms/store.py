"""What is kept of a caller who texts: the session, the language and the last answers, in Redis or Valkey.

Two round trips a text: read everything, then write everything if nothing changed meanwhile. Nothing is waited for
longer than a caller can: when Redis is away, `StoreDown` says so quickly. A new connection says nothing about itself
(no HELLO, no CLIENT SETINFO), since each of these would be a wait of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

SESSION_SECONDS = 3 * 24 * 3600
LANGUAGE_SECONDS = 365 * 24 * 3600
ANSWER_SECONDS = 24 * 3600
TIMEOUT_SECONDS = 0.15
LANGUAGE_TIMEOUT_SECONDS = 0.05  # at most three waits: to connect, to log in, to read

# KEYS: caller, language, answer. ARGV: caller as read, caller, its seconds, language, its seconds, answer, its seconds.
_COMMIT = """
local stored = redis.call('GET', KEYS[3])
if stored then return {'repeated', stored} end
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return {'changed', ''} end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[5])
redis.call('SET', KEYS[3], ARGV[6], 'EX', ARGV[7])
return {'written', ''}
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
    """Callers by fingerprint, answers by MessageSid."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url, TIMEOUT_SECONDS)
        self._quick = connect(url, LANGUAGE_TIMEOUT_SECONDS)

    def read(self, fingerprint: str, message: str) -> Kept:
        """Everything that a turn needs, in one round trip."""
        try:
            found = self._redis.mget(_caller(fingerprint), _language(fingerprint), _answer(fingerprint, message))
            caller, language, stored = (str(value or "") for value in found)
            return Kept(caller, language, _messages(stored) if stored else None)
        except (RedisError, ValueError) as error:  # what cannot be read is as good as nothing
            raise StoreDown(type(error).__name__) from error

    def commit(
        self, fingerprint: str, message: str, before: Kept, caller: str, language: str, answer: Sequence[str]
    ) -> tuple[str, ...] | None:
        """Write a turn, in one round trip. The answer to give: this one, or the one of a repeat that was quicker.

        None: another text of this caller was answered meanwhile, so read and answer again.
        """
        arguments = (
            _caller(fingerprint),
            _language(fingerprint),
            _answer(fingerprint, message),
            before.caller,
            caller,
            SESSION_SECONDS,
            language,
            LANGUAGE_SECONDS,
            json.dumps(list(answer)),
            ANSWER_SECONDS,
        )
        try:
            # The script goes along each time: by its hash alone, a server that restarted would cost two more trips.
            verdict, stored = self._redis.eval(_COMMIT, 3, *arguments)
            if verdict == "repeated":
                return _messages(stored)
        except (RedisError, ValueError) as error:
            raise StoreDown(type(error).__name__) from error
        return tuple(answer) if verdict == "written" else None

    def language(self, fingerprint: str) -> str:
        """The language that a caller used last; nothing if that is not known quickly."""
        try:
            return str(self._quick.get(_language(fingerprint)) or "")
        except RedisError:
            return ""

    def is_up(self) -> bool:
        """Whether it takes what we write: one that is full or only to be read is no help to callers."""
        try:
            return bool(self._redis.set("ready", "1", ex=ANSWER_SECONDS))
        except RedisError:
            return False


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
