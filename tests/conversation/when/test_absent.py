"""A text that surely names no day is told by its words; of any that does name one, it never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.normalise import words_of
from helpline.conversation.when import names_no_day, when_in
from tests.conversation.when.written import LANGUAGES, at, every_day, listed, ten_ways_in_english, ten_ways_in_french

NOW = at(2026, 11, 22)
WORDS = listed(
    "le la un une premier 1er lundi mardi mars mai mercredi soir matin midi demain aujourd'hui tonight one two may "
    "march sat sun the first of in dans jours days semaine next prochain fin end rdv titre non oui stop vingt "
    "deux 12 12/12 14h30 3 2027 decembre dec. december hier yesterday après-demain noon minuit"
)


def told(text: str) -> bool:
    return names_no_day(text, words_of(text), LANGUAGES)


def test_no_way_to_write_a_day_is_taken_for_none() -> None:
    days = every_day()[::7]
    assert [text for day in days for text in (*ten_ways_in_french(day), *ten_ways_in_english(day)) if told(text)] == []


@given(st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join) | st.text(max_size=40))
def test_where_it_is_told_none_is_found(text: str) -> None:
    if told(text):
        when, left = when_in(text, NOW, LANGUAGES)
        assert (when.problem, tuple(left.split())) == ("none", words_of(text))


@pytest.mark.parametrize("text", ["menu", "mot de passe oublié", "STOP", "je n'ai pas de wifi", "ok merci"])
def test_of_usual_texts_it_is_told(text: str) -> None:
    assert told(text)
