"""As many people as wanted in a database, by set-based statements: with what a helpline keeps of each."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from helpline.records.engine import open_records
from helpline.records.migrate import upgrade

PATIENCE = 600.0
MONTHS, WAVES = ("2026-09", "2026-10", "2026-11"), ("opening", "middle", "last")

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
_PADDED = {"sqlite": "printf('%032x', {i})", "postgresql": "lpad(to_hex({i}), 32, '0')"}

# One in ten has ended. {day} is the length of one, {now} the moment at which the desk looks.
_PEOPLE = """
INSERT INTO callers (fingerprint, number, number_key, language, spread, last_seen, created_at)
{numbers} SELECT {padded}, 'sealed', 'key', CASE WHEN i % 5 = 0 THEN 'en' ELSE 'fr' END, i % 65536,
    {now} - (i % 90) * {day}, {now} - 100 * {day} FROM n;
INSERT INTO subscriptions (caller_id, kind, scope, since, ended_at, end_reason)
SELECT id, 'update', CASE WHEN id % 3 = 0 THEN 'last' ELSE 'all' END, {now} - (id % 100) * {day},
    CASE WHEN id % 10 = 0 THEN {now} - (id % 28) * {day} END, CASE WHEN id % 10 = 0 THEN 'stop' ELSE '' END
FROM callers;
INSERT INTO consent_texts (hash, channel, language, text) VALUES ('shown', 'sms', 'fr', 'Rappels gratuits. 1 Oui');
INSERT INTO consents (fingerprint, at, kind, event, scope, channel, language, text_hash, heard, sid)
SELECT fingerprint, created_at, 'update', 'asked', '', 'sms', language, NULL, 'rappel', '' FROM callers;
INSERT INTO consents (fingerprint, at, kind, event, scope, channel, language, text_hash, heard, sid)
SELECT fingerprint, created_at, 'update', 'given', 'all', 'sms', language, 'shown', '1', '' FROM callers;
INSERT INTO call_requests (fingerprint, language, channel, state, asked_at, changed_at)
SELECT fingerprint, language, 'sms', CASE WHEN id % 1000 = 50 THEN 'waiting' ELSE 'done' END,
    {now} - (id % 90) * {day}, {now} - (id % 90) * {day} FROM callers WHERE id % 50 = 0;
INSERT INTO audit (at, who, what, about)
SELECT {now} - (id % 300) * {day}, 'Somebody', 'person_looked_up', fingerprint FROM callers WHERE id % 20 = 0;
"""
# Of the last wave a tenth waits still; of each other one most arrived.
_MESSAGES = """
INSERT INTO messages (caller_id, kind, occurrence, wave, queue, state, reason,
    due_at, not_after, changed_at, claimed_at, sid)
SELECT id, 'update', '{month}', '{wave}', 'bulk',
    CASE WHEN {is_last} AND id % 10 = 1 THEN 'planned' WHEN id % 20 = 3 THEN 'undelivered'
    WHEN id % 20 = 7 THEN 'skipped' WHEN id % 20 = 9 THEN 'sent' ELSE 'delivered' END,
    CASE WHEN {is_last} AND id % 10 = 1 THEN '' WHEN id % 20 = 3 THEN '30003' WHEN id % 20 = 7 THEN 'done' ELSE '' END,
    {due}, {due} + 3 * {day}, {due}, CASE WHEN {is_last} AND id % 10 = 1 THEN NULL ELSE {due} END,
    CASE WHEN {is_last} AND id % 10 = 1 THEN NULL ELSE 'S{place}' || {padded} END FROM callers;
"""

_PROOF = """
INSERT INTO consents (fingerprint, at, kind, event, scope, channel, language, text_hash, heard, sid)
VALUES (:known, :at, 'update', 'given', 'all', 'sms', 'fr', 'shown', '1', '')
"""


def people(url: str, count: int, now: datetime, known: str) -> None:
    """Make a database with so many people, one of whom has the fingerprint `known`."""
    upgrade(url)
    engine = open_records(url, PATIENCE)
    kind = engine.dialect.name
    at, day = int(now.timestamp()), int(timedelta(days=1).total_seconds())
    numbers, padded = _NUMBERS.format(count=count), _PADDED[kind]
    with engine.begin() as connection:
        _run(connection, _PEOPLE.format(numbers=numbers, padded=padded.format(i="i"), now=at, day=day))
        waves = [(month, wave) for month in MONTHS for wave in WAVES]
        for place, (month, wave) in enumerate(waves):
            due = at - (len(waves) - 1 - place) * 9 * day
            values = {"month": month, "wave": wave, "due": due, "day": day, "place": place}
            is_last = "1 = 1" if place == len(waves) - 1 else "1 = 0"
            _run(connection, _MESSAGES.format(**values, is_last=is_last, padded=padded.format(i="id")))
        _become(connection, count // 2, known, at)
    _settle(engine)
    engine.dispose()


def _run(connection: Connection, statements: str) -> None:
    for statement in statements.split(";"):
        if statement.strip():
            connection.execute(text(statement))


def _become(connection: Connection, caller: int, known: str, at: int) -> None:
    """Somebody in the middle is the one who is looked up."""
    connection.execute(text("UPDATE callers SET fingerprint = :known WHERE id = :id"), {"known": known, "id": caller})
    connection.execute(text(_PROOF), {"known": known, "at": at})


def _settle(engine: Engine) -> None:
    """What a database learns about its tables by and by, in use."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))
