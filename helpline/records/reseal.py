"""After a change of NUMBER_KEYS: numbers under an older key are sealed again with the first one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine, Table, bindparam, or_, select, update

from helpline.records.engine import reading
from helpline.records.sealing import Seals, UnknownKey
from helpline.records.tables import callers

PAGE = 500


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many numbers were sealed again, and how many none of the keys opens; and where `reseal` goes on."""

    done: int
    unreadable: int
    last: int = field(default=0, compare=False)


def reseal(engine: Engine, seals: Seals, limit: int, after: int = 0, table: Table = callers) -> Resealed:
    """Seal at most `limit` numbers of a table again, page by page; nobody waits for more than one page.

    Those after `after`, which is the `last` of the call before; it is 0 when none was left. When from the beginning on
    `done` is 0 and `unreadable` too, the older keys are needed no more.
    """
    done = unreadable = last = 0
    while done + unreadable < limit:
        page = _page(engine, table, seals.mark, last or after, min(PAGE, limit - done - unreadable))
        if not page:
            break
        last = page[-1][0]
        fresh = []
        for number_id, sealed in page:
            try:
                again = seals.seal(seals.open(sealed))
            except UnknownKey:
                unreadable += 1
            else:
                fresh.append({"of": number_id, "was": sealed, "sealed": again.number, "mark": again.key})
        if fresh:
            _write(engine, table, fresh)
        done += len(fresh)
    return Resealed(done, unreadable, last)


def _page(engine: Engine, table: Table, mark: str, after: int, size: int) -> list[tuple[int, str]]:
    wanted = (
        select(table.c.id, table.c.number)
        .where(
            table.c.id > after,
            table.c.number.is_not(None),
            or_(table.c.number_key != mark, table.c.number_key.is_(None)),
        )
        .order_by(table.c.id)
        .limit(size)
    )
    with reading(engine).begin() as connection:
        return [(row.id, row.number) for row in connection.execute(wanted)]


def _write(engine: Engine, table: Table, fresh: list[dict[str, object]]) -> None:
    # Only where the number is still the one that was read: meanwhile its caller may have said stop.
    change = (
        update(table)
        .where(table.c.id == bindparam("of"), table.c.number == bindparam("was"))
        .values(number=bindparam("sealed"), number_key=bindparam("mark"))
    )
    with engine.begin() as connection:
        connection.execute(change, fresh)
