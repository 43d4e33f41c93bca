"""What work there is at this moment: messages that are due, jobs that wait, workers that live, doubts to be settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from redis import Redis
from rq import Worker
from sqlalchemy import Connection, Engine, delete, exists, insert, select

from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Calendar
from helpline.menus.waves import may_send_until
from helpline.records.engine import reading
from helpline.records.messages import IS_IN_DOUBT
from helpline.records.restore import RECONCILE
from helpline.records.tables import controls, messages
from helpline.reminders.claiming import how_many_due
from helpline.reminders.pause import paused_for
from helpline.reminders.queues import SENDING, UPKEEP, QueueName, channel_of, queue
from helpline.reminders.ticks import FORGETTING_SECONDS, JOBS_AT_MOST, MESSAGES_A_JOB, Load, Work, night_began

FORGOTTEN = "forgotten"  # the row of `controls` that says when the nightly work began that was done to its end last
FORGETTING_TAKES, FORGETTING_WAITS = timedelta(seconds=FORGETTING_SECONDS), timedelta(days=3)


def work_there_is(engine: Engine, redis: Redis, prompts: Prompts, doubts_after: timedelta, now: datetime) -> Work:
    """Looked up in the database and in Redis. A doubt is settled when it is older than `doubts_after`."""
    with reading(engine).connect() as connection:
        due = {name: _due(connection, prompts, name, now) for name in SENDING}
        in_doubt = _is_in_doubt(connection, now - doubts_after, now)
        restored = bool(connection.scalar(select(exists().where(controls.c.name == RECONCILE))))
        forgets = may_forget(connection, prompts.menus.calendar, now)
    loads = {name: replace(_waiting(redis, name), due=count) for name, count in due.items() if count}
    return Work(loads, in_doubt, restored, queue(redis, UPKEEP).count, forgets)


def _due(connection: Connection, prompts: Prompts, name: QueueName, now: datetime) -> int:
    """How many messages of a queue may go. During a pause none, but for the one by which it is tried."""
    pause = paused_for(connection, channel_of(name))
    if pause:
        return min(1, how_many_due(connection, prompts, name, now, 1)) if pause.may_probe(now) else 0
    return how_many_due(connection, prompts, name, now, JOBS_AT_MOST * MESSAGES_A_JOB)


def may_forget(connection: Connection, calendar: Calendar, now: datetime) -> bool:
    """Whether a piece of the nightly work is to be done now: before texts go again, unless it was missed for days."""
    last = connection.scalar(select(controls.c.changed_at).where(controls.c.name == FORGOTTEN))
    if last is not None and night_began(now) <= last <= now:  # one in the future is of before the clock was set right
        return False
    if not any(may_send_until(calendar, moment) for moment in (now, now + FORGETTING_TAKES)):
        return True
    return last is None or now - last > FORGETTING_WAITS


def note_forgotten(connection: Connection, began: datetime) -> None:
    """The nightly work is done to its end. What became due after it had begun is left to the next night's."""
    connection.execute(delete(controls).where(controls.c.name == FORGOTTEN))
    connection.execute(insert(controls).values(name=FORGOTTEN, value="", changed_at=began))


def _is_in_doubt(connection: Connection, before: datetime, now: datetime) -> bool:
    since = messages.c.claimed_at  # in the future: the date was set back since
    doubtful = IS_IN_DOUBT & ((since <= before) | (since > now))
    return bool(connection.scalar(select(exists().where(doubtful))))


def _waiting(redis: Redis, name: QueueName) -> Load:
    jobs = queue(redis, name)
    return Load(queued=jobs.count, workers=Worker.count(queue=jobs))
