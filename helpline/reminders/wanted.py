"""Whether a due message is still to be sent: what changed since it was planned calls it off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from helpline.consent.consent import KIND
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, wave_of

# Answers to what a caller just did, in the queue of replies: at any hour. All else only in the hours of the calendar.
AT_ANY_HOUR = frozenset({"welcome", "stopped"})
# A text that has less time left at the carrier would hardly leave it.
SHORTEST = timedelta(seconds=10)


def sorted_out(
    rows: Iterable[Row[Any]], calendar: Calendar, now: datetime
) -> tuple[list[Row[Any]], dict[str, list[int]]]:
    """The messages that are to be sent, and the ids of the others by the word for why not."""
    wanted: list[Row[Any]] = []
    others: dict[str, list[int]] = {}
    for row in rows:
        if reason := verdict(row, calendar, now):
            others.setdefault(reason, []).append(row.id)
        else:
            wanted.append(row)
    return wanted, others


def verdict(row: Row[Any], calendar: Calendar, now: datetime) -> str:
    """Why a message is not to be sent any more, in a word; nothing if it is."""
    if row.not_after - now < SHORTEST:
        return "expired"
    if row.number is None:
        return "no_number"
    if row.blocked is not None:
        return "blocked"
    if row.kind == "stopped":
        return ""
    if row.objected is not None:
        return "objection"
    if row.since is None:
        return "not_subscribed"
    return _not_this_wave(row, wave_of(calendar, row.occurrence, row.wave)) if row.kind == KIND else ""


def _not_this_wave(row: Row[Any], wave: Wave | None) -> str:
    if wave is None:  # the calendar was edited since it was planned
        return "no_wave"
    if row.done == row.occurrence:
        return "done"
    if row.since >= wave.begins:
        return "newer"
    return "scope" if row.scope != "all" and not wave.for_last else ""
