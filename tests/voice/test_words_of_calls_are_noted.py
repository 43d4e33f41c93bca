"""The web notes each call of ours whose words it hands out, and the call's end is read by that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import create_engine, select, text, update

from helpline.app import create_app
from helpline.carrier.callers import fingerprint
from helpline.records.migrate import upgrade
from helpline.records.tables import messages
from helpline.reminders.report_ids import report_id, report_mark
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import Clock, redis_of, settings_for
from tests.phone import Phone, Reply, flask_post
from tests.server.running import wait_until

VOICE = "+33199001234"


class Called:
    """Somebody whom the helpline calls back, and their phone."""

    def __init__(self, folder: Path, valkey: EmbeddedValkey) -> None:
        given = settings_for(folder, REDIS_URL=valkey.url, CALL_BACK_MISSED="1")
        upgrade(given.database_url)
        self.engine = create_engine(given.database_url)
        self.phone = Phone(flask_post(create_app(given, now=Clock())))
        self.phone.text("APPEL")
        with self.engine.begin() as connection:
            connection.execute(update(messages).values(state="accepted", tries=1, sid=self.phone.call))
        person = fingerprint(self.phone.number, given.fingerprint_key)
        row = self.row
        mark = report_mark(given.fingerprint_key, person, row.kind, row.occurrence, row.wave)
        self.about = report_id(row.id, 1, mark)

    @property
    def row(self) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(messages)).one()

    def picks_up(self) -> Reply:
        return self._asked("/twilio/voice/ours/2-fr-menu---------", "in-progress")

    def hangs_up(self) -> Reply:
        return self._asked("/twilio/voice/status", "completed")

    def _asked(self, path: str, status: str) -> Reply:
        form = [("CallSid", self.phone.call), ("From", VOICE), ("To", self.phone.number), ("CallStatus", status)]
        return self.phone.send(f"{path}?message={self.about}", [*form, ("Direction", "outbound-api")])


@pytest.fixture
def notes(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    """A Valkey without notes."""
    with redis_of(shared_valkey) as client:
        client.flushall()
        yield client


@pytest.fixture
def called(tmp_path: Path, shared_valkey: EmbeddedValkey, notes: Redis) -> Called:
    return Called(tmp_path, shared_valkey)


def test_who_picks_up_and_is_answered_has_got_the_call(called: Called) -> None:
    assert called.picks_up().said
    wait_until(lambda: called.row.state == "sent", lambda: f"{called.row}")
    assert called.hangs_up().status == 204
    assert called.row.state == "delivered"


def test_who_picks_up_while_nobody_answers_has_not_got_the_call(called: Called) -> None:
    """A call back is not made again so much later, a reminder is: `tests/reminders/test_words_said.py`."""
    assert called.hangs_up().status == 204
    assert (called.row.state, called.row.reason) == ("undelivered", "unheard")


def test_a_note_that_fails_leaves_the_answer_and_is_kept_in_redis(called: Called, notes: Redis) -> None:
    with called.engine.begin() as connection:
        connection.execute(text("ALTER TABLE messages RENAME TO away"))
    assert called.picks_up().said
    wait_until(lambda: notes.exists(f"words:{called.phone.call}"), lambda: f"{notes.keys()}")
    with called.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO messages"))
    assert called.row.state == "accepted"
    assert called.hangs_up().status == 204
    assert called.row.state == "delivered"
