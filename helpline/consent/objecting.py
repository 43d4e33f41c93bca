"""Objections: a number that is not to be written to any more, since when, and who said so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from helpline.consent.caller_rows import Caller
from helpline.consent.once import insert_new
from helpline.consent.withdrawal import CLOCKS_DIFFER, REASONS, Withdrawal
from helpline.records.tables import invitations, messages, objections

# What went to a number for once, without anybody having agreed to reminders.
FOR_ONCE = frozenset({"page", "call_back", "invite"})
_BY_CARRIER = frozenset({"blocked", "ended"})

_Objection = tuple[datetime, str]  # since when, and the reason


def note_objection(connection: Connection, withdrawal: Withdrawal) -> None:
    """Write it down, or bring what is written down up to date. In whichever order withdrawals come, the same stays."""
    new = (withdrawal.at.replace(microsecond=0), withdrawal.reason)
    row = {"fingerprint": withdrawal.fingerprint, "since": new[0], "reason": new[1]}
    if insert_new(connection, objections, **row):
        return
    mine = objections.c.fingerprint == withdrawal.fingerprint
    found = connection.execute(select(objections.c.since, objections.c.reason).where(mine)).one()
    since, reason = merged((found.since, found.reason), new)
    if (since, reason) != (found.since, found.reason):
        connection.execute(update(objections).where(mine).values(since=since, reason=reason))


def merged(one: _Objection, other: _Objection) -> _Objection:
    """Two objections of a number as one: the newer one. "Not me" stays, and the carrier's word hides no owner's."""
    said = [found for found in (one, other) if found[1] not in _BY_CARRIER] or [one, other]
    since, reason = max(said, key=lambda found: (found[0], REASONS.index(found[1])))
    return since, "not_me" if any(found[1] == "not_me" for found in said) else reason


def is_answered(connection: Connection, caller: Caller | None, withdrawal: Withdrawal, everything: bool) -> bool:
    """Whether "not me" answers anything where no reminders ended: a page, a call back, an invitation."""
    invited = [invitations.c.fingerprint == withdrawal.fingerprint]
    went = [messages.c.caller_id == caller.id, messages.c.kind.in_(sorted(FOR_ONCE))] if caller else []
    if not everything:
        invited.append(invitations.c.invited_at <= withdrawal.at + CLOCKS_DIFFER)
        went.append(messages.c.due_at <= withdrawal.at + CLOCKS_DIFFER)
    if connection.execute(select(invitations.c.fingerprint).where(*invited).limit(1)).first():
        return True
    return bool(caller) and connection.execute(select(messages.c.id).where(*went).limit(1)).first() is not None


def repeats(connection: Connection, withdrawal: Withdrawal) -> bool:
    """Whether this number objected before."""
    older: list[ColumnElement[bool]] = [objections.c.fingerprint == withdrawal.fingerprint]
    older.append(objections.c.since <= withdrawal.at)
    return connection.execute(select(objections.c.fingerprint).where(*older)).first() is not None
