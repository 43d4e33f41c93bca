"""How often one may try to sign in, counted in SQL: by name, by address, and by all together.

Who guesses could so keep an operator out. So a browser in which somebody has signed in before counts by itself, and
for the name of that person only: nobody else's attempts hold it back. Where an operator has no such browser and is held
back, `helpline operators reset` gives a link, which is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, Engine, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from helpline.operators.keys import Keys, new_token
from helpline.operators.names import name_key
from helpline.records.desk_tables import sign_in_attempts as attempts
from helpline.records.engine import reading

WINDOW = timedelta(minutes=15)
OF_BROWSER, OF_NAME, OF_ADDRESS, OF_ALL = 10, 5, 20, 100
_AT_ONCE = 1000  # marks that are forgotten in one go


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts are counted under a mark in each window."""

    mark: str
    most: int


def limits(keys: Keys, name: str, address: str, browser: str) -> tuple[Limit, ...]:
    """What an attempt counts against, in the order in which SQL locks. `browser`: what `browser_known` gave it."""
    known = _browser(keys, browser, name)
    if known:
        return (Limit(keys.mark("browser", known), OF_BROWSER),)
    found = (
        Limit(keys.mark("name", name_key(name)), OF_NAME),
        Limit(keys.mark("address", address), OF_ADDRESS),
        Limit(keys.mark("all", ""), OF_ALL),
    )
    return tuple(sorted(found, key=lambda limit: limit.mark))


def browser_known(keys: Keys, name: str, before: str = "") -> str:
    """What a browser keeps after somebody signed in there."""
    return _signer(keys).dumps([keys.mark("of", name_key(name)), _browser(keys, before, name) or new_token()])


def take(engine: Engine, counted: tuple[Limit, ...], now: datetime) -> timedelta | None:
    """Count an attempt, before it is looked at. How long to wait instead, where there were too many."""
    with reading(engine).connect() as connection:
        wait = _wait(connection, counted, now)
    if wait:
        return wait  # who is held back writes nothing
    with engine.connect() as connection:
        for limit in counted:
            _count(connection, limit.mark, now)
        wait = _wait(connection, counted, now, over=1)
        if wait is None:
            connection.commit()
        return wait


def give_back(connection: Connection, counted: tuple[Limit, ...], name: str, keys: Keys) -> None:
    """Somebody signed in: the attempt was none, and those before it under their name or browser are forgotten."""
    own = {keys.mark("name", name_key(name)), *(limit.mark for limit in counted if limit.most == OF_BROWSER)}
    for mark in sorted(
        own | {limit.mark for limit in counted}
    ):  # in the order of `limits`, or two would wait in a ring
        if mark in own:
            connection.execute(delete(attempts).where(attempts.c.mark == mark))
        else:
            others = (attempts.c.mark == mark, attempts.c.tries > 0)
            connection.execute(update(attempts).where(*others).values(tries=attempts.c.tries - 1))


def forget_old(connection: Connection, now: datetime) -> None:
    """Take away what counts no more, but for what somebody is counting again."""
    over = or_(attempts.c.since <= now - WINDOW, attempts.c.since > now + WINDOW)
    some = select(attempts.c.mark).where(over).limit(_AT_ONCE).with_for_update(skip_locked=True)
    marks = connection.scalars(some).all()
    connection.execute(delete(attempts).where(attempts.c.mark.in_(marks)))


def _count(connection: Connection, mark: str, now: datetime) -> None:
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = into(attempts).values(mark=mark, tries=1, since=now)
    over = or_(attempts.c.since <= now - WINDOW, attempts.c.since > now)
    again = {
        "tries": case((over, 1), else_=attempts.c.tries + 1),
        "since": case((over, new.excluded.since), else_=attempts.c.since),
    }
    connection.execute(new.on_conflict_do_update(index_elements=[attempts.c.mark], set_=again))


def _wait(connection: Connection, counted: tuple[Limit, ...], now: datetime, over: int = 0) -> timedelta | None:
    """How long until an attempt may be counted. `over`: how many of the counted ones are this one."""
    rows = connection.execute(select(attempts).where(attempts.c.mark.in_([limit.mark for limit in counted]))).all()
    most = {limit.mark: limit.most + over for limit in counted}
    waits = [
        row.since + WINDOW - now
        for row in rows
        if row.tries >= most[row.mark] and timedelta(0) <= now - row.since < WINDOW
    ]
    return max(waits, default=None)


def _signer(keys: Keys) -> URLSafeSerializer:
    return URLSafeSerializer(keys.cookies, salt="browser")


def _browser(keys: Keys, browser: str, name: str) -> str:
    """What tells this browser from others; nothing where that person never signed in there."""
    try:
        of, known = _signer(keys).loads(browser)
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(known) if of == keys.mark("of", name_key(name)) else ""
