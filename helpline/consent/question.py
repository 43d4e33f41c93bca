"""The question of consent by text: open from when it was asked until anything answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from helpline.consent.consent import KIND
from helpline.consent.proof import record
from helpline.records.tables import consents, objections


def open_question(connection: Connection, fingerprint: str) -> Any:
    """The question (`at`, `language`) that nothing has answered: no yes, no other word, no objection. None if none."""
    answered_or_texted = or_(consents.c.event != "asked", consents.c.channel == "sms")
    newest = connection.execute(
        select(consents.c.event, consents.c.at, consents.c.language)
        .where(consents.c.fingerprint == fingerprint, consents.c.kind == KIND, answered_or_texted)
        .order_by(consents.c.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.event != "asked":
        return None
    mine = objections.c.fingerprint == fingerprint
    objected = select(objections.c.since).where(mine, objections.c.since >= newest.at)
    return None if connection.execute(objected).first() else newest


def refuse(
    connection: Connection, fingerprint: str, at: datetime, *, channel: str, language: str, heard: str, sid: str
) -> bool:
    """Nothing that comes later is a yes to the question that was asked until `at`. Whether one was open."""
    asked = open_question(connection, fingerprint)
    if asked is None or asked.at > at:
        return False
    language = language or asked.language
    record(connection, "refused", fingerprint, at, channel=channel, language=language, heard=heard, sid=sid)
    return True
