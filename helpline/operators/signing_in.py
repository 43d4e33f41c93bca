"""Signing in: name, password and code, all at once, so that nobody learns which of them was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from helpline.operators import audit, codes, sessions, throttle
from helpline.operators.keys import Keys
from helpline.operators.names import name_key
from helpline.operators.operator import Operator
from helpline.operators.passwords import Passwords
from helpline.records.desk_tables import operators, recovery_codes
from helpline.records.engine import reading

UNKNOWN = "?"  # who it was is not known: what was typed as a name may be a password

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in works with."""

    engine: Engine
    keys: Keys
    passwords: Passwords


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and from where. `browser`: what an earlier sign-in left there."""

    name: str
    password: str
    code: str
    address: str
    browser: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """It was right. `browser` is kept there for the next time; `codes_left` where a recovery code was used."""

    operator: Operator
    session: str
    browser: str
    codes_left: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not right, or with `wait` it was not even looked at."""

    wait: timedelta | None = None


def sign_in(door: Door, attempt: Attempt, now: datetime) -> SignedIn | Refused:
    """Whether this is an operator. It takes the same steps for a name that exists as for one that does not."""
    counted = throttle.limits(door.keys, attempt.name, attempt.address, attempt.browser)
    wait = throttle.take(door.engine, counted, now)
    if wait:
        return Refused(wait)
    _forget_old(door.engine, now)
    with reading(door.engine).connect() as connection:
        found = connection.execute(select(operators).where(operators.c.name_key == name_key(attempt.name))).first()
    is_right = door.passwords.is_right(found.password_hash if found else "", attempt.password)
    with door.engine.begin() as connection:
        way = use_code(connection, door.keys, found, attempt.code, now) if found and is_right else None
        if found is None or way is None:
            audit.note(connection, now, found.name if found else UNKNOWN, "sign_in_failed")
            return Refused()
        throttle.give_back(connection, counted, attempt.name, door.keys)
        return _signed_in(connection, door.keys, Operator(found.id, found.name, found.role), way, attempt, now)


def _signed_in(
    connection: Connection, keys: Keys, operator: Operator, way: audit.What, attempt: Attempt, now: datetime
) -> SignedIn:
    connection.execute(update(operators).where(operators.c.id == operator.id).values(signed_in_at=now))
    audit.note(connection, now, operator.name, way)
    left = None
    if way == "signed_in_with_recovery":
        mine = recovery_codes.c.operator_id == operator.id
        left = len(connection.execute(select(recovery_codes.c.code_hash).where(mine)).all())
    browser = throttle.browser_known(keys, operator.name, attempt.browser)
    return SignedIn(operator, sessions.begin(connection, operator.id, now), browser, left)


def use_code(connection: Connection, keys: Keys, found: Row[Any], code: str, now: datetime) -> audit.What | None:
    """How the code proves it, used up; None where it does not. The password must still be the one that was checked."""
    mine = (operators.c.id == found.id, operators.c.password_hash == found.password_hash)
    step = codes.step_of(keys.open(found.totp_sealed), code, now)
    if step is not None:
        used = update(operators).where(*mine, operators.c.totp_step < step).values(totp_step=step)
        return "signed_in" if connection.execute(used).rowcount == 1 else None
    if connection.execute(select(operators.c.id).where(*mine).with_for_update()).first() is None:
        return None
    mark = codes.recovery_mark(keys, found.id, code)
    gone = delete(recovery_codes).where(recovery_codes.c.operator_id == found.id, recovery_codes.c.code_hash == mark)
    return "signed_in_with_recovery" if connection.execute(gone).rowcount == 1 else None


def _forget_old(engine: Engine, now: datetime) -> None:
    """Take away what is over, each by itself: who signs in does not fail for it."""
    for forget in (sessions.forget_old, throttle.forget_old, audit.forget_old):
        try:
            with engine.begin() as connection:
                forget(connection, now)
        except SQLAlchemyError as error:
            log.warning("what is over stays", of=forget.__module__, error=type(error).__name__)
