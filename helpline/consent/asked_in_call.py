"""What may be agreed to in a call. The number of who calls can be forged, so a call proves less than a text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from helpline.consent.caller_rows import caller_of, last_agreement
from helpline.consent.extra_messages import has_room
from helpline.consent.limits import too_often
from helpline.consent.objecting import objects_to_reminders


def is_refused(connection: Connection, fingerprint: str, now: datetime) -> bool:
    """Whether a call under this number can agree to nothing now. Whoever asks has locked the fingerprint.

    The caller hears one answer, whichever it is: the owner objects, the number has had its share, or the text that
    would tell the owner of it could not go any more today.
    """
    if objects_to_reminders(connection, fingerprint, now) or too_often(connection, fingerprint, "reminders", now):
        return True
    caller = caller_of(connection, fingerprint)
    return caller is not None and not has_room(connection, caller.id, "welcome", now)


def has_texts(connection: Connection, fingerprint: str) -> bool:
    """Whether somebody is reminded by texts: no call changes that into calls."""
    caller = caller_of(connection, fingerprint)
    return caller is not None and caller.channel == "sms" and last_agreement(connection, caller.id) is not None
