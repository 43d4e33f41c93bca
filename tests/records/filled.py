"""A database with something in it, and all that a database holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, column, insert, select

from helpline.records.desk_tables import (
    audit,
    call_requests,
    fact_reviews,
    held_waves,
    notices,
    operators,
    people_helped,
    recovery_codes,
    sign_in_attempts,
    tallies,
)
from helpline.records.sealing import Seals
from helpline.records.tables import (
    callers,
    consent_texts,
    consents,
    controls,
    effects,
    messages,
    metadata,
    objections,
    planned_waves,
    subscriptions,
)

KEY, OTHER_KEY = "bnVtYmVyIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dC4=", "b3RoZXIga2V5IG9mIHRoZSB0ZXN0cyB3aXRoIDMyIGI="
FINGERPRINT_KEY = b"0123456789abcdef" * 4
SEALS = Seals([KEY])
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
WORDS = "Relais Droits : « 1 » pour confirmer, l'été ☀ \n--- STOP \\ \" ' \x7f"


def number_of(place: int) -> str:
    return f"+336399{place:05}"


def sign_up(connection: Connection, place: int, seals: Seals = SEALS, **caller: Any) -> int:
    """One caller with one subscription, one message and one consent. Returns the caller's id."""
    sealed = seals.seal(number_of(place))
    fingerprint = f"{place:032x}"
    values = {
        "fingerprint": fingerprint,
        "number": sealed.number,
        "number_key": sealed.key,
        "language": "fr",
        "spread": place % 65_536,
        "last_seen": NOON,
        "created_at": NOON + timedelta(seconds=place),
    }
    key = connection.execute(insert(callers).values(values | caller)).inserted_primary_key
    assert key is not None
    connection.execute(insert(subscriptions).values(caller_id=key[0], kind="update", scope="all", since=NOON))
    connection.execute(
        insert(messages).values(
            caller_id=key[0],
            kind="update",
            occurrence="2026-11",
            wave="opening",
            queue="bulk",
            due_at=NOON,
            not_after=NOON + timedelta(hours=7),
            changed_at=NOON,
        )
    )
    connection.execute(
        insert(consents).values(
            fingerprint=fingerprint,
            at=NOON,
            kind="update",
            event="given",
            scope="all",
            channel="sms",
            language="fr",
            text_hash="h1",
            heard="oui",
            sid="SM" + "1" * 32,
        )
    )
    return int(key[0])


def fill(engine: Engine, people: int = 3, seals: Seals = SEALS) -> None:
    """Something in every table."""
    with engine.begin() as connection:
        connection.execute(insert(consent_texts).values(hash="h1", channel="sms", language="fr", text=WORDS))
        for place in range(people):
            sign_up(connection, place, seals)
        connection.execute(insert(objections).values(fingerprint="f" * 32, since=NOON, reason="stop"))
        connection.execute(insert(metadata.tables["carrier_blocks"]).values(fingerprint="b" * 32, since=NOON))
        connection.execute(insert(effects).values(key="SM1.stop", outcome="stopped", at=NOON))
        connection.execute(
            insert(planned_waves).values(kind="update", occurrence="2026-11", wave="opening", planned_at=NOON)
        )
        _fill_desk(connection)
        _fill_work(connection)
        connection.execute(insert(controls).values(name="last_alert", value='{"code": 30003}', changed_at=NOON))
        connection.execute(insert(controls).values(name="journal_position", value="5000", changed_at=NOON))


def _fill_desk(connection: Connection) -> None:
    """An operator who can sign in; a session and a link of theirs would not come back from a backup."""
    values = {"name": "Anna", "name_key": "anna", "role": "editor", "password_hash": "$argon2id$", "created_at": NOON}
    key = connection.execute(insert(operators).values(values)).inserted_primary_key
    assert key is not None
    for place in range(2):
        connection.execute(insert(recovery_codes).values(operator_id=key[0], code_hash=f"{place:064x}"))
    connection.execute(insert(sign_in_attempts).values(mark="a" * 64, tries=2, since=NOON))
    connection.execute(insert(audit).values(at=NOON, who="Anna", what="signed_in"))


def _fill_work(connection: Connection) -> None:
    """What operators have to do, and did."""
    request = {"fingerprint": "c" * 32, "language": "fr", "channel": "sms", "asked_at": NOON, "changed_at": NOON}
    connection.execute(insert(call_requests).values(request))
    connection.execute(insert(notices).values(since=NOON, until=NOON, words='{"fr": "Panne"}', put_up_by="Anna"))
    connection.execute(insert(tallies).values(day="2026-11-02", name="turns", labels="channel=sms", count=3))
    connection.execute(insert(people_helped).values(day="2026-11-02", mark="a" * 16))
    connection.execute(insert(fact_reviews).values(fact="C01", at=NOON, who="Anna", statement_hash="a" * 64))
    wave = {"kind": "update", "occurrence": "2026-11", "wave": "last"}
    connection.execute(insert(held_waves).values(wave | {"since": NOON, "who": "Anna"}))


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows, as the database holds them."""
    with engine.begin() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(*(column(each.name) for each in table.c)).select_from(table).order_by(*table.primary_key)
                )
            ]
            for table in metadata.sorted_tables
        }
