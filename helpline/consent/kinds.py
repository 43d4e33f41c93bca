"""The kinds of messages, and through which queue each goes."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ColumnElement, case, literal

from helpline.consent.consent import KIND
from helpline.menus.shapes import Channel
from helpline.records.tables import messages

Queue = Literal["replies", "bulk", "calls"]

# What the program says beside reminders. Every kind that is neither these nor the update is dated, and data.
OWN_KINDS = frozenset({"welcome", "stopped", "keep", "page", "call_back", "invite"})
NOT_DATED = OWN_KINDS | {KIND}
ONLY_TEXTS = frozenset({"welcome", "stopped", "page", "invite"})
ONLY_CALLS = frozenset({"call_back"})
_WAITS_FOR_NOBODY = frozenset({KIND, "keep", "invite"})
IS_DATED: ColumnElement[bool] = messages.c.kind.not_in(sorted(NOT_DATED))


def is_dated(kind: str) -> bool:
    """Whether that is about something with a date of its own: an appointment, a paper that ends."""
    return kind not in NOT_DATED


def channel_of(kind: str, reached_by: str) -> Channel:
    """How a message goes to somebody whom we reach by texts, or by calls."""
    if kind in ONLY_CALLS:
        return "voice"
    return "voice" if reached_by == "voice" and kind not in ONLY_TEXTS else "sms"


def queue_of(kind: str, reached_by: str) -> Queue:
    """The queue of such a message."""
    if channel_of(kind, reached_by) == "voice":
        return "calls"
    return "bulk" if kind in _WAITS_FOR_NOBODY else "replies"


def queue_in_sql(reached_by: str) -> ColumnElement[str]:
    """The same for rows of messages."""
    kinds = sorted(NOT_DATED)
    any_dated = literal(queue_of("dated", reached_by))
    return case(*((messages.c.kind == kind, literal(queue_of(kind, reached_by))) for kind in kinds), else_=any_dated)
