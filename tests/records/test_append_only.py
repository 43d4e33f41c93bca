"""The database itself keeps the proof of consent from being changed, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from helpline.records.tables import callers, consent_texts, consents

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CONSENT: dict[str, Any] = {
    "fingerprint": "f1",
    "at": NOON,
    "kind": "update",
    "event": "given",
    "channel": "sms",
    "language": "fr",
    "text_hash": "h1",
}


@pytest.fixture
def proven(engine: Engine) -> Engine:
    """A database with one caller who agreed, and what another one left who was erased."""
    with engine.begin() as connection:
        caller = {"fingerprint": "f1", "language": "fr", "spread": 1, "last_seen": NOON, "created_at": NOON}
        connection.execute(insert(callers).values(caller))
        connection.execute(insert(consent_texts).values(hash="h1", channel="sms", language="fr", text="Oui ?"))
        connection.execute(insert(consents), [CONSENT, CONSENT | {"fingerprint": "gone"}])
    return engine


def test_no_consent_is_ever_changed(proven: Engine) -> None:
    for fingerprint in ("f1", "gone"):
        with pytest.raises(IntegrityError, match="append-only"), proven.begin() as connection:
            connection.execute(update(consents).where(consents.c.fingerprint == fingerprint).values(event="ended"))
    with proven.begin() as connection:
        assert connection.scalars(select(consents.c.event)).all() == ["given", "given"]


def test_a_consent_stays_for_as_long_as_its_caller_does(proven: Engine) -> None:
    of_the_caller = delete(consents).where(consents.c.fingerprint == "f1")
    with pytest.raises(IntegrityError, match="append-only"), proven.begin() as connection:
        connection.execute(of_the_caller)
    with proven.begin() as connection:
        connection.execute(delete(callers))
        assert connection.execute(of_the_caller).rowcount == 1


def test_what_an_erased_caller_left_may_go(proven: Engine) -> None:
    with proven.begin() as connection:
        assert connection.execute(delete(consents).where(consents.c.fingerprint == "gone")).rowcount == 1


def test_a_consent_is_not_replaced_by_another(proven: Engine) -> None:
    with proven.begin() as connection:
        number = connection.scalar(select(func.min(consents.c.id)))
    word = "OR REPLACE " if proven.dialect.name == "sqlite" else ""
    columns = "(id, fingerprint, at, kind, event, channel, language)"
    replacing = text(f"INSERT {word}INTO consents {columns} VALUES ({number}, 'f1', 1, 'update', 'ended', 'sms', 'fr')")
    with pytest.raises(IntegrityError), proven.begin() as connection:
        connection.execute(replacing)


def test_consents_are_not_truncated(postgresql_engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="append-only"), postgresql_engine.begin() as connection:
        connection.execute(text("TRUNCATE consents"))


def test_the_words_that_somebody_was_shown_never_change(proven: Engine) -> None:
    with pytest.raises(IntegrityError, match="never change"), proven.begin() as connection:
        connection.execute(update(consent_texts).values(text="Non ?"))
    with pytest.raises(IntegrityError), proven.begin() as connection:
        connection.execute(delete(consent_texts))
