"""The one-time link with which an operator begins: they choose a password and set up their app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from helpline.operators import codes, sessions
from helpline.operators.audit import note
from helpline.operators.keys import Keys, hash_of, new_token
from helpline.operators.operator import Operator
from helpline.records.desk_tables import operator_links, operators, recovery_codes

VALID = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Link:
    """What is handed to an operator, once."""

    operator: Operator
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link leads to, while it is valid."""

    operator: Operator
    totp_secret: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody has begun: they are signed in, and see their recovery codes this once."""

    operator: Operator
    session: str
    recovery_codes: tuple[str, ...]


def new_link(connection: Connection, keys: Keys, operator: Operator, now: datetime) -> Link:
    """A link for somebody; those before it are worth nothing."""
    token, expires = new_token(), now + VALID
    connection.execute(delete(operator_links).where(operator_links.c.operator_id == operator.id))
    sealed = keys.seal(codes.new_totp_secret())
    row = {"operator_id": operator.id, "token_hash": hash_of(token), "totp_sealed": sealed, "expires_at": expires}
    connection.execute(insert(operator_links).values(row))
    return Link(operator, token, expires)


def invitation(connection: Connection, keys: Keys, token: str, now: datetime) -> Invitation | None:
    """What the link leads to; None where it was used, is too old, or never was. Looking does not use it up."""
    wanted = (
        select(operators.c.id, operators.c.name, operators.c.role, operator_links.c.totp_sealed)
        .join_from(operator_links, operators)
        .where(operator_links.c.token_hash == hash_of(token), operator_links.c.expires_at > now)
    )
    row = connection.execute(wanted).first()
    return row and Invitation(Operator(row.id, row.name, row.role), keys.open(row.totp_sealed))


def accept(
    connection: Connection, keys: Keys, token: str, password_hash: str, code: str, now: datetime
) -> Begun | None:
    """Use the link up: from now on password and app are theirs. None where the code or the link is not right."""
    found = invitation(connection, keys, token, now)
    step = codes.step_of(found.totp_secret, code, now) if found else None
    mine = operator_links.c.token_hash == hash_of(token)
    if found is None or step is None or connection.execute(delete(operator_links).where(mine)).rowcount != 1:
        return None  # of two at once one was first
    operator = found.operator
    chosen = {"password_hash": password_hash, "totp_sealed": keys.seal(found.totp_secret), "totp_step": step}
    connection.execute(update(operators).where(operators.c.id == operator.id).values(**chosen, signed_in_at=now))
    sessions.end_all(connection, operator.id)
    note(connection, now, operator.name, "link_used")
    return Begun(operator, sessions.begin(connection, operator.id, now), _new_codes(connection, keys, operator.id))


def _new_codes(connection: Connection, keys: Keys, operator: int) -> tuple[str, ...]:
    fresh = codes.new_recovery_codes()
    connection.execute(delete(recovery_codes).where(recovery_codes.c.operator_id == operator))
    rows = [{"operator_id": operator, "code_hash": codes.recovery_mark(keys, operator, code)} for code in fresh]
    connection.execute(insert(recovery_codes), rows)
    return tuple(fresh)
