"""Which message of the carrier's one of ours became, of which nobody knows whether it went.

A text is known by the mark of its words. Of a call the list knows no words: it is the one that was made then, to that
number, and that is no other message's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection, select

from helpline.carrier.calling import ListedCall
from helpline.carrier.sending import Listed
from helpline.menus import gsm7
from helpline.menus.shapes import Channel
from helpline.records.tables import messages
from helpline.reminders.claiming import body_mark
from helpline.reminders.sender import Sender
from helpline.reminders.words import NoWords, words

_PAGE = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message of which nobody knows whether the carrier has it."""

    id: int
    caller: int
    tries: int
    state: str
    kind: str
    wave: str
    occurrence: str
    language: str
    sealed: str | None = field(repr=False)
    not_after: datetime
    claimed_at: datetime
    changed_at: datetime
    mark: str
    channel: Channel = "sms"
    fault: str = ""  # why it cannot be looked up, nor sent


# What the carrier's list has that a doubt may be about.
Found = Listed | ListedCall


def known_elsewhere(connection: Connection, sids: Sequence[str]) -> set[str]:
    """Those of the sids that some message of ours has already."""
    found: set[str] = set()
    for start in range(0, len(sids), _PAGE):
        found.update(connection.scalars(select(messages.c.sid).where(messages.c.sid.in_(sids[start : start + _PAGE]))))
    return found


def marks_of_others(connection: Connection, doubts: Sequence[Doubt]) -> dict[int, dict[int, str]]:
    """The marks of all texts to these callers, by caller and message: a text of another message is not this one's."""
    ids = {doubt.caller for doubt in doubts}
    rows = connection.execute(
        select(messages.c.caller_id, messages.c.id, messages.c.body_mark).where(
            messages.c.caller_id.in_(ids), messages.c.body_mark != ""
        )
    )
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        found.setdefault(row.caller_id, {})[row.id] = row.body_mark
    return found


def this_one(sender: Sender, doubt: Doubt, free: Sequence[Found], others: dict[int, str]) -> Found | None:
    """What this message became at the carrier, of all that is no other's."""
    if doubt.channel == "sms":
        return _this_text(sender, doubt, [message for message in free if isinstance(message, Listed)], others)
    if len(free) > 1:
        log.error("more calls than one may be this one", message=doubt.id, times=len(free))
    return free[-1] if free else None  # the newest comes first


def _this_text(sender: Sender, doubt: Doubt, free: Sequence[Listed], others: dict[int, str]) -> Listed | None:
    """The message of the carrier's that this one became: by the mark of its words, else the only one it can be.

    The carrier may have changed the words (a trial account puts its own in front), so that the mark alone is no proof.
    """
    marked = [(message, body_mark(message.body, sender.fingerprint_key)) for message in free]
    same = [message for message, mark in marked if mark == doubt.mark]
    if same:
        if len(same) > 1:
            log.error("a message went out twice", message=doubt.id, times=len(same))
        return same[-1]  # the newest comes first
    foreign = {mark for id_, mark in others.items() if id_ != doubt.id}
    rest = [message for message, mark in marked if mark not in foreign and _is_worded_by_us(sender, doubt, message)]
    return rest[0] if len(rest) == 1 else None


def _is_worded_by_us(sender: Sender, doubt: Doubt, message: Listed) -> bool:
    """Whether a text can be this one at all: the account may be used for other things, too."""
    if sender.service and message.body.startswith(gsm7.to_gsm7(sender.service)):
        return True
    try:
        said = words(sender.prompts(), doubt.kind, doubt.wave, doubt.language, doubt.claimed_at, doubt.occurrence)
        return said[0] in message.body
    except NoWords:
        return False
