"""How much may be asked for under one number. Every count is taken under a lock that the second of two waits for.

Limits of a number hold for any 24 hours, not for a day: what they hold off is somebody who floods a number that is not
theirs, and around midnight such a one would have both days' worth. They are not counted by messages: somebody who
erases everything takes those along, and could begin anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, select, update

from helpline.consent.once import insert_new
from helpline.records.tables import effects

# `reminders`: whatever is signed up for or noted in a call. `person`: asking to be called by one of us.
# `dial`: one of us is rung for a caller at once; `dial_withheld`: for all those together whose number is withheld.
Kind = Literal["page", "call_back", "reminders", "person", "dial", "dial_withheld"]
MOST: Mapping[Kind, int] = {  # of one number within a day
    **{"page": 5, "call_back": 3, "reminders": 3, "person": 3},
    **{"dial": 3, "dial_withheld": 20},
}

A_DAY = timedelta(days=1)
BETWEEN_CALLS = timedelta(minutes=10)


def too_often(
    connection: Connection, fingerprint: str, kind: Kind, now: datetime
) -> Literal["", "too_soon", "too_many"]:
    """Whether a number has had its share. Whoever asks has locked the fingerprint."""
    # On either side of `now`: clocks differ between machines, and a demo's date may have gone back.
    lately = [abs(now - at) for at in _asked(connection, fingerprint, kind).values()]
    if kind == "call_back" and any(ago < BETWEEN_CALLS for ago in lately):
        return "too_soon"
    return "too_many" if sum(ago < A_DAY for ago in lately) >= MOST[kind] else ""


def count(connection: Connection, fingerprint: str, kind: Kind, now: datetime) -> None:
    """One more was asked for now. Not to be called where it is too often."""
    asked = _asked(connection, fingerprint, kind)
    keys = _keys(fingerprint, kind)
    free = next((key for key in keys if key not in asked), "") or max(keys, key=lambda key: abs(now - asked[key]))
    if not insert_new(connection, effects, key=free, outcome="", at=now):
        connection.execute(update(effects).where(effects.c.key == free).values(at=now))


def give_back(connection: Connection, fingerprint: str, kind: Kind, since: datetime, until: datetime) -> None:
    """What was asked for between these moments never went, and never will."""
    between = (effects.c.at >= since, effects.c.at <= until)
    connection.execute(delete(effects).where(_of(fingerprint, kind), *between))


def _asked(connection: Connection, fingerprint: str, kind: Kind) -> dict[str, datetime]:
    """When this number asked last: as many rows as it may ask within a day, used in turn; they go as effects do."""
    rows = connection.execute(select(effects.c.key, effects.c.at).where(_of(fingerprint, kind)))
    return {row.key: row.at for row in rows}


def _of(fingerprint: str, kind: Kind) -> ColumnElement[bool]:
    return effects.c.key.in_(_keys(fingerprint, kind))


def _keys(fingerprint: str, kind: Kind) -> list[str]:
    return [f"{fingerprint}.{kind}.{number}" for number in range(MOST[kind])]
