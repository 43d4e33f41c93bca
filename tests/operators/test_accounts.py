"""Operators come, begin by their link, and go."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import Engine, select

from helpline.operators import accounts, links
from helpline.operators.links import Invitation, Link
from helpline.operators.signing_in import Door, Refused, SignedIn
from helpline.records.desk_tables import operator_links
from tests.operators.conftest import NOW
from tests.operators.people import KEYS, Somebody

SOON = NOW + timedelta(hours=1)


def added(engine: Engine, name: str = "Anna") -> Link:
    with engine.begin() as connection:
        return accounts.add(connection, KEYS, name, "reader", "a test", NOW)


def looked_at(engine: Engine, token: str, hours: float = 0) -> Invitation | None:
    with engine.connect() as connection:
        return links.invitation(connection, KEYS, token, NOW + timedelta(hours=hours))


def accepted(engine: Engine, token: str, code: str) -> bool:
    with engine.begin() as connection:
        return links.accept(connection, KEYS, token, "a hash", code, NOW) is not None


def test_a_link_is_valid_for_a_day_and_only_its_hash_is_kept(engine: Engine) -> None:
    link = added(engine)
    assert looked_at(engine, link.token, 23.9)
    assert looked_at(engine, link.token, 24) is None
    assert looked_at(engine, "another") is None
    with engine.connect() as connection:
        assert link.token not in str(connection.execute(select(operator_links)).all())


def test_a_link_is_used_up_by_the_right_code_only(engine: Engine) -> None:
    link = added(engine)
    found = looked_at(engine, link.token)
    assert found is not None
    assert not accepted(engine, link.token, "000000")
    right = pyotp.TOTP(found.totp_secret).at(NOW)
    assert accepted(engine, link.token, right)
    assert not accepted(engine, link.token, right)
    assert looked_at(engine, link.token) is None


def test_a_name_is_given_once_whatever_its_capitals_and_spaces(engine: Engine) -> None:
    added(engine, "Jean Dupont")
    with pytest.raises(accounts.NameTaken):
        added(engine, " jean  DUPONT ")


@pytest.mark.parametrize("name", ["", "  ", "1234", "a" * 41, "<b>Anna</b>", "Anna\x00", "Anna\u202e", "?"])
def test_what_is_no_name_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(ValueError, match="A name has"):
        added(engine, name)


@pytest.mark.parametrize("name", ["Anna", "Élodie N'Guessan", "Jean-Pierre 2", "Иван", "M. Dupont", "李"])
def test_names_of_people_are_taken_as_they_are_written(engine: Engine, name: str) -> None:
    added(engine, name)
    with engine.connect() as connection:
        (one,) = accounts.listed(connection)
    assert (one.name, one.role, one.has_password, one.link_until) == (name, "reader", False, NOW + links.VALID)


def test_after_a_reset_nothing_from_before_leads_in(anna: Somebody, door: Door) -> None:
    with door.engine.begin() as connection:
        first = accounts.reset(connection, KEYS, "anna", "a test", SOON)
        second = accounts.reset(connection, KEYS, "anna", "a test", SOON)
    assert anna.sign_in(SOON) == Refused()
    assert anna.sign_in(SOON, code=anna.recovery_codes[0]) == Refused()
    assert looked_at(door.engine, first.token, 1) is None
    found = looked_at(door.engine, second.token, 1)
    assert found is not None
    assert found.totp_secret != anna.secret


def test_who_was_removed_is_nobody_and_their_name_is_free(anna: Somebody, door: Door) -> None:
    with door.engine.begin() as connection:
        accounts.remove(connection, "Anna", "a test", SOON)
        assert accounts.listed(connection) == []
        with pytest.raises(accounts.UnknownOperator):
            accounts.named(connection, "Anna")
    assert anna.sign_in(SOON) == Refused()
    added(door.engine, "Anna")


def test_a_new_role_leaves_password_and_app_as_they_are(anna: Somebody, door: Door) -> None:
    with door.engine.begin() as connection:
        accounts.set_role(connection, "Anna", "reader", "a test", SOON)
    found = anna.sign_in(SOON)
    assert isinstance(found, SignedIn)
    assert found.operator.role == "reader"
