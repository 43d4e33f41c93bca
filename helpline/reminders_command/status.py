"""How the reminders stand, gathered for `helpline reminders status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import Engine

from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave
from helpline.records.engine import reading
from helpline.reminders.coming import Coming, coming_soon
from helpline.reminders.figures import WaveFigures, latest_waves, wave_figures
from helpline.reminders.health import Standing, standing
from helpline.reminders.held import Held, held
from helpline.reminders.last_tick import last_tick
from helpline.reminders.queues import QUEUES, queue
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings

_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `status` shows. `queues`: jobs that wait, by queue; None where Redis does not answer.

    `dated`: the coming reminders of things with a date of their own. `held`: the waves that operators hold back.
    """

    now: datetime
    standing: Standing
    queues: Mapping[str, int] | None
    waves: tuple[tuple[Wave, WaveFigures], ...]
    dated: tuple[Coming, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def means(self) -> tuple[str, ...]:
        """What somebody must look at, in sentences."""
        if self.queues is None:
            return ("Redis does not answer: no job is done, no text goes out.", *self._others)
        return self._others

    @property
    def _others(self) -> tuple[str, ...]:
        return tuple(self.standing.means(self.now))


def status(engine: Engine, redis: Redis, calendar: Calendar, now: datetime, ahead: timedelta = timedelta(0)) -> Status:
    """How the reminders stand now. `ahead`: how far ahead of real time `now` is."""
    with reading(engine).connect() as connection:
        waves = tuple(wave_figures(connection, *latest_waves(calendar, now)).items())
        dated = coming_soon(connection, now)
        found = standing(connection, calendar, last_tick(redis, ahead), now)
        held_back = held(connection)
    return Status(now, found, _queues(redis), waves, dated, held_back)


def quick_redis(settings: Settings) -> Redis:
    """Redis as a command needs it: one that does not answer at once counts as down."""
    url = settings.redis_url or EmbeddedValkey(settings.valkey_dir).url
    client: Redis = Redis.from_url(
        url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    return client


def _queues(redis: Redis) -> dict[str, int] | None:
    try:
        return {name: queue(redis, name).count for name in QUEUES}
    except RedisError:
        return None
