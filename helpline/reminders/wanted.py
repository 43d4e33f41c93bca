"""Whether a due message is still to be sent: what changed since it was planned calls it off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from helpline.consent.consent import KIND
from helpline.consent.kinds import ONLY_CALLS, is_dated
from helpline.menus.dated import dated_wave
from helpline.menus.shapes import Calendar
from helpline.menus.waves import Wave, wave_of

# Answers to what a caller just did: at any hour, and before all else. That goes only in the hours of the calendar.
AT_ANY_HOUR = frozenset({"welcome", "stopped", "page", "call_back"})
# What a caller asked for in so many words, after whatever they had said before; a STOP that comes later calls it off.
_ASKED_FOR = frozenset({"stopped", "page", "call_back"})
_FOR_STRANGERS = frozenset({"invite"})  # what asks those who have nothing yet
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
    if row.blocked is not None and row.kind not in ONLY_CALLS:  # of texts
        return "blocked"
    if row.kind in _ASKED_FOR:
        return ""
    if row.objected is not None:
        return "objection"
    if row.kind in _FOR_STRANGERS:
        return "subscribed" if row.since is not None else ""
    if is_dated(row.kind):
        return _not_this_thing(row, dated_wave(calendar, row.kind, row.occurrence, row.wave))
    if not (row.anything if row.kind == "welcome" else row.since):
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


def _not_this_thing(row: Row[Any], wave: Wave | None) -> str:
    if row.since is None:  # ended, or done
        return "not_subscribed"
    return "no_wave" if wave is None else ""
