"""Sessions of the desk, in SQL: ended in the same transaction as what ends them, and there when Redis is not.

The database keeps a hash of the token that the browser has.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from helpline.operators.keys import hash_of, new_token
from helpline.operators.operator import Operator
from helpline.records.desk_tables import operator_sessions, operators
from helpline.records.engine import reading

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)  # not at each page: looking at pages must not keep anybody from writing

_sessions = operator_sessions.c


def begin(connection: Connection, operator: int, now: datetime) -> str:
    """A new session; the token that the browser is given."""
    token = new_token()
    row = {"token_hash": hash_of(token), "operator_id": operator, "began_at": now, "seen_at": now}
    connection.execute(insert(operator_sessions).values(row))
    return token


def find(engine: Engine, token: str, now: datetime) -> Operator | None:
    """Whose session it is; None where it is over. Being asked for keeps it alive."""
    if not token:
        return None
    wanted = select(operators.c.id, operators.c.name, operators.c.role, _sessions.began_at, _sessions.seen_at)
    mine = _sessions.token_hash == hash_of(token)
    with reading(engine).connect() as connection:
        row = connection.execute(wanted.join_from(operators, operator_sessions).where(mine)).first()
    if row is None or _is_over(row.began_at, row.seen_at, now):
        return None
    if now - row.seen_at >= _NOTED_EVERY:
        _note_seen(engine, token, now)
    return Operator(row.id, row.name, row.role)


def end(connection: Connection, token: str) -> None:
    """End one session."""
    connection.execute(delete(operator_sessions).where(_sessions.token_hash == hash_of(token)))


def end_all(connection: Connection, operator: int) -> None:
    """End every session of somebody."""
    connection.execute(delete(operator_sessions).where(_sessions.operator_id == operator))


def forget_old(connection: Connection, now: datetime) -> None:
    """Take away the sessions that are over."""
    over = or_(_sessions.seen_at <= now - IDLE, _sessions.began_at <= now - LONGEST)
    connection.execute(delete(operator_sessions).where(over))


def _is_over(began: datetime, seen: datetime, now: datetime) -> bool:
    return now - seen >= IDLE or now - began >= LONGEST


def _note_seen(engine: Engine, token: str, now: datetime) -> None:
    try:
        with engine.begin() as connection:
            mine = _sessions.token_hash == hash_of(token)
            connection.execute(update(operator_sessions).where(mine).values(seen_at=now))
    except SQLAlchemyError:
        pass  # noted at the next page
