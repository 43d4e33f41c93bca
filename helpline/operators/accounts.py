"""Operators come, go and change: what `helpline operators` does, one transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from helpline.operators import sessions
from helpline.operators.audit import note
from helpline.operators.keys import Keys
from helpline.operators.links import Link, new_link
from helpline.operators.names import name_key, name_written
from helpline.operators.operator import Operator, Role
from helpline.records.desk_tables import operator_links, operators, recovery_codes


class NameTaken(ValueError):
    """There is an operator of that name already."""


class UnknownOperator(ValueError):
    """There is no operator of that name."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An operator in the list. `link_until`: a link is out, with which they have not begun yet."""

    name: str
    role: Role
    created_at: datetime
    signed_in_at: datetime | None
    has_password: bool
    link_until: datetime | None


def add(connection: Connection, keys: Keys, name: str, role: Role, by: str, now: datetime) -> Link:
    """A new operator, and the link to begin with. ValueError if it is no name, NameTaken if it is somebody's."""
    name = name_written(name)
    row = {"name": name, "name_key": name_key(name), "role": role, "created_at": now}
    if connection.execute(select(operators.c.id).where(operators.c.name_key == name_key(name))).first():
        raise NameTaken(name)
    connection.execute(insert(operators).values(row))
    note(connection, now, by, "operator_added", name, role)
    return new_link(connection, keys, named(connection, name), now)


def listed(connection: Connection) -> list[Listed]:
    """Everybody, by name."""
    columns = (operators.c.name, operators.c.role, operators.c.created_at, operators.c.signed_in_at)
    rows = connection.execute(
        select(*columns, operators.c.password_hash != "", operator_links.c.expires_at)
        .outerjoin_from(operators, operator_links)
        .order_by(operators.c.name_key)
    )
    return [Listed(*row) for row in rows]


def remove(connection: Connection, name: str, by: str, now: datetime) -> Operator:
    """Somebody is an operator no more, from this moment on. UnknownOperator."""
    operator = named(connection, name)
    connection.execute(delete(operators).where(operators.c.id == operator.id))
    note(connection, now, by, "operator_removed", operator.name)
    return operator


def reset(connection: Connection, keys: Keys, name: str, by: str, now: datetime) -> Link:
    """Password, app and recovery codes count no more, sessions end; the link to begin anew. UnknownOperator."""
    operator = named(connection, name)
    forgotten = {"password_hash": "", "totp_sealed": "", "totp_step": 0}
    connection.execute(update(operators).where(operators.c.id == operator.id).values(forgotten))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.operator_id == operator.id))
    sessions.end_all(connection, operator.id)
    note(connection, now, by, "operator_reset", operator.name)
    return new_link(connection, keys, operator, now)


def set_role(connection: Connection, name: str, role: Role, by: str, now: datetime) -> Operator:
    """Somebody may do more, or less, and signs in again. UnknownOperator."""
    operator = named(connection, name)
    connection.execute(update(operators).where(operators.c.id == operator.id).values(role=role))
    sessions.end_all(connection, operator.id)
    note(connection, now, by, "role_changed", operator.name, role)
    return Operator(operator.id, operator.name, role)


def named(connection: Connection, name: str) -> Operator:
    """The operator of that name. UnknownOperator."""
    wanted = select(operators.c.id, operators.c.name, operators.c.role).where(operators.c.name_key == name_key(name))
    row = connection.execute(wanted).first()
    if row is None:
        raise UnknownOperator(name)
    return Operator(*row)
