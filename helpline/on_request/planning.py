"""The rows of what is asked for: the caller's with the sealed number, and the message. Nobody is subscribed by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, select

from helpline.consent.caller_rows import Caller, keep_caller
from helpline.consent.consent import Consent
from helpline.consent.extra_messages import WORTH_SENDING
from helpline.consent.kinds import channel_of, queue_of
from helpline.consent.once import insert_new
from helpline.menus.shapes import Channel
from helpline.records.tables import messages

CALL_WITHIN = timedelta(minutes=10)  # a call an hour later frightens
Kind = Literal["page", "call_back"]
_WORTH: Mapping[Kind, timedelta] = {"page": WORTH_SENDING, "call_back": CALL_WITHIN}


def is_planned(connection: Connection, caller: int, kind: Kind, occurrence: str) -> bool:
    """Whether this very thing was asked for before: a webhook that came again after its effect was forgotten."""
    mine = (messages.c.caller_id == caller, messages.c.kind == kind, messages.c.occurrence == occurrence)
    return connection.scalar(select(messages.c.id).where(*mine)) is not None


def plan(
    connection: Connection,
    consent: Consent,
    known: Caller | None,
    number: str,
    language: str,
    kind: Kind,
    occurrence: str,
    now: datetime,
    due: datetime,
) -> None:
    """The message, due at any hour. The number goes again as after any reply: once nothing more is to be sent.

    How a caller is reminded stays as it was.
    """
    reached_by: Channel = known.channel if known else "sms"
    sealed = consent.seals.seal(number)
    caller = keep_caller(connection, consent.fingerprint(number), sealed, language, now, reached_by)
    insert_new(
        connection,
        messages,
        caller_id=caller,
        kind=kind,
        occurrence=occurrence,
        wave="",
        queue=queue_of(kind, reached_by),
        channel=channel_of(kind, reached_by),
        state="planned",
        due_at=due,
        not_after=due + _WORTH[kind],
        changed_at=now,
    )
