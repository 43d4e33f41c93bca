"""How a database would go about the statements that a piece of work really makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text

Statement = tuple[str, Any]


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[Statement]]:
    """What is asked of the database meanwhile, as its driver gets it."""
    found: list[Statement] = []

    def asked(connection: object, cursor: object, statement: str, parameters: Any, *_: object) -> None:
        found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", asked)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", asked)


def plan_of(connection: Connection, statement: Statement) -> str:
    """The steps, one a line; `SCAN`, in either database, is a walk through all of a table."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF)"
    rows = connection.exec_driver_sql(f"{explain} {statement[0]}", statement[1]).all()
    return "\n".join(str(row[-1]) for row in rows).replace("Seq Scan", "SCAN")


def counted(engine: Engine) -> None:
    """PostgreSQL knows how much there is, as it would after a while. SQLite goes by none of that."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
