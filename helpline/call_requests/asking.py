"""Asking to be called by a person, and taking that back. Whoever calls this has a transaction open."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy import Connection

from helpline.consent.called_back import is_waiting, withdraw_request
from helpline.consent.consent import Consent
from helpline.consent.limits import count, too_often
from helpline.consent.objecting import objects
from helpline.consent.once import insert_new, one_at_a_time
from helpline.consent.reach import may_call
from helpline.menus.dates import today_in_paris
from helpline.menus.shapes import Channel
from helpline.on_request.budget import spend_call
from helpline.records.desk_tables import call_requests

Asked = Literal["requested", "known", "not_allowed", "too_many", "not_saved"]

MOST_BY_CALL = 100  # within a day, of all callers together: their numbers may be forged
_BUDGET = "requests_by_call"

log = structlog.get_logger(__name__)


def ask(connection: Connection, consent: Consent, number: str, language: str, channel: Channel, now: datetime) -> Asked:
    """Note that this number wants to be called by a person, once at a time. `channel` is how they asked."""
    if not may_call(number, consent.countries):
        return "not_allowed"
    fingerprint = consent.fingerprint(number)
    one_at_a_time(connection, fingerprint)
    if is_waiting(connection, fingerprint):
        return "known"
    if objects(connection, fingerprint, by_text=channel == "sms"):
        return "not_allowed"
    if too_often(connection, fingerprint, "person", now):
        return "too_many"
    if channel == "voice" and _is_spent(connection, now):
        return "not_saved"
    sealed = consent.seals.seal(number)
    added = insert_new(
        connection,
        call_requests,
        fingerprint=fingerprint,
        number=sealed.number,
        number_key=sealed.key,
        language=language,
        channel=channel,
        state="waiting",
        asked_at=now,
        changed_at=now,
    )
    if not added:
        return "known"
    count(connection, fingerprint, "person", now)
    return "requested"


def withdraw(connection: Connection, fingerprint: str, now: datetime, until: datetime | None = None) -> bool:
    """Take the open request back and drop its number. Whether there was one. `until`: only if it was made by then."""
    one_at_a_time(connection, fingerprint)
    return withdraw_request(connection, fingerprint, now, until)


def _is_spent(connection: Connection, now: datetime) -> bool:
    """Whether all that is noted of calls today is noted already; else one more is."""
    spent = spend_call(connection, today_in_paris(now), MOST_BY_CALL, now, _BUDGET)
    if spent == "last":
        log.warning("no wish of a call is noted any more today", most=MOST_BY_CALL)
    return spent == "spent"
