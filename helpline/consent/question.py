"""The question of consent by text: open from when it was asked until anything answers it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from helpline.consent.consent import KIND
from helpline.consent.proof import record
from helpline.records.tables import consents, objections

OPEN_FOR = timedelta(minutes=30)  # so long a yes by text is an answer to what was asked
# What was asked in a call opens nothing by text. What was asked on paper does: the invitation comes by text.
OPENS = ("sms", "paper")
_ELSEWHERE = ("voice", "operator", "restore", "carrier")


def open_question(connection: Connection, fingerprint: str, asked_in: tuple[str, ...] = OPENS) -> Any:
    """The question (`at`, `language`) that nothing has answered: no yes, no other word, no objection. None if none."""
    newest = _newest(connection, fingerprint, asked_in)
    if newest is None or newest.event != "asked":
        return None
    mine = objections.c.fingerprint == fingerprint
    objected = select(objections.c.since).where(mine, objections.c.since >= newest.at)
    return None if connection.execute(objected).first() else newest


def was_left(connection: Connection, fingerprint: str) -> bool:
    """Whether nobody agrees by text now: the question was left without a yes, or what was agreed to has ended since.

    An older message of ours that asks may still be the last one in a session.
    """
    newest = _newest(connection, fingerprint)
    return newest is not None and newest.event in ("refused", "ended")


def withdrew_elsewhere(connection: Connection, fingerprint: str, now: datetime) -> bool:
    """Whether somebody ended anything lately but not by text: a question that is still open in a session is not."""
    ended_or_given = consents.c.event.in_(("given", "ended", "refused"))
    newest = connection.execute(
        select(consents.c.event, consents.c.at, consents.c.channel)
        .where(consents.c.fingerprint == fingerprint, ended_or_given)
        .order_by(consents.c.id.desc())
        .limit(1)
    ).first()
    return (
        newest is not None and newest.event != "given" and newest.channel in _ELSEWHERE and now - newest.at < OPEN_FOR
    )


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


def _newest(connection: Connection, fingerprint: str, asked_in: tuple[str, ...] = OPENS) -> Any:
    """The newest entry of the proof (`event`, `at`, `language`), of questions only those that were asked in these."""
    answered_or_texted = or_(consents.c.event != "asked", consents.c.channel.in_(asked_in))
    return connection.execute(
        select(consents.c.event, consents.c.at, consents.c.language)
        .where(consents.c.fingerprint == fingerprint, consents.c.kind == KIND, answered_or_texted)
        .order_by(consents.c.id.desc())
        .limit(1)
    ).first()
