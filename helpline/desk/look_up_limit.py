"""Each look at a person is in the audit trail, and nobody looks at more than some in an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from helpline.consent.once import one_at_a_time
from helpline.operators import audit
from helpline.operators.keys import hash_of
from helpline.operators.operator import Operator
from helpline.records.desk_tables import audit as entries

MOST = 60
WITHIN = timedelta(hours=1)


def note_look(engine: Engine, operator: Operator, fingerprint: str, now: datetime) -> timedelta | None:
    """Write down that an operator looks at somebody. How long to wait instead, where it was too often."""
    with engine.begin() as connection:
        one_at_a_time(connection, hash_of(operator.name))  # else two at once would both be the last one
        theirs = (entries.c.who == operator.name, entries.c.what == "person_looked_up")
        lately = select(entries.c.at).where(entries.c.at > now - WITHIN, *theirs).order_by(entries.c.at.desc())
        moments: Sequence[datetime] = connection.scalars(lately.limit(MOST)).all()
        if len(moments) == MOST:
            return moments[-1] + WITHIN - now
        audit.note(connection, now, operator.name, "person_looked_up", about=fingerprint)
    return None
