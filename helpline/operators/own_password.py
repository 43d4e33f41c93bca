"""An operator changes their own password. The old one and a code prove that it is them, and not their open browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from helpline.operators import audit, sessions, throttle
from helpline.operators.operator import Operator
from helpline.operators.signing_in import Attempt, Door, Refused, use_code
from helpline.records.desk_tables import operators
from helpline.records.engine import reading


@dataclass(frozen=True, slots=True)
class Changed:
    """Only the new password counts. Every session is over but this new one."""

    session: str


def change(door: Door, operator: Operator, attempt: Attempt, new: str, now: datetime) -> Changed | Refused:
    """Have `new`, which may be a password, count instead of the one in `attempt`. Counted as signing in is."""
    counted = throttle.limits(door.keys, operator.name, attempt.address, attempt.browser)
    wait: timedelta | None = throttle.take(door.engine, counted, now)
    if wait:
        return Refused(wait)
    with reading(door.engine).connect() as connection:
        found = connection.execute(select(operators).where(operators.c.id == operator.id)).first()
    is_right = door.passwords.is_right(found.password_hash if found else "", attempt.password)
    kept = door.passwords.hash(new) if is_right else ""
    with door.engine.begin() as connection:
        way = use_code(connection, door.keys, found, attempt.code, now) if found and is_right else None
        if found is None or way is None:
            audit.note(connection, now, operator.name, "sign_in_failed")
            return Refused()
        throttle.give_back(connection, counted, operator.name, door.keys)
        # The code was used under the password that was checked: whoever changed it meanwhile was first.
        connection.execute(update(operators).where(operators.c.id == operator.id).values(password_hash=kept))
        sessions.end_all(connection, operator.id)
        audit.note(connection, now, operator.name, "password_changed")
        return Changed(sessions.begin(connection, operator.id, now))
