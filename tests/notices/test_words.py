"""What a notice may say, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.menus import gsm7
from helpline.notices.words import LATEST, LONGEST, end_of, tidy, unknown_letters, why_no_end, why_refused
from tests.conftest import THURSDAY


@pytest.mark.parametrize(
    "text",
    [
        "Le site France Travail est en panne aujourd'hui. Le 3949 répond.",
        "3949 ne répond pas ce matin. Réessayez à 14h30 !",
        "L’agence est fermée le 24/12 : « bonnes fêtes »",
        "Ouvert de 9.30 à 12.15, etc.",
        "é" * LONGEST,
    ],
)
def test_a_plain_sentence_is_taken(text: str) -> None:
    assert why_refused(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("a" * (LONGEST + 1), "too_long"),
        ("€" * 81, "too_long"),  # each takes two places in a text
        ("Allez sur http://exemple.fr", "address"),
        ("Allez sur francetravail.fr", "address"),
        ("Allez sur www.exemple", "address"),
        ("Voyez exemple.FR/aide", "address"),
        ("Écrivez à aide@exemple", "address"),
        ("Voyez bit.ly/x1", "address"),
        ("Le site est en panne 🙁", "unknown"),
        ("Сайт не работает", "unknown"),
        ("Le service {service} ferme", "unknown"),
        ("Un\x07bip", "unknown"),
        ("1 Menu ferme", "choice"),
    ],
)
def test_what_callers_should_not_get_is_refused(text: str, why: str) -> None:
    assert why_refused(text) == why


def test_the_letters_that_no_phone_shows_are_named() -> None:
    assert unknown_letters("Un 🙁 {x}") == ("🙁", "{", "}")


def test_words_are_kept_on_one_line() -> None:
    assert tidy("  Le site\r\n\r\nest   en panne.\t") == "Le site est en panne."


@given(st.text(max_size=2 * LONGEST).map(tidy))
def test_whatever_is_taken_is_one_segment_and_arrives_as_letters(text: str) -> None:
    if why_refused(text) is None:
        sent = gsm7.to_gsm7(text)
        assert gsm7.segments(sent) == 1
        assert sent.count("?") == text.count("?")


def test_an_end_is_read_in_french_time() -> None:
    assert end_of("2026-12-03", "18:00") == datetime(2026, 12, 3, 17, tzinfo=UTC)
    assert end_of("2026-07-03", "18:00") == datetime(2026, 7, 3, 16, tzinfo=UTC)
    assert [end_of(*written) for written in (("", ""), ("2026-02-30", "18:00"), ("demain", "18:00"))] == [None] * 3


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (timedelta(seconds=1), None),
        (LATEST, None),
        (timedelta(), "past"),
        (timedelta(days=-1), "past"),
        (LATEST + timedelta(minutes=1), "too_far"),
    ],
)
def test_a_notice_ends_within_two_weeks(after: timedelta, why: str | None) -> None:
    assert why_no_end(THURSDAY + after, THURSDAY) == why


def test_a_notice_without_an_end_is_none() -> None:
    assert why_no_end(None, THURSDAY) == "no_end"
