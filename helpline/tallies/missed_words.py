"""Words that the helpline did not understand, once three different callers used them. In Redis only, for 30 days.

Until then Redis knows marks: of the words, and under it of the callers who used them. No mark tells whose it is without
the key. Words with digits, long ones and names that only one person writes therefore never get into clear: not even
into what Redis notes of commands, since the words themselves are sent only once enough callers used them.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
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
MOST_NEW_A_DAY = 20  # of a caller
MOST_KEPT = 20_000  # different words, of all callers
_SHOWN = "missed:shown"  # the marks of the words that may be read
_KEPT = "missed-kept"  # the marks of all words, each with the second at which it ends
_DAY_SECONDS = 86_400

# KEYS: the callers of these words, the words, the marks of all words, how many were new of this caller today.
# ARGV: the caller, the mark of the words, seconds, how many callers are enough, the most callers, new words, words.
# Whether the words are to be shown, and are not yet. All of it ends with the first caller.
_NOTE = """
local now = tonumber(redis.call('TIME')[1])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
  if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[7]) then return 0 end
  if tonumber(redis.call('GET', KEYS[4]) or '0') >= tonumber(ARGV[6]) then return 0 end
  if redis.call('INCR', KEYS[4]) == 1 then redis.call('EXPIRE', KEYS[4], ARGV[8]) end
  redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), ARGV[2])
  if redis.call('TTL', KEYS[3]) < tonumber(ARGV[3]) then redis.call('EXPIRE', KEYS[3], ARGV[3]) end
end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[5]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
if redis.call('SCARD', KEYS[1]) < tonumber(ARGV[4]) then return 0 end
return 1 - redis.call('EXISTS', KEYS[2])
"""

# KEYS: the callers of these words, the words, the marks of all that are shown. ARGV: the words, their mark, the most
# that are shown, how the keys of callers and of words begin. Where all is full, the words of the fewest callers go.
_SHOW = """
local left = redis.call('TTL', KEYS[1])
if left < 1 then return end
if redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[3]) then
  local fewest, which = redis.call('SCARD', KEYS[1]) + 1, nil
  for _, mark in ipairs(redis.call('SMEMBERS', KEYS[3])) do
    local count = redis.call('SCARD', ARGV[4] .. mark)
    if count < fewest then fewest, which = count, mark end
  end
  if not which then return end
  redis.call('SREM', KEYS[3], which)
  redis.call('DEL', ARGV[5] .. which)
end
redis.call('SET', KEYS[2], ARGV[1], 'EX', left)
redis.call('SADD', KEYS[3], ARGV[2])
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
            for words in self._note_marks(redis, sorted(collected)):
                mark = self._mark("words", words)
                keys = (_callers(mark), _words(mark), _SHOWN)
                redis.eval(_SHOW, len(keys), *keys, words, mark, MOST_SHOWN, _callers(""), _words(""))
        except RedisError:
            return

    def _note_marks(self, redis: Redis, collected: Sequence[tuple[str, str]]) -> list[str]:
        """Write marks only; the words that enough callers have used by now, and that are not shown yet."""
        with redis.pipeline(transaction=False) as pipeline:
            for words, caller in collected:
                mark = self._mark("words", words)
                keys = (_callers(mark), _words(mark), _KEPT, f"missed-day:{caller}")
                limits = (DAYS * _DAY_SECONDS, ENOUGH_CALLERS, MOST_CALLERS, MOST_NEW_A_DAY, MOST_KEPT, _DAY_SECONDS)
                pipeline.eval(_NOTE, len(keys), *keys, caller, mark, *limits)
            answers = pipeline.execute() if collected else []
        return sorted({words for (words, _), is_enough in zip(collected, answers, strict=True) if is_enough})

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
