"""Whether somebody who picked up a call of ours was told what it is about.

To the carrier a call is completed once it was picked up, also where our web server was down, and nothing but an error
was heard. So the web notes each call whose words it hands out: the message is `sent` then. Where the database does not
answer at once, the note is kept in Redis, too, by the carrier's id of the call, which is that of one try.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from helpline.reminders.report_ids import state_of
from helpline.reminders.statuses import Report, note_words, read_report
from helpline.telemetry.counters import Counters

WAIT_SECONDS = 0.15  # somebody has picked up, and waits as well
KEPT = timedelta(days=3)  # so long the carrier is asked about calls that it did not report on
_AT_ONCE = 4

log = structlog.get_logger(__name__)


class WordsSaid:
    """The notes in Redis. `redis` gives up quickly where somebody waits."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def note(self, sid: str) -> bool:
        """Note that the words of this call were handed out. Whether that could be done."""
        try:
            return bool(self._redis.set(_key(sid), "1", ex=KEPT))
        except RedisError:
            return False

    def known(self, sid: str) -> bool | None:
        """Whether they were. None where that cannot be told now."""
        try:
            return bool(self._redis.exists(_key(sid)))
        except RedisError:
            return None


class Noting:
    """Notes calls whose words are handed out. It never raises.

    `wait`: how many seconds the answer waits for the database. After that Redis is asked, as quickly as `said` does.
    """

    def __init__(
        self,
        engine: Engine,
        said: WordsSaid,
        clock: Callable[[], datetime],
        key: bytes,
        counters: Counters,
        wait: float = WAIT_SECONDS,
    ) -> None:
        self._engine, self._said, self._clock, self._key, self._counters = engine, said, clock, key, counters
        self._wait = wait
        self._threads = ThreadPoolExecutor(_AT_ONCE, "noting")  # they begin with the first call, after every fork

    def handed_out(self, about: str, form: Mapping[str, str]) -> None:
        """The words of a call are ready. `about` is our own id of the try, `form` what the carrier tells of it."""
        try:
            report = read_report(about, form)
            if report is None or not report.is_of_call:
                return
            self._note(report)
        except Exception as error:  # the words are said all the same
            log.error("words of a call not noted", about=about[:80], error=type(error).__name__)
            self._counters.count("call_words_lost")

    def _note(self, report: Report) -> None:
        written: Future[bool] = self._threads.submit(self._write, report)
        try:
            written.result(self._wait)
        except TimeoutError:  # it goes on, but whoever is killed now has noted it all the same
            self._said.note(report.sid)

    def _write(self, report: Report) -> bool:
        """Whether it is noted, wherever."""
        try:
            with self._engine.begin() as connection:
                if state_of(connection, report.message, report.mark, self._key):
                    note_words(connection, report, self._clock())
            return True
        except Exception as error:  # of SQL, whatever it is: Redis is there for that
            log.warning("words of a call not noted in the database", message=report.message, error=type(error).__name__)
        if self._said.note(report.sid):
            return True
        self._counters.count("call_words_lost")
        return False


def _key(sid: str) -> str:
    return f"words:{sid}"
