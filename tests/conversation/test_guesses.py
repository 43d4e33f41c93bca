"""What a written word may mean: the surest kind of likeness that there is, and no other."""

from __future__ import annotations

import pytest

from helpline.conversation.guesses import guesses_among

VOCABULARY = frozenset({"actualisation", "radier", "inscription", "rendez", "recevoir"})
KNOWN = frozenset({"vendez", "recevrai"})


def meant(word: str) -> list[str]:
    return [guess.word for guess in guesses_among(VOCABULARY, KNOWN, lambda word: word.removesuffix("s"))(word)]


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("radier", "radier"),
        ("inscriptions", "inscription"),
        ("radierr", "radier"),
        ("radiez", "radier"),
        ("resevoir", "recevoir"),
        ("lactualisation", "actualisation"),
        ("quinscription", "inscription"),
        ("actualsiation", "actualisation"),
        ("actualsiatoin", "actualisation"),
        ("dactualsiation", "actualisation"),
    ],
)
def test_a_word_is_found_by_form_sound_or_slip(written: str, word: str) -> None:
    assert meant(written) == [word]


@pytest.mark.parametrize("written", ["vendez", "recevrai", "re", "zzzz", "", "x" * 1600])
def test_a_word_that_is_right_as_it_is_or_like_none_means_nothing_else(written: str) -> None:
    assert meant(written) == []


def test_the_less_a_word_is_alike_the_less_likely_it_is() -> None:
    guesses = guesses_among(VOCABULARY, KNOWN, lambda word: word.removesuffix("s"))
    likeness = [guesses(word)[0].likeness for word in ("radier", "radierr", "radiez", "actualsiation", "actualsiatoin")]
    assert likeness == sorted(set(likeness), reverse=True)
