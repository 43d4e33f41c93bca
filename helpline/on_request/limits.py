"""How much may be asked for, and who may not ask. Every count is taken under a lock that the second of two waits for.

Limits of a number hold for any 24 hours, not for a day: what they hold off is somebody who floods a number that is not
theirs, and around midnight such a one would have both days' worth. The budget is money, and goes by days. Neither is
counted by messages: somebody who erases everything takes those along, and could begin anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from helpline.consent.once import insert_new
from helpline.records.tables import callers, controls, effects, messages, objections

Kind = Literal["page", "call_back"]
MOST: Mapping[Kind, int] = {"page": 5, "call_back": 3}  # of one number within a day

A_DAY = timedelta(days=1)
BETWEEN_CALLS = timedelta(minutes=10)
_BUDGET = "call_backs "  # and the day
_DAYS_KEPT = timedelta(days=7)
_BY_OWNER = frozenset({"stop", "erase", "operator"})  # other withdrawals are the carrier's, or nobody's


def objects(connection: Connection, fingerprint: str, by_text: bool) -> bool:
    """Whether this number's owner said something against what is asked for under it now.

    A STOP ends what we send by ourselves; who asks for one thing afterwards gets that one. But anybody can call under
    another's number, so two answers speak against it: PAS MOI, and for what is asked for in a call, or by ringing, any
    withdrawal of the owner's within a day after such a page or call, since that is what it answers.
    """
    said = connection.execute(
        select(objections.c.since, objections.c.reason).where(objections.c.fingerprint == fingerprint)
    ).first()
    if said is None or said.reason == "not_me":
        return said is not None
    if by_text or said.reason not in _BY_OWNER:
        return False
    answered = exists().where(
        callers.c.fingerprint == fingerprint,
        messages.c.caller_id == callers.c.id,
        messages.c.kind.in_(sorted(MOST)),
        messages.c.due_at > said.since - A_DAY,
        messages.c.due_at <= said.since,
        messages.c.tries > 0,
    )
    return bool(connection.scalar(select(answered)))


def too_often(
    connection: Connection, fingerprint: str, kind: Kind, now: datetime
) -> Literal["", "too_soon", "too_many"]:
    """Whether a number has had its share. Whoever asks has locked the fingerprint."""
    # On either side of `now`: clocks differ between machines, and a demo's date may have gone back.
    lately = [abs(now - at) for at in _asked(connection, fingerprint, kind).values()]
    if kind == "call_back" and any(ago < BETWEEN_CALLS for ago in lately):
        return "too_soon"
    return "too_many" if sum(ago < A_DAY for ago in lately) >= MOST[kind] else ""


def note(connection: Connection, fingerprint: str, kind: Kind, now: datetime) -> None:
    """One more was asked for now. Not to be called where it is too often."""
    asked = _asked(connection, fingerprint, kind)
    keys = _keys(fingerprint, kind)
    free = next((key for key in keys if key not in asked), "") or max(keys, key=lambda key: abs(now - asked[key]))
    if not insert_new(connection, effects, key=free, outcome="", at=now):
        connection.execute(update(effects).where(effects.c.key == free).values(at=now))


def give_back(connection: Connection, fingerprint: str, kind: Kind, asked_at: datetime) -> None:
    """What was asked for then never went, and never will."""
    connection.execute(delete(effects).where(_of(fingerprint, kind), effects.c.at == asked_at))


def spend_call(connection: Connection, day: date, budget: int, now: datetime) -> Literal["", "spent", "last"]:
    """Take one of the day's calls for everybody: `spent` if none was left, `last` if now none is.

    The day's row is locked until the transaction ends.
    """
    mine = controls.c.name == _row(day)
    if insert_new(connection, controls, name=_row(day), value="0", changed_at=now):
        old = (controls.c.name.startswith(_BUDGET), controls.c.name < _row(day - _DAYS_KEPT))
        connection.execute(delete(controls).where(*old))
    made = int(connection.execute(select(controls.c.value).where(mine).with_for_update()).scalar_one())
    if made >= budget:
        return "spent"
    connection.execute(update(controls).where(mine).values(value=str(made + 1), changed_at=now))
    return "last" if made + 1 == budget else ""


def _asked(connection: Connection, fingerprint: str, kind: Kind) -> dict[str, datetime]:
    """When this number asked last: as many rows as it may ask within a day, used in turn; they go as effects do."""
    rows = connection.execute(select(effects.c.key, effects.c.at).where(_of(fingerprint, kind)))
    return {row.key: row.at for row in rows}


def _of(fingerprint: str, kind: Kind) -> ColumnElement[bool]:
    return effects.c.key.in_(_keys(fingerprint, kind))


def _keys(fingerprint: str, kind: Kind) -> list[str]:
    return [f"{fingerprint}.{kind}.{number}" for number in range(MOST[kind])]


def _row(day: date) -> str:
    return f"{_BUDGET}{day.isoformat()}"
