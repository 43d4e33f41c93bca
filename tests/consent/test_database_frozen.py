"""A PostgreSQL that is there and answers nothing, as when its machine hangs: callers get honest answers, and soon."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, event, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.records.engine import QUICK, open_records
from helpline.records.tables import callers, consents, effects, metadata
from tests.consent.people import Person, consent_on, rows
from tests.postgresql_process import running_postgresql
from tests.server.running import descendants, wait_until

THE_CARRIER_WAITS = 15.0  # seconds; then the caller hears that the application has failed


class Server:
    """A PostgreSQL of this test alone."""

    def __init__(self, url: URL) -> None:
        self.url = url.render_as_string(hide_password=False)
        pidfile = Path(str(url.query["host"])) / "postmaster.pid"
        self._pid = int(pidfile.read_text().split("\n", 1)[0])

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It holds its connections, takes new ones, and says nothing."""
        self.freeze()
        try:
            yield
        finally:
            self.wake()

    def freeze(self) -> None:
        self._tell(signal.SIGSTOP)

    def wake(self) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        os.kill(self._pid, number)
        for pid in descendants(self._pid):
            with suppress(ProcessLookupError):  # one that was for a connection which is over has ended meanwhile
                os.kill(pid, number)


@pytest.fixture
def server() -> Iterator[Server]:
    with running_postgresql() as url:
        made = Server(url)
        yield made
        made.wake()


@pytest.fixture
def somebody(server: Server, tmp_path: Path) -> Iterator[Person]:
    """Who gets reminders; the helpline has a connection that was used before."""
    engine = open_records(server.url, QUICK)
    metadata.create_all(engine)
    consent = consent_on(engine, tmp_path / "journal")
    person = Person(consent)
    person.signs_up()
    yield person
    engine.dispose()


def answered(person: Person, effect: str, **more: Any) -> str:
    began = time.monotonic()
    outcome = person.does(effect, **more)
    assert time.monotonic() - began < THE_CARRIER_WAITS, effect
    return outcome


def other(consent: Consent) -> Person:
    return Person(consent, "+33639980002")


def test_everybody_gets_an_honest_answer_within_seconds(server: Server, somebody: Person) -> None:
    with server.frozen():
        assert answered(somebody.later(minutes=1), "stop") == "stopped"
        assert answered(other(somebody.consent), "subscribe_all") == "not_saved"
        assert answered(other(somebody.consent).calls(), "confirm_all") == "not_saved"
        assert answered(somebody.later(minutes=2), "show_data") == "not_known"
        assert answered(somebody.later(minutes=3), "erase") == "erased"
    wait_until(lambda: _answers(somebody.consent.engine), lambda: "it does not answer again")
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=4).now)
    assert rows(somebody.consent.engine, callers) == []


def test_what_was_begun_as_it_froze_is_not_done_later(server: Server, somebody: Person) -> None:
    person = other(somebody.consent)
    with _frozen_at(server, somebody.consent, "INSERT INTO callers"):
        assert answered(person, "subscribe_all", key="SM1") == "not_saved"
    assert person.scope == ""
    assert rows(person.consent.engine, effects, effects.c.key == "SM1.subscribe_all") == []
    assert person.does("subscribe_all", key="SM1") == "saved"


def test_what_was_committed_as_it_froze_is_done_once_and_a_repeat_gets_its_outcome(
    server: Server, somebody: Person
) -> None:
    """The caller was told that it was not saved. The carrier's repeat of the webhook says how it went in truth."""
    person = other(somebody.consent)
    with _frozen_at(server, somebody.consent, "COMMIT"):
        assert answered(person, "subscribe_all", key="SM1") == "not_saved"
    wait_until(lambda: person.scope == "all", lambda: "the commit that it had got is not done")
    assert person.does("subscribe_all", key="SM1") == "saved"
    given = rows(person.consent.engine, consents, consents.c.fingerprint == person.fingerprint)
    assert [row.event for row in given] == ["given"]


@contextmanager
def _frozen_at(server: Server, consent: Consent, words: str) -> Iterator[None]:
    """Frozen as soon as the helpline is about to say these words to it, until the end."""

    def statement(connection: Any, cursor: Any, said: str, *rest: Any) -> None:
        if said.startswith(words):
            server.freeze()

    def commit(connection: Any) -> None:
        if words == "COMMIT":
            server.freeze()

    event.listen(consent.engine, "before_cursor_execute", statement)
    event.listen(consent.engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(consent.engine, "before_cursor_execute", statement)
        event.remove(consent.engine, "commit", commit)
        server.wake()
        wait_until(lambda: _answers(consent.engine), lambda: "it does not answer again")


def _answers(engine: Engine) -> bool:
    """Whether it is asked again: after a failure it is left in peace for a moment."""
    try:
        with engine.begin() as connection:
            return connection.scalar(select(1)) == 1
    except SQLAlchemyError:
        return False
