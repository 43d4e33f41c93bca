"""One message by its id: what its row says, without the number and without the words. And a test message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, request
from sqlalchemy import ColumnElement, Connection, Row, select

from helpline.authentication import READER, let_in
from helpline.consent.consent import KIND
from helpline.desk.desk import Desk
from helpline.desk.language import Words, words_now
from helpline.desk.person_shown import kind_in_words, reason_in_words, wave_in_words
from helpline.desk.shown import shown
from helpline.desk.trial import add_trial
from helpline.desk.waves_shown import month_in_words
from helpline.operators import audit
from helpline.records.messages import FINAL
from helpline.records.tables import messages
from helpline.reminders.held import HELD
from helpline.reminders.report_ids import state_of

_SID = re.compile(r"(?:SM|MM|CA)[0-9a-f]{32}")
_OURS = re.compile(r"([0-9]{1,18})(?:\.[0-9]{1,4}\.([0-9a-f]{12}))?")
_LONGEST = 60
_COLUMNS = (
    *("id", "kind", "occurrence", "wave", "queue", "state", "reason", "channel", "sid", "tries"),
    *("due_at", "not_after", "claimed_at", "changed_at"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message in words. `moments`: names of words with when it was, or is to be, in their order."""

    id: int
    what: str
    state: str
    why: str
    by_call: bool
    tries: int
    sid: str
    moments: tuple[tuple[str, datetime], ...]
    is_held: bool
    is_final: bool


def add_one_message(routes: Blueprint, desk: Desk) -> None:
    """The form, which shows what it found, and the test message."""

    @routes.get("/reminders/message")
    def one_message() -> Response:
        return _form()

    @routes.post("/reminders/message")
    def look_at_message() -> Response:
        with desk.engine.begin() as connection:
            row = _found(connection, request.form.get("id", ""), desk.wired.sender.fingerprint_key)
            if row is None:  # what was typed may be a number of somebody's: it is written nowhere
                return _form(404, is_unknown=True)
            audit.note(connection, desk.real(), g.operator.name, "message_looked_up", about=str(row.id))
        return _form(found=_in_words(row, words_now()))

    let_in(one_message, READER)
    let_in(look_at_message, READER)
    add_trial(routes, desk)


def _form(status: int = 200, found: Shown | None = None, is_unknown: bool = False) -> Response:
    return shown("one_message.html", status, page="waves", found=found, is_unknown=is_unknown, longest=_LONGEST)


def _found(connection: Connection, typed: str, key: bytes) -> Row[Any] | None:
    """The message of an id: the carrier's, ours, or ours of one try, which must be of this very message."""
    typed = typed.strip()[:_LONGEST]
    if _SID.fullmatch(typed):
        return _row(connection, messages.c.sid == typed)
    ours = _OURS.fullmatch(typed)
    if ours is None or (ours[2] and state_of(connection, int(ours[1]), ours[2], key) is None):
        return None
    return _row(connection, messages.c.id == int(ours[1]))


def _row(connection: Connection, which: ColumnElement[bool]) -> Row[Any] | None:
    return connection.execute(select(*(messages.c[name] for name in _COLUMNS)).where(which)).first()


def _in_words(row: Row[Any], t: Words) -> Shown:
    is_final = row.state in FINAL
    moments = [("due", row.due_at), ("tried", row.claimed_at), ("changed", row.changed_at)]
    if not is_final:
        moments.append(("not_after", row.not_after))
    return Shown(
        id=row.id,
        what=_what(row, t),
        state=t(f"person.state_{row.state}"),
        why=reason_in_words(row.reason, t) if row.reason else "",
        by_call=row.channel == "voice",
        tries=row.tries,
        sid=row.sid or "",
        moments=tuple((name, moment) for name, moment in moments if moment is not None),
        is_held=row.queue == HELD and row.state == "planned",
        is_final=is_final,
    )


def _what(row: Row[Any], t: Words) -> str:
    """Its kind and wave. Of a thing with a date of its own not the date: that is the person's."""
    kind = kind_in_words(row.kind, t)
    if row.kind == KIND:
        return t("one_message.of_month", kind=kind, month=month_in_words(row.occurrence, t), wave=_wave(row, t))
    return t("one_message.of_wave", kind=kind, wave=_wave(row, t)) if row.wave else kind


def _wave(row: Row[Any], t: Words) -> str:
    return wave_in_words(row.wave, t)
