"""A key or a choice is heard however it is written, and no text of any kind breaks the hearing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversation.hearing_corpus import heard

REGISTRATION = (
    ("1", "Qui peut s'inscrire"),
    ("2", "Préparer"),
    ("3", "Étape par étape"),
    ("4", "En agence"),
    ("5", "Après l'inscription"),
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("2", "2"),
        (" 2. ", "2"),
        ("n°2", "2"),
        ("touche 2", "2"),
        ("tapez 2", "2"),
        ("je choisis le 2 svp", "2"),
        ("deux", "2"),
        ("two", "2"),
        ("the second one", "2"),
        ("le deuxième", "2"),
        ("１", "1"),
        ("٢", "2"),
        ("۳", "3"),
        ("1️⃣", "1"),
        ("*", "*"),
        ("＃", "#"),
        ("0", "0"),
        ("00", "00"),
        ("0 0", "00"),
    ],
)
def test_a_key_is_heard_however_it_is_written(text: str, keys: str) -> None:
    assert heard(text).kind == "key"
    assert heard(text).values == tuple(keys)


@pytest.mark.parametrize(
    "text", ["12", "3949", "mo2pass", "jarrive ds 5 min", "rdv le 4 je peux pas", "1er rdv", "2 weeks sick"]
)
def test_a_digit_among_words_is_no_key(text: str) -> None:
    assert heard(text).kind != "key"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("préparer", "2"),
        ("etape par etape", "3"),
        ("en agense", "4"),
        ("le premier", "1"),
        ("la dernière", "5"),
        ("qui peut s'inscrire ?", "1"),
    ],
)
def test_the_words_of_a_choice_pick_it(text: str, key: str) -> None:
    assert heard(text, "fr", REGISTRATION).values == (key,)


@pytest.mark.parametrize("word", ["INFO", "CONTACT", "QUI"])
def test_the_words_for_who_we_are_work_whatever_the_choices_say(word: str) -> None:
    choices = [("1", "Qui peut s'inscrire"), ("2", "Vos informations"), ("3", "Contacter l'agence")]
    assert heard(word, "fr", tuple(choices)).values == ("about.us",)


def test_words_that_fit_two_choices_pick_neither() -> None:
    assert heard("inscription", "fr", REGISTRATION).kind == "topics"


@given(st.text(alphabet=st.characters(), max_size=1600))
def test_no_text_breaks_the_hearing(text: str) -> None:
    assert heard(text).kind


@given(
    st.lists(
        st.sampled_from(["stop", "mdp", "je", "pas", "2", "mourir", "mot", "de", "passe", "rdv", "\ud800", "٢", "oui"])
    )
)
def test_no_mixture_of_known_words_breaks_the_hearing(words: list[str]) -> None:
    assert heard(" ".join(words), "fr", REGISTRATION).kind


@pytest.mark.parametrize(
    "text",
    ["a " * 800, "mot " * 400, "stop " * 320, "x" * 1600, "1 " * 800, "mdp " * 400, "qwzrtplm " * 177, "é" * 1600],
)
def test_a_very_long_text_costs_no_more_than_its_length(text: str) -> None:
    heard(text)
    assert _seconds(text) < 0.1


def _seconds(text: str) -> float:
    best = 1.0
    for _ in range(3):
        start = time.perf_counter()
        heard(text)
        best = min(best, time.perf_counter() - start)
    return best


def test_a_spoken_number_may_sound_like_another_word() -> None:
    assert heard("sis", spoken=True).values == ("6",)
