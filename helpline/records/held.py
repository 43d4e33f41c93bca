"""What a database holds of people."""

from __future__ import annotations

from sqlalchemy import Connection, func, inspect, select

from helpline.records.tables import metadata

# A helpline that has only just been started has written these already; or operators have, before anybody called.
_OF_OPERATORS = {"operators", "operator_links", "operator_sessions", "recovery_codes", "sign_in_attempts", "audit"}
_OF_THE_DESK = {"tallies", "people_helped", "notices", "fact_reviews", "held_waves"}
NOBODYS = {"controls", "planned_waves"} | _OF_OPERATORS | _OF_THE_DESK


def held(connection: Connection) -> str:
    """What it holds of people, such as "3 callers"; nothing if nobody is in it."""
    there = set(inspect(connection).get_table_names()) & (set(metadata.tables) - NOBODYS)
    names = sorted(there, key=lambda name: (name != "callers", name))
    counts = {name: connection.scalar(select(func.count()).select_from(metadata.tables[name])) or 0 for name in names}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
