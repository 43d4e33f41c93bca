"""The proof: who was asked, agreed, changed and ended, when, how, and to which words exactly. Rows are only added."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert

from helpline.consent.consent import KIND
from helpline.consent.once import insert_new
from helpline.consent.withdrawal import LONGEST_HEARD, LONGEST_SID
from helpline.conversation.turn import Context
from helpline.records.tables import consent_texts, consents

# refused: the question was left without a yes. It proves nothing for long, and agrees to nothing.
Event = Literal["asked", "given", "changed", "ended", "refused"]


def record(
    connection: Connection,
    event: Event,
    fingerprint: str,
    at: datetime,
    *,
    channel: str,
    language: str,
    kind: str = KIND,
    scope: str = "",
    shown: str = "",
    heard: str = "",
    sid: str = "",
) -> None:
    """Add to the proof of a kind of reminders. `shown` are the words that were answered, kept once, by their hash."""
    connection.execute(
        insert(consents).values(
            fingerprint=fingerprint,
            at=at,
            kind=kind,
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


def _kept_text(connection: Connection, text: str, channel: str, language: str) -> str:
    name = text_hash(text)
    insert_new(connection, consent_texts, hash=name, channel=channel, language=language, text=text)
    return name
