"""The one switch that holds everything back: thrown by an operator, by a restored backup, or by the helpline itself.

A pause that the helpline made because the carrier takes nothing from us is probed: one message every ten minutes goes
all the same, and when it is taken the pause is over. Only what texts found out pauses (`consequences.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection, delete, select, update

from helpline.carrier.errors import is_about_account
from helpline.consent.once import insert_new
from helpline.menus.shapes import Channel
from helpline.records.tables import controls

PAUSED = "paused"
PROBE_EVERY = timedelta(minutes=10)
LONGEST_REASON = 80

By = Literal["operator", "restore", "carrier"]

_MAY_REPLACE: Mapping[By, tuple[By, ...]] = {
    "carrier": ("operator", "restore"),
    "restore": ("operator",),
    "operator": (),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent. `reason` is a word or a code of the carrier's; `probed` when it was last tried all the same."""

    by: By
    reason: str
    since: datetime
    probed: datetime

    def may_probe(self, now: datetime) -> bool:
        # A probe in the future is one of before the clock was set right: long enough ago, too.
        return self.by == "carrier" and abs(now - self.probed) >= PROBE_EVERY


def paused(connection: Connection) -> Pause | None:
    """The pause that holds now, if any."""
    value = connection.scalar(select(controls.c.value).where(controls.c.name == PAUSED))
    return None if value is None else _read(value)


def paused_for(connection: Connection, channel: Channel) -> Pause | None:
    """The pause that holds for texts, or for calls: those go on where the carrier takes our texts only not."""
    found = paused(connection)
    if found is None or channel == "sms" or found.by != "carrier":
        return found
    return found if found.reason.isdecimal() and is_about_account(int(found.reason)) else None


def pause(connection: Connection, by: By, reason: str, now: datetime) -> bool:
    """Hold everything back. False if it is held back already.

    A carrier's pause gives way to any other, a restore's to an operator's: those end only when somebody ends them.
    """
    new = Pause(by, reason[:LONGEST_REASON], now, now)
    found = paused(connection)
    if found is None:
        if not insert_new(connection, controls, name=PAUSED, value=_write(new), changed_at=now):
            return False  # another worker was first
    elif by not in _MAY_REPLACE[found.by] or not _exchange(connection, found, new, now):
        return False
    log.error("sending is paused", by=by, reason=new.reason, ended_by="helpline reminders resume")
    return True


def resume(connection: Connection) -> bool:
    """Send again. False if nothing was paused."""
    ended = connection.execute(delete(controls).where(controls.c.name == PAUSED)).rowcount > 0
    if ended:
        log.warning("sending goes on")
    return ended


def end(connection: Connection, found: Pause) -> bool:
    """End this pause and no other: whoever paused since it was looked up wins. False if it holds no more."""
    mine = (controls.c.name == PAUSED) & (controls.c.value == _write(found))
    ended = connection.execute(delete(controls).where(mine)).rowcount > 0
    if ended:
        log.warning("sending goes on")
    return ended


def say_why(connection: Connection, by: By, reason: str, now: datetime) -> bool:
    """Give the pause of this origin another reason. False if another one holds, or none."""
    found = paused(connection)
    if found is None or found.by != by:
        return False
    return _exchange(connection, found, replace(found, reason=reason[:LONGEST_REASON]), now)


def begin_probe(connection: Connection, found: Pause, now: datetime) -> bool:
    """Take the turn to try one text during this pause. One worker gets it."""
    return found.may_probe(now) and _exchange(connection, found, replace(found, probed=now), now)


def end_after_probe(connection: Connection) -> bool:
    """A text was taken: the carrier's pause is over. Others stay."""
    found = paused(connection)
    if found is None or found.by != "carrier":
        return False
    return end(connection, found)


def _exchange(connection: Connection, old: Pause, new: Pause, now: datetime) -> bool:
    unchanged = (controls.c.name == PAUSED) & (controls.c.value == _write(old))
    return connection.execute(update(controls).where(unchanged).values(value=_write(new), changed_at=now)).rowcount > 0


def _write(pause: Pause) -> str:
    moments = {"since": int(pause.since.timestamp()), "probed": int(pause.probed.timestamp())}
    return json.dumps(asdict(pause) | moments, sort_keys=True)


def _read(value: str) -> Pause:
    found = json.loads(value)
    moments = {name: datetime.fromtimestamp(found[name], UTC) for name in ("since", "probed")}
    return Pause(found["by"], found["reason"], **moments)
