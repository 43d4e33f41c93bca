"""The proof: who was asked, agreed, changed and ended, when, how, and to which words exactly. Rows are only added."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection, insert, or_, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.consent.consent import KIND, Consent
from helpline.consent.once import insert_new
from helpline.consent.withdrawal import LONGEST_HEARD, LONGEST_SID
from helpline.conversation.turn import Context
from helpline.records.engine import reading
from helpline.records.tables import consent_texts, consents

Event = Literal["asked", "given", "changed", "ended"]

ASKED_FOR = timedelta(minutes=30)  # so long a yes by text is an answer to what was asked

log = structlog.get_logger(__name__)


def record(
    connection: Connection,
    event: Event,
    fingerprint: str,
    at: datetime,
    *,
    channel: str,
    language: str,
    scope: str = "",
    shown: str = "",
    heard: str = "",
    sid: str = "",
) -> None:
    """Add to the proof. `shown` are the words that the caller answered; they are kept once, by their hash."""
    connection.execute(
        insert(consents).values(
            fingerprint=fingerprint,
            at=at,
            kind=KIND,
            event=event,
            scope=scope,
            channel=channel,
            language=language,
            text_hash=_kept_text(connection, shown, channel, language) if shown else None,
            heard=heard[:LONGEST_HEARD],
            sid=sid[:LONGEST_SID],
        )
    )


def sid_of(context: Context) -> str:
    """The carrier's id of the text or of the call, without the number of the turn."""
    return context.key.partition(".")[0]


def text_hash(text: str) -> str:
    """The name under which a text is kept: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def asked_recently(consent: Consent, number: str, now: datetime) -> str:
    """The language in which we asked this number by text within 30 minutes, unless it was answered since.

    For who answers OUI while Redis is down. Nothing if nobody asked, or if the database does not tell.
    """
    if not number:
        return ""
    answered_or_texted = or_(consents.c.event != "asked", consents.c.channel == "sms")
    newest = (
        select(consents.c.event, consents.c.at, consents.c.language)
        .where(consents.c.fingerprint == consent.fingerprint(number), consents.c.kind == KIND, answered_or_texted)
        .order_by(consents.c.id.desc())
        .limit(1)
    )
    try:
        with reading(consent.engine).begin() as connection:
            row = connection.execute(newest).first()
    except SQLAlchemyError as error:
        log.warning("cannot tell whether somebody was asked", error=type(error).__name__)
        return ""
    if row is None or row.event != "asked" or now - row.at > ASKED_FOR:
        return ""
    return str(row.language)


def _kept_text(connection: Connection, text: str, channel: str, language: str) -> str:
    name = text_hash(text)
    insert_new(connection, consent_texts, hash=name, channel=channel, language=language, text=text)
    return name
