"""Words that the helpline did not understand, once three different callers used them. In Redis only, for 30 days.

Until then Redis knows marks: of the words, and under it of the callers who used them. No mark tells whose it is without
the key. Words with digits, long ones and names that only one person writes therefore never get into clear.
"""

from __future__ import annotations

import hmac
from threading import Lock
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError

from helpline.conversation.normalise import normalise

DAYS = 30
ENOUGH_CALLERS = 3
MOST_WORDS, LONGEST = 4, 40
MOST_COLLECTED = 2000  # between two writings; what is more is let go
MOST_CALLERS, MOST_SHOWN = 1000, 500
_SHOWN = "missed:shown"  # the marks of the words that may be read

# KEYS: the callers of these words, the words, the marks of all that may be read. ARGV: the caller, the words, their
# mark, seconds, how many callers are enough, the most callers, the most words. All of it ends with the first caller.
_NOTE = """
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[6]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
if redis.call('SCARD', KEYS[1]) < tonumber(ARGV[5]) then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[7]) then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', math.max(1, redis.call('TTL', KEYS[1])))
redis.call('SADD', KEYS[3], ARGV[3])
return 1
"""


class Missed(NamedTuple):
    """Words, and how many different callers used them in the last 30 days."""

    words: str
    callers: int


class MissedWords:
    """Collects in memory what was not understood, for `write`. `key` makes the marks."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"helpline missed words", "sha256")
        self._collected: set[tuple[str, str]] = set()
        self._lock = Lock()

    def note(self, words: str, number: str) -> None:
        """Words that were not understood, by a caller whose number is known. Quick: nothing is written here."""
        plain = tellable(words) if number else ""
        if not plain:
            return
        with self._lock:
            if len(self._collected) < MOST_COLLECTED:
                self._collected.add((plain, self._mark("caller", number)))

    def write(self, redis: Redis) -> None:
        """Write down what was collected. What cannot be written now is let go: it is worth no effort."""
        with self._lock:
            collected, self._collected = self._collected, set()
        try:
            with redis.pipeline(transaction=False) as pipeline:
                for words, caller in sorted(collected):
                    mark = self._mark("words", words)
                    limits = (DAYS * 86_400, ENOUGH_CALLERS, MOST_CALLERS, MOST_SHOWN)
                    pipeline.eval(_NOTE, 3, _callers(mark), _words(mark), _SHOWN, caller, words, mark, *limits)
                if collected:
                    pipeline.execute()
        except RedisError:
            return

    def _mark(self, kind: str, text: str) -> str:
        return hmac.digest(self._key, f"{kind}\0{text}".encode(errors="replace"), "sha256").hex()[:20]


def missed_words(redis: Redis) -> list[Missed]:
    """What at least three different callers wrote or said and was not understood, the most frequent first.

    RedisError where Redis is away. A connection: `helpline.sms.store.connect(redis_url(settings), TIMEOUT_SECONDS)`.
    """
    marks = sorted(_text(mark) for mark in redis.smembers(_SHOWN))
    with redis.pipeline(transaction=False) as pipeline:
        for mark in marks:
            pipeline.get(_words(mark))
            pipeline.scard(_callers(mark))
        answers = pipeline.execute() if marks else []
    found = list(zip(marks, (_text(words or "") for words in answers[::2]), answers[1::2], strict=True))
    over = [mark for mark, words, _ in found if not words]
    if over:
        redis.srem(_SHOWN, *over)
    told = [Missed(words, count) for _, words, count in found if words and count >= ENOUGH_CALLERS]
    return sorted(told, key=lambda each: (-each.callers, each.words))


def tellable(words: str) -> str:
    """The words in plain form; nothing where they hold a digit, are many or long."""
    plain = normalise(words)
    is_short = 0 < len(plain) <= LONGEST and len(plain.split()) <= MOST_WORDS
    # Also as it was written: "Ⅷ" becomes letters.
    return plain if is_short and not any(character.isnumeric() for character in words + plain) else ""


def _callers(mark: str) -> str:
    return f"missed:{mark}"


def _words(mark: str) -> str:
    return f"missed:words:{mark}"


def _text(found: bytes | str) -> str:
    """Clients differ in what they answer with."""
    return found.decode() if isinstance(found, bytes) else found
