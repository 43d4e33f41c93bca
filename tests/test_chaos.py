"""The short form of the chaos run: what callers were told holds, whatever fails. The long form: scripts/chaos."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpline.carrier.callers import fingerprint
from tests.chaos.exchanges import Measured
from tests.chaos.faults import ALL
from tests.chaos.run import SHORT
from tests.chaos.told import PHRASES, Told, Wish
from tests.chaos.town import Town
from tests.chaos.truth import Truth, hold_against
from tests.consent.people import Person, consent_on
from tests.crash.verdict import Verdict
from tests.postgresql_process import PostgresqlProcess, postgresql_process

NOTHING = Verdict(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {})
NUMBER = "+33639980001"


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[PostgresqlProcess]:
    with postgresql_process() as found:
        yield found


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["valkey-hangs", "disk-and-database"])
def test_nothing_is_lost_by_a_fault(name: str, tmp_path: Path, own_postgresql: PostgresqlProcess) -> None:
    town = Town(replace(SHORT, seed=3), tmp_path, own_postgresql)
    truth = town.run(ALL[name])
    assert truth.faults == {}, f"lost: {truth.faults}\nodd answers: {truth.odd}\n{truth}\nlogs: {tmp_path}"
    assert truth.verdict.once > 0
    assert truth.stops_kept > 0


def test_the_words_that_callers_are_known_by_are_in_the_prompts() -> None:
    words = "\n".join(path.read_text(encoding="utf-8") for path in Path("prompts").glob("*.yaml")).casefold()
    assert [phrase for phrase in PHRASES if phrase.casefold() not in words] == []


def test_the_command_lists_its_faults_and_refuses_others() -> None:
    listed = subprocess.run(["scripts/chaos", "--list"], capture_output=True, text=True, check=True, timeout=300)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(ALL)
    refused = subprocess.run(
        ["scripts/chaos", "--faults", "rain"], capture_output=True, text=True, timeout=300, check=False
    )
    assert refused.returncode == 2
    assert "no such fault: rain" in refused.stderr


# The judge finds what it is for.


@pytest.fixture
def caller(sqlite_engine: Engine, tmp_path: Path) -> Person:
    return Person(consent_on(sqlite_engine, tmp_path / "journal"), NUMBER)


def judged(caller: Person, last: Wish, *said: Wish, status: int = 200) -> Truth:
    told = Told()
    person = told.of(NUMBER)
    person.said, person.last, person.confirmed_at = set(said) | {last}, last, datetime.now(UTC)
    measured = Measured(1, 0.1, 0.1, 0, int(status >= 500), 0, 0, 0)
    consent = caller.consent
    assert fingerprint(NUMBER, consent.fingerprint_key) == caller.fingerprint
    return hold_against(consent.engine, consent.fingerprint_key, told, (), (), NOTHING, measured, 0, True)


def test_a_caller_who_signed_up_and_is_in_the_database_is_fine(caller: Person) -> None:
    caller.signs_up()
    truth = judged(caller, "sign_up")
    assert truth.faults == {}
    assert truth.consents_kept == 1


def test_a_sign_up_that_was_confirmed_and_is_not_there_is_found(caller: Person) -> None:
    assert judged(caller, "sign_up").faults == {"consent lost": 1}


def test_a_stop_that_was_confirmed_and_did_not_happen_is_found(caller: Person) -> None:
    caller.signs_up()
    assert judged(caller, "stop", "sign_up").faults == {"STOP lost": 1}


def test_a_consent_that_nobody_gave_is_found(caller: Person) -> None:
    caller.signs_up()
    assert judged(caller, "done").faults["consent invented"] == 2  # the subscription, and its proof


def test_an_erasing_that_was_confirmed_and_did_not_happen_is_found(caller: Person) -> None:
    caller.signs_up()
    assert judged(caller, "erase", "sign_up").faults == {"FAIT or EFFACER lost": 1}


def test_an_answer_that_says_that_the_server_failed_is_found(caller: Person) -> None:
    caller.signs_up()
    assert judged(caller, "sign_up", status=500).faults == {"5xx": 1}
