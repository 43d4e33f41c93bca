"""How often an adviser's phone is rung for callers: anybody can call, under any number, as often as they like."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

import structlog
from sqlalchemy import Connection

from helpline.consent.consent import Consent
from helpline.consent.daily_budget import add
from helpline.consent.limits import Kind, count, too_often
from helpline.consent.once import insert_new, one_at_a_time
from helpline.consent.withdrawal import LONGEST_SID
from helpline.conversation.turn import Context
from helpline.menus.dates import today_in_paris
from helpline.on_request.budget import spend_call
from helpline.records.tables import effects

MOST_A_DAY = 200  # of all callers together
MOST_AN_HOUR = 10  # of one process, while the database is away
_BUDGET = "dials"
_AN_HOUR = timedelta(hours=1)

log = structlog.get_logger(__name__)


def call_of(context: Context) -> str:
    """The call that a turn belongs to."""
    return context.key.partition(".")[0][:LONGEST_SID]


def may_ring(connection: Connection, consent: Consent, context: Context) -> bool:
    """Whether the adviser's phone is rung now; then it is counted. Once a call: whoever speaks does not ask again."""
    kind: Kind = "dial" if context.number else "dial_withheld"
    fingerprint, now = consent.fingerprint(context.number), context.now
    one_at_a_time(connection, fingerprint)
    if too_often(connection, fingerprint, kind, now):
        return False
    call = call_of(context)
    if call and not insert_new(connection, effects, key=f"{call}.rung", outcome="", at=now):
        return False
    spent = spend_call(connection, today_in_paris(now), MOST_A_DAY, now, _BUDGET)
    if spent == "spent":
        return False
    if spent == "last":
        log.warning("no caller is put through any more today", most=MOST_A_DAY)
    count(connection, fingerprint, kind, now)
    add(connection, today_in_paris(now), 1, now)
    return True


class Rung:
    """Calls that were put through without the database, as this process remembers them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rung: deque[tuple[datetime, str]] = deque(maxlen=MOST_AN_HOUR)

    def may_ring(self, context: Context) -> bool:
        """Whether the adviser's phone is rung all the same; then it is counted. A repeated turn counts once."""
        with self._lock:
            lately = [key for at, key in self._rung if abs(context.now - at) < _AN_HOUR]
            if context.key and context.key in lately:
                return True
            call = call_of(context)
            if len(lately) >= MOST_AN_HOUR or (call and any(key.startswith(f"{call}.") for key in lately)):
                return False
            self._rung.append((context.now, context.key))
            return True
