"""Messages that a restored backup still holds as planned, and that the carrier has: found there, they go no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from helpline.carrier.calling import ListedCall
from helpline.carrier.sending import Listed
from helpline.consent.kinds import OWN_KINDS, channel_of, is_dated
from helpline.menus.dated import dated_wave
from helpline.menus.prompts import Prompts
from helpline.menus.waves import wave_of
from helpline.records.messages import move
from helpline.records.tables import callers, messages
from helpline.reminders.already_called import CLOCKS_APART, tries_of
from helpline.reminders.claiming import body_mark
from helpline.reminders.held import HELD
from helpline.reminders.queues import CALLS
from helpline.reminders.recall import Recall
from helpline.reminders.statuses import Report, follow
from helpline.reminders.words import ANSWERS

_OPEN = ("planned", "sending", "unknown")


class AlreadySent:
    """Marks messages by the carrier's list, newest first: of two texts of one message the newer one is it."""

    def __init__(self, prompts: Prompts, recall: Recall, key: bytes) -> None:
        self._prompts, self._recall, self._key = prompts, recall, key
        self._asked: dict[str, list[datetime]] = {}

    def asked_for_a_call(self, caller: str, at: datetime) -> None:
        """By text, so that a call of ours followed which is no reminder's."""
        self._asked.setdefault(caller, []).append(at)

    def mark(self, connection: Connection, sent: Sequence[tuple[str, Listed]], now: datetime) -> int:
        """Mark what these texts, by the fingerprints of their callers, were. How many messages it was."""
        known = self._known(connection, sent)
        waiting = self._waiting(connection, {caller for caller, message in sent if message.sid not in known})
        count = 0
        for caller, message in sent:
            if message.sid in known:
                continue
            row = self._which(waiting.get(caller, []), message)
            if row is not None:
                waiting[caller].remove(row)
                self._accept(connection, row, message, now)
                count += 1
        return count

    def _known(self, connection: Connection, sent: Iterable[tuple[str, Listed | ListedCall]]) -> set[str]:
        """The carrier's ids that some message of ours has already."""
        sids = [message.sid for _, message in sent]
        return {sid for sid in connection.scalars(select(messages.c.sid).where(messages.c.sid.in_(sids))) if sid}

    def _waiting(self, connection: Connection, fingerprints: set[str]) -> dict[str, list[Row[Any]]]:
        """The messages of these callers that would still go."""
        columns = ("id", "kind", "wave", "occurrence", "tries", "due_at", "not_after", "body_mark")
        of_now = ("queue", "state", "claimed_at")
        rows = connection.execute(
            select(callers.c.fingerprint, callers.c.channel, *(messages.c[name] for name in (*columns, *of_now)))
            .join_from(messages, callers, callers.c.id == messages.c.caller_id)
            .where(callers.c.fingerprint.in_(fingerprints), messages.c.state.in_(_OPEN))
            .order_by(messages.c.due_at.desc())
        )
        found: dict[str, list[Row[Any]]] = {}
        for row in rows:
            found.setdefault(row.fingerprint, []).append(row)
        return found

    def _which(self, rows: Sequence[Row[Any]], message: Listed) -> Row[Any] | None:
        """The message that a text was: by its words, or, where those were edited since, by its time."""
        body, at = message.body, message.created
        possible = [row for row in rows if row.due_at <= at + CLOCKS_APART and not _goes_by_call(row)]
        mark = body_mark(body, self._key)
        for row in possible:
            if row.body_mark == mark or self._recall.is_reminder(row.kind, row.wave, row.occurrence, body, at):
                return row
        if not self._recall.is_ours(body) or self._is_of_another_kind(body, at):
            return None
        about_a_thing = self._recall.is_about_a_thing(body, at)
        of_kind = [row for row in possible if row.kind not in OWN_KINDS and is_dated(row.kind) == about_a_thing]
        return next((row for row in of_kind if self._is_in_time(row, at)), None)

    def _is_of_another_kind(self, body: str, at: datetime) -> bool:
        return any(self._recall.is_reminder(kind, wave, "", body, at) for kind, wave in ANSWERS)

    def _is_in_time(self, row: Row[Any], at: datetime) -> bool:
        begins = self._begins(row)
        return begins is not None and begins - CLOCKS_APART <= at < row.not_after

    def _begins(self, row: Row[Any]) -> datetime | None:
        """When a reminder's turn began: that of what has a date of its own may have been late from the start."""
        calendar = self._prompts.menus.calendar
        if is_dated(row.kind):
            due: datetime = row.due_at
            return due if dated_wave(calendar, row.kind, row.occurrence, row.wave) else None
        wave = wave_of(calendar, row.occurrence, row.wave)
        return wave.begins if wave else None

    def mark_calls(
        self, connection: Connection, calls: Sequence[tuple[str, Sequence[ListedCall]]], now: datetime
    ) -> int:
        """The same for all calls of each of these callers, of which the list knows no words (`already_called.py`)."""
        known = self._known(connection, [(caller, call) for caller, theirs in calls for call in theirs])
        waiting = self._waiting(connection, {caller for caller, _ in calls})
        count = 0
        for caller, theirs in calls:
            left = sorted((call for call in theirs if call.sid not in known), key=lambda call: call.created)
            for row in reversed(waiting.get(caller, [])):  # what was due first was called about first
                if not _goes_by_call(row):
                    continue
                tries = tries_of(row, left, self._asked.get(caller, ()), self._prompts.menus.calendar)
                if tries:
                    left = [call for call in left if call not in tries]
                    self._accept(connection, row, tries[-1], now, len(tries))
                    count += 1
        return count

    def _accept(
        self, connection: Connection, row: Row[Any], message: Listed | ListedCall, now: datetime, more: int = 1
    ) -> None:
        """It is the carrier's: sent when the carrier says so, and what became of it since. `more`: its new tries."""
        tries, mine = row.tries + more, messages.c.id == row.id
        this_try = {"claimed_at": message.created, "tries": tries, "sid": None}
        this_try["channel"] = "voice" if isinstance(message, ListedCall) else "sms"
        if not move(connection, "sending", now, mine, **this_try):
            tries = row.tries  # it was being sent when the backup was made
        calendar = self._prompts.menus.calendar
        follow(connection, calendar, Report(row.id, tries, message.sid, "accepted"), now)
        follow(connection, calendar, Report(row.id, tries, message.sid, message.status, message.code), now)


def _goes_by_call(row: Row[Any]) -> bool:
    """One that is held back had its queue by how its caller is reached."""
    if row.queue == HELD:
        return channel_of(row.kind, row.channel) == "voice"
    return bool(row.queue == CALLS)
