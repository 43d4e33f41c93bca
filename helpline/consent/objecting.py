"""Objections: a number that is not to be written to any more, since when, and who said so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, update

from helpline.consent.caller_rows import Caller
from helpline.consent.limits import A_DAY
from helpline.consent.once import insert_new
from helpline.consent.withdrawal import CLOCKS_DIFFER, REASONS, Withdrawal
from helpline.records.tables import callers, invitations, messages, objections

# What went to a number for once, without anybody having agreed to reminders.
FOR_ONCE = frozenset({"page", "call_back", "invite"})
_ASKED_FOR = frozenset({"page", "call_back"})
_BY_CARRIER = frozenset({"blocked", "ended"})
_BY_OWNER = frozenset({"stop", "erase", "operator"})  # other withdrawals are the carrier's, or nobody's

_Objection = tuple[datetime, str]  # since when, and the reason


def objects(connection: Connection, fingerprint: str, by_text: bool) -> bool:
    """Whether this number's owner said something against what is asked for under it now.

    A STOP ends what we send by ourselves; who asks for one thing afterwards gets that one. But anybody can call under
    another's number, so two answers speak against it: PAS MOI, and for what is asked for in a call, or by ringing, any
    withdrawal of the owner's within a day after such a page or call, since that is what it answers.
    """
    said = _said(connection, fingerprint)
    if said is None or said[1] == "not_me":
        return said is not None
    since, reason = said
    if by_text or reason not in _BY_OWNER:
        return False
    answered = exists().where(
        callers.c.fingerprint == fingerprint,
        messages.c.caller_id == callers.c.id,
        messages.c.kind.in_(sorted(_ASKED_FOR)),
        messages.c.due_at > since - A_DAY,
        messages.c.due_at <= since,
        messages.c.tries > 0,
    )
    return bool(connection.scalar(select(answered)))


def objects_to_reminders(connection: Connection, fingerprint: str, now: datetime) -> bool:
    """The same for reminders that are asked for in a call: a withdrawal of the last day speaks against them as well.

    Who wants them after all says so by text: that comes from the owner.
    """
    if objects(connection, fingerprint, by_text=False):
        return True
    said = _said(connection, fingerprint)
    return said is not None and said[1] in _BY_OWNER and now - said[0] < A_DAY


def _said(connection: Connection, fingerprint: str) -> _Objection | None:
    mine = objections.c.fingerprint == fingerprint
    found = connection.execute(select(objections.c.since, objections.c.reason).where(mine)).first()
    return (found.since, found.reason) if found else None


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
