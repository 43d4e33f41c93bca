"""An import that is killed and done again: everybody is invited exactly once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from helpline.consent.consent import Consent
from helpline.records.engine import reading
from helpline.records.tables import callers, consents, invitations, messages
from tests.consent.people import rows
from tests.invitations.files import file_of, form, number_of
from tests.server.running import wait_until

PEOPLE = 700


@pytest.fixture
def path(folder: Path) -> Path:
    return file_of(folder, (form(place) for place in range(PEOPLE)))


def started(path: Path) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("helpline")
    with (path.parent / "output").open("ab") as output:
        command = [program, "callers", "import", path, "--yes"]
        return subprocess.Popen(command, stdout=output, stderr=output, env=os.environ.copy())


def invited(engine: Engine) -> int:
    with reading(engine).connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(invitations)) or 0)


@pytest.fixture
def killed(known: Consent, path: Path) -> Consent:
    """Killed once some were invited; if it had come to its end before, the test is of no use."""
    process = started(path)
    wait_until(lambda: invited(known.engine) > 0 or process.poll() is not None, lambda: "nobody is invited")
    process.kill()
    process.wait()
    assert 0 < invited(known.engine) < PEOPLE, (path.parent / "output").read_text()
    return known


@pytest.mark.timeout(180)
def test_killed_in_the_middle_and_run_again_everybody_is_invited_once(killed: Consent, path: Path) -> None:
    assert started(path).wait() == 0
    everybody = {killed.fingerprint(number_of(place)) for place in range(PEOPLE)}
    for table in (callers, invitations, consents):
        people = [row.fingerprint for row in rows(killed.engine, table)]
        assert len(people) == PEOPLE
        assert {*people} == everybody
    assert [row.kind for row in rows(killed.engine, messages)] == ["invite"] * PEOPLE
    assert len({row.caller_id for row in rows(killed.engine, messages)}) == PEOPLE


@pytest.mark.timeout(180)
def test_two_at_once_invite_everybody_once(known: Consent, path: Path) -> None:
    both = [started(path), started(path)]
    assert [process.wait() for process in both] == [0, 0], (path.parent / "output").read_text()
    assert len(rows(known.engine, messages)) == len(rows(known.engine, consents)) == PEOPLE
