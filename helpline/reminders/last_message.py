"""The last message of a caller: a text that went out, while we still know them.

Also where its worker never learned that it went, but who asks or hears: without it the digit that the text offers would
answer an older page.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from helpline.records.messages import IN_DOUBT, State
from helpline.records.tables import callers, messages
from helpline.reminders.sender import Accepted
from helpline.reminders.words import NoWords, form_of, place_of

# Whose worker knows nothing of it: planned where a look at the carrier came too early.
UNHEARD: frozenset[State] = IN_DOUBT | {"planned"}
_WENT: tuple[State, ...] = ("accepted", "sent", "delivered")


def went(connection: Connection, message: int) -> Accepted | None:
    """A text that is on its way or arrived, as the last one since it was claimed. None for all others."""
    is_text = (messages.c.id == message, messages.c.channel == "sms")
    of_message = ("kind", "wave", "occurrence", "claimed_at")
    row = connection.execute(
        select(callers.c.fingerprint, callers.c.language, *(messages.c[name] for name in of_message))
        .join_from(messages, callers, callers.c.id == messages.c.caller_id)
        .where(*is_text, messages.c.state.in_(_WENT), messages.c.claimed_at.is_not(None))
    ).first()
    if row is None:
        return None
    try:
        place = place_of(row.kind, row.wave, row.occurrence)
    except NoWords:
        return None
    form = form_of(row.kind, row.wave, row.occurrence)
    return Accepted(row.fingerprint, row.language, place, row.claimed_at, form)


def still_known(connection: Connection, fingerprints: Collection[str]) -> frozenset[str]:
    """Those of them who have not erased themselves: of nobody else is a last message kept."""
    found = select(callers.c.fingerprint).where(callers.c.fingerprint.in_(fingerprints))
    return frozenset(connection.scalars(found)) if fingerprints else frozenset()
