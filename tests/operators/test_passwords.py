"""Which passwords are refused, and what is kept of the others."""

from __future__ import annotations

import pytest

from helpline.operators.passwords import LONGEST, NOBODYS, SHORTEST, Passwords, why_refused

NAMES = ("Anna Martin", "Relais Droits")


@pytest.mark.parametrize("password", ["", "x" * (SHORTEST - 1), "éàüöïçñß€£¥"])
def test_a_short_one_is_refused(password: str) -> None:
    assert why_refused(password, *NAMES) == "too_short"


def test_one_that_would_be_a_book_is_refused() -> None:
    assert why_refused("abcde " * LONGEST, *NAMES) == "too_long"


@pytest.mark.parametrize("password", ["Anna Martin!", "annamartin2026", "ANNA-MARTIN-ANNA-MARTIN", "relais droits 75"])
def test_the_own_name_and_the_helplines_are_refused(password: str) -> None:
    assert why_refused(password, *NAMES) == "name"


@pytest.mark.parametrize(
    "password",
    [
        *("motdepasse1234", "Mot de passe 2026", "Password1234!", "AZERTYUIOP123", "azertyuiopqs", "123456789012"),
        *("aaaaaaaaaaaa", "abababababab", "France-Travail 1", "administrateur", "098765432109"),
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert why_refused(password, *NAMES) == "worst"


@pytest.mark.parametrize(
    "password", ["quatre mots sans rapport", "xkqzvwpjtrbn", "839201748315", "Anna aime les figues", "пароль из слов!"]
)
def test_anything_else_is_taken_whatever_it_is_composed_of(password: str) -> None:
    assert why_refused(password, *NAMES) is None


def test_only_the_same_password_is_right_whichever_keyboard_wrote_its_accents(passwords: Passwords) -> None:
    kept = passwords.hash("l'été à Évian-les-Bains")
    assert "Évian" not in kept
    assert kept.startswith("$argon2id$")
    assert passwords.is_right(kept, "l'e\u0301te\u0301 a\u0300 E\u0301vian-les-Bains")
    assert not passwords.is_right(kept, "l'ete a Evian-les-Bains")


def test_where_none_is_kept_none_is_right(passwords: Passwords) -> None:
    assert not passwords.is_right("", "nobody's password")
    assert not passwords.is_right("not a hash", "nobody's password")


def test_what_is_in_use_asks_for_memory_enough_and_as_much_for_nobody() -> None:
    kept = Passwords().hash("quatre mots sans rapport")
    assert "$m=47104,t=2,p=1$" in kept
    assert [len(part) for part in NOBODYS.split("$")] == [len(part) for part in kept.split("$")]
    assert NOBODYS.split("$")[:4] == kept.split("$")[:4]
