"""Signing in: each code counts once, and nobody learns what was wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from helpline.operators import accounts, sessions
from helpline.operators.signing_in import Door, Refused, SignedIn
from helpline.records.desk_tables import audit, operators, recovery_codes
from tests.operators.conftest import NOW
from tests.operators.people import KEYS, PASSWORD, Somebody, begun

LATER = NOW + timedelta(minutes=5)


def trail(door: Door) -> list[tuple[str, str]]:
    with door.engine.connect() as connection:
        return [(row.who, row.what) for row in connection.execute(select(audit).order_by(audit.c.id))]


def test_name_password_and_code_lead_in(anna: Somebody, door: Door) -> None:
    found = anna.sign_in(LATER, name="  ANNA ")
    assert isinstance(found, SignedIn)
    assert (found.operator.name, found.operator.role, found.codes_left) == ("Anna", "editor", None)
    assert sessions.find(door.engine, found.session, LATER) == found.operator
    assert trail(door)[-1] == ("Anna", "signed_in")


@pytest.mark.parametrize("wrong", ["password", "code", "name"])
def test_whatever_is_wrong_the_answer_is_the_same(anna: Somebody, wrong: str) -> None:
    given = {"password": {"password": "another one"}, "code": {"code": "000000"}, "name": {"name": "Boris"}}[wrong]
    assert anna.sign_in(LATER, **given) == Refused()


def test_a_code_counts_once_and_none_before_it_after_that(anna: Somebody) -> None:
    assert isinstance(anna.sign_in(LATER), SignedIn)
    assert anna.sign_in(LATER) == Refused()
    before = anna.code(LATER - timedelta(seconds=30))
    assert anna.sign_in(LATER, code=before) == Refused()
    assert isinstance(anna.sign_in(LATER + timedelta(seconds=30)), SignedIn)


def test_the_code_of_the_first_link_counts_once_too(anna: Somebody) -> None:
    assert anna.sign_in(NOW) == Refused()


def test_of_two_at_once_with_the_same_code_one_gets_in(anna: Somebody) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: anna.sign_in(LATER), range(4)))
    assert sum(isinstance(one, SignedIn) for one in found) == 1


@pytest.mark.parametrize(("seconds", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_off(anna: Somebody, seconds: int, is_right: bool) -> None:
    shown = anna.code(LATER + timedelta(seconds=seconds))
    assert isinstance(anna.sign_in(LATER, code=f"{shown[:3]} {shown[3:]}"), SignedIn) == is_right


def test_a_recovery_code_stands_in_once_however_it_is_typed(anna: Somebody, door: Door) -> None:
    code = anna.recovery_codes[3].lower().replace("-", " ")
    found = anna.sign_in(LATER, code=code)
    assert isinstance(found, SignedIn)
    assert found.codes_left == 9
    assert anna.sign_in(LATER, code=code) == Refused()
    assert trail(door)[-2:] == [("Anna", "signed_in_with_recovery"), ("Anna", "sign_in_failed")]


def test_nobody_gets_in_by_anothers_recovery_code(anna: Somebody, door: Door) -> None:
    boris = begun(door, "Boris", "reader", NOW)
    assert boris.sign_in(LATER, code=anna.recovery_codes[0]) == Refused()
    assert isinstance(anna.sign_in(LATER, code=anna.recovery_codes[0]), SignedIn)


def test_what_was_typed_as_a_name_that_nobody_has_is_not_kept(anna: Somebody, door: Door) -> None:
    anna.sign_in(LATER, name="my secret password")
    assert trail(door)[-1] == ("?", "sign_in_failed")


def test_who_has_not_begun_yet_cannot_sign_in(door: Door) -> None:
    with door.engine.begin() as connection:
        accounts.add(connection, KEYS, "Carla", "reader", "a test", NOW)
    carla = Somebody(door, "Carla", pyotp.random_base32(), "", ())
    for password in ("", "nobody's password"):
        assert carla.sign_in(LATER, password=password) == Refused()


def test_the_database_holds_no_secret_in_clear(anna: Somebody, door: Door) -> None:
    found = anna.sign_in(LATER)
    assert isinstance(found, SignedIn)
    secrets = (PASSWORD, anna.secret, anna.session, found.session, *anna.recovery_codes)
    with door.engine.connect() as connection:
        tables = (operators, recovery_codes, sessions.operator_sessions)
        held = str([tuple(row) for table in tables for row in connection.execute(select(table))])
    assert "Anna" in held
    assert not [secret for secret in secrets if secret in held or secret.replace("-", "") in held]


def test_an_unknown_name_takes_the_same_work(anna: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes time is the hash: it is made once, whoever it is."""
    hashed: list[bool] = []
    passwords = type(anna.door.passwords)
    real = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda self, *of: hashed.append(True) or real(self, *of))
    for name in ("Anna", "Boris"):
        anna.sign_in(LATER, password="another one", name=name)
    assert len(hashed) == 2
