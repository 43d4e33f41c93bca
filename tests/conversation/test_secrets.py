"""Passwords, social security numbers and cards are recognised, and ordinary numbers are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversation.hearing_corpus import heard, rows


def kind_of(text: str) -> str:
    said = heard(text)
    return said.values[0] if said.kind == "secret" else "none"


def test_the_listed_secrets_are_recognised() -> None:
    wrong = [row.text for row in rows("secrets") if kind_of(row.text) != row.cells[-1]]
    assert len(wrong) <= 0.02 * len(rows("secrets"))


@pytest.mark.parametrize(
    "text",
    [
        "mon mdp c Soleil2024",
        "Moussa95 c'est mon mot de passe",
        "j'ai mis Paris2024 comme mot de passe",
        "mdp = 123456",
        "mot de passe: Zephyrine",
        "my password is hello2024",
        "MOT DE PASSE kader93200",
    ],
)
def test_a_password_beside_its_name_is_a_secret(text: str) -> None:
    assert kind_of(text) == "password"


@pytest.mark.parametrize(
    "text",
    [
        "mdp oublié",
        "mot de passe incorrect",
        "mot de passe svp!!!",
        "mdp/identifiant perdu",
        "mot-de-passe oublié",
        "mot de passe 8 caractères minimum",
        "identifiant 1234567A mdp oublié",
        "mdp oublié depuis 2024",
        "le 3949 demande un mot de passe 3949",
        "password not accepted 2 times",
    ],
)
def test_words_about_a_password_are_no_secret(text: str) -> None:
    assert kind_of(text) == "none"


def test_a_number_of_corsica_is_a_social_security_number() -> None:
    assert kind_of("273112A66284219") == "social"
    assert kind_of("2 91 10 2b 013 819 17") == "social"


def test_digits_of_another_script_are_read() -> None:
    assert kind_of("٤٥٣٤ ٨٠٥٨ ١٩٢٨ ٦٤٥٠") == "card"


def test_the_topic_beside_a_secret_is_kept() -> None:
    assert heard("mon mdp c Soleil2024 et sa marche pas").values == ("password", "signin.password")


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_number_with_a_wrong_key_is_no_social_security_number(number: int) -> None:
    digits = f"{number:015d}"
    right = 97 - int(digits[:13]) % 97
    if int(digits[13:]) != right:
        assert kind_of(digits) != "social"
