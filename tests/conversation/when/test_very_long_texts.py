"""A text that is far longer than any note of a date holds none, and costs little to look through."""

from datetime import UTC, datetime

import pytest

from helpline.conversation.when import hear_when, when_in
from helpline.conversation.when.hearing import MOST_TOKENS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOTE = "rdv le 12/12 à 14h30 "


@pytest.mark.parametrize("more", ["svp ", "1. ", "le 1 de 2 du 3 a 4h "])
def test_a_date_in_a_very_long_text_is_no_note_of_one(more: str) -> None:
    when, left = when_in(NOTE + more * MOST_TOKENS, NOW)
    assert when.problem == "none"
    assert left.startswith("rdv le 12 12 a 14h30")


def test_a_date_in_a_long_text_still_is() -> None:
    assert when_in(NOTE + "avec mon conseiller et mes papiers " * 8, NOW)[0].day is not None


def test_an_answer_to_a_question_may_be_as_long_as_a_text_can_be() -> None:
    assert hear_when("bonjour " * 150 + "12/12", "day", NOW).day is not None
