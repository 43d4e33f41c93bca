"""While the database is away: honest answers, quickly, and no STOP is lost."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.consent.looking_up import asked_recently
from helpline.consent.performers import performers
from helpline.menus.check_tree import EFFECTS
from helpline.records.engine import QUICK, open_records
from helpline.records.tables import callers, metadata
from tests.consent.people import MOBILE, Person, consent_on, rows
from tests.databases import address
from tests.fresh_logs import captured_logs
from tests.postgresql_process import running_postgresql

HONEST = {
    "look_up_reminders": "not_known",
    "subscribe_all": "not_saved",
    "subscribe_last": "not_saved",
    "confirm_all": "not_saved",
    "confirm_last": "not_saved",
    "refuse": "not_saved",
    "done": "not_saved",
    "keep": "not_saved",
    "start": "started",
    "show_data": "not_known",
    "subscribe_call_all": "not_saved",
    "subscribe_call_last": "not_saved",
    "confirm_call_all": "not_saved",
    "confirm_call_last": "not_saved",
    "note": "not_saved",
    "end_item": "not_saved",
    "done_item": "not_saved",
}
ON_REQUEST = {"send_page", "call_back", "person", "person_missed", "person_cancel"}  # not consent's
JOURNALED = {"stop": "stopped", "not_me": "stopped", "erase": "erased"}


class SqliteFolder:
    """A SQLite file whose folder vanishes, as with a disk that is not mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.away = folder / "disk", folder / "away"
        self.folder.mkdir()
        self.engine = open_records(f"sqlite:///{self.folder / 'helpline.db'}", QUICK)
        metadata.create_all(self.engine)

    def stop(self) -> None:
        self.engine.dispose()
        self.folder.rename(self.away)

    def start(self) -> None:
        self.away.rename(self.folder)


@pytest.fixture
def nowhere(tmp_path: Path) -> Engine:
    """A database that cannot be opened."""
    return open_records(f"sqlite:///{tmp_path / 'no folder' / 'helpline.db'}", QUICK)


@pytest.fixture
def refusing(tmp_path: Path) -> Engine:
    """A PostgreSQL where none listens."""
    return open_records(f"postgresql+psycopg://helpline@/helpline?host={tmp_path}", QUICK)


@pytest.fixture(params=["nowhere", "refusing"])
def away(request: pytest.FixtureRequest, tmp_path: Path, alerts: list[str]) -> Consent:
    """A helpline without a database."""
    return consent_on(request.getfixturevalue(request.param), tmp_path / "journal", alerts.append)


def test_every_effect_has_an_honest_answer(away: Consent) -> None:
    assert {*HONEST, *JOURNALED} == set(performers(away)) == set(EFFECTS) - ON_REQUEST
    for channel_of in (lambda person: person, Person.calls):
        person = channel_of(Person(away))
        for effect, outcome in {**HONEST, **JOURNALED}.items():
            if (effect, person.channel) != ("show_data", "voice"):
                assert person.does(effect) == outcome, effect


def test_one_line_of_log_and_nothing_of_the_caller_in_it(away: Consent) -> None:
    for effect in (*HONEST, *JOURNALED):
        with captured_logs() as logs:
            Person(away).does(effect, key="SM1")
        assert len([entry for entry in logs if entry["log_level"] == "error"]) == 1, logs
        written = str(logs)
        assert MOBILE[3:] not in written
        assert Person(away).fingerprint not in written


def test_the_answer_comes_before_the_carrier_gives_up(away: Consent) -> None:
    for effect in (*HONEST, *JOURNALED):
        began = time.monotonic()
        Person(away).does(effect)
        assert time.monotonic() - began < 3 * QUICK


def test_a_withdrawal_is_on_the_disk_before_the_database_is_asked(away: Consent, alerts: list[str]) -> None:
    for effect in JOURNALED:
        Person(away).does(effect, key=f"SM{effect}")
    withdrawals = away.journal.read(0).withdrawals
    assert [(one.reason, one.erases, one.sid) for one in withdrawals] == [
        ("stop", False, "SMstop"),
        ("not_me", False, "SMnot_me"),
        ("erase", True, "SMerase"),
    ]
    assert {one.fingerprint for one in withdrawals} == {Person(away).fingerprint}
    assert MOBILE[3:] not in away.journal.path.read_text()
    assert alerts == []


@pytest.mark.parametrize("effect", JOURNALED)
def test_when_both_fail_the_caller_is_told_and_somebody_alerted(
    away: Consent, alerts: list[str], tmp_path: Path, effect: str
) -> None:
    (tmp_path / "in the way").write_text("")
    lost = replace(away, journal=Journal(tmp_path / "in the way" / "withdrawals.jsonl"))
    with captured_logs() as logs:
        assert Person(lost).does(effect) == "not_saved"
    assert len(alerts) == 1
    assert [entry["event"] for entry in logs if entry["log_level"] == "critical"] == ["withdrawal lost"]


def test_nobody_is_taken_for_asked(away: Consent) -> None:
    assert asked_recently(away, MOBILE, Person(away).now) == ""


def test_a_stop_while_the_database_was_down_holds_when_it_is_back(tmp_path: Path) -> None:
    database = SqliteFolder(tmp_path)
    consent = consent_on(database.engine, tmp_path / "journal")
    somebody = Person(consent)
    somebody.signs_up()
    somebody.gets()
    database.stop()
    assert somebody.later(minutes=5).does("stop") == "stopped"
    assert somebody.later(minutes=6).does("look_up_reminders") == "not_known"
    database.start()
    assert apply_journal(consent.engine, consent.journal, somebody.later(hours=1).now).applied == 1
    assert somebody.scope == ""
    assert somebody.message_states() == {("update", "last"): ("skipped", "stop")}


def test_a_stop_is_kept_when_a_postgresql_ends_under_open_connections(tmp_path: Path) -> None:
    with running_postgresql() as url:
        engine = open_records(url.render_as_string(hide_password=False), QUICK)
        metadata.create_all(engine)
        consent = consent_on(engine, tmp_path / "journal")
        Person(consent).signs_up()
    assert Person(consent).later(minutes=5).does("stop") == "stopped"
    assert Person(consent).later(minutes=6).does("done") == "not_saved"
    engine.dispose()
    assert len(consent.journal.read(0).withdrawals) == 1


def test_an_erasure_while_the_database_was_down_is_made_up_for(tmp_path: Path) -> None:
    database = SqliteFolder(tmp_path)
    consent = consent_on(database.engine, tmp_path / "journal")
    somebody = Person(consent)
    somebody.signs_up()
    database.stop()
    assert somebody.later(minutes=5).does("erase") == "erased"
    database.start()
    apply_journal(consent.engine, consent.journal, somebody.later(hours=1).now)
    assert rows(consent.engine, callers) == []


def test_a_database_that_is_held_by_somebody_keeps_no_caller_waiting(engine: Engine, tmp_path: Path) -> None:
    consent = consent_on(open_records(address(engine), QUICK), tmp_path / "journal")
    somebody = Person(consent)
    somebody.signs_up()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE callers, effects, controls IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert somebody.later(minutes=5).does("done") == "not_saved"
        assert somebody.later(minutes=5).does("stop") == "stopped"
        assert time.monotonic() - began < 8 * QUICK
    assert somebody.scope == "all"
    apply_journal(engine, consent.journal, somebody.later(minutes=6).now)
    assert somebody.scope == ""
    consent.engine.dispose()
