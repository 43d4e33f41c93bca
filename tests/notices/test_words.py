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
        ("Voyez x.y/z", "address"),
        ("Voyez exemple point fr", "address"),
        ("Voyez exemple .com", "address"),
        ("Voyez 192.168.0.1", "address"),
        ("Appelez le 0899 70 00 00", "number"),
        ("Appelez le 0 825 12 34 56.", "number"),
        ("Appelez le 3949 0899700000", "number"),
        ("Appelez le +33 8 99 70 00 00", "number"),
        ("Appelez le +44 20 7946 0000", "number"),
        ("Appelez le 0044 20 7946 0000", "number"),
        ("Écrivez au 36180.", "number"),
        ("Écrivez au 36 180.", "number"),
        ("Appelez le 3200", "number"),
        ("Appelez le 32 00", "number"),
        ("Appelez le 118 218", "number"),
    ],
)
def test_what_callers_should_not_get_is_refused(text: str, why: str) -> None:
    assert why_refused(text) == why


@pytest.mark.parametrize(
    "text",
    [
        "Le 3949, le 39 49, le 3919 et le 3114 répondent.",
        "Danger : 112, 15, 17, 18, 114 ou 115.",
        "Appelez le 01 33 44 55 66 ou le 01.33.44.55.66.",
        "Appelez le +33 1 99 00 12 34, ou gratuitement le 0800 12 34 56.",
        "Fermé du 24/12/2026 au 03/01/2027, de 12h30 à 13:30.",
        "Il reste 3 places sur 1500.",
    ],
)
def test_numbers_that_cost_nothing_more_are_taken(text: str) -> None:
    assert why_refused(text) is None


def test_the_numbers_of_the_settings_are_taken() -> None:
    ours = ("38123", "+33899700000", "")
    for text in ("Écrivez au 38123.", "Appelez le 0899 70 00 00."):
        assert why_refused(text) == "number"
        assert why_refused(text, ours) is None
    assert why_refused("Écrivez au 36180.", ours) == "number"


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
