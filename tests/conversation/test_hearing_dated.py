"""A text with the date of a thing that we remind of is that; a question that holds a date is none."""

from __future__ import annotations

from datetime import datetime

import pytest

from helpline.conversation.hearing import hear
from helpline.menus.windows import PARIS
from tests.conversation.hearing_corpus import Row, ears, rows

A_MONDAY = datetime(2026, 11, 23, 10, 15, tzinfo=PARIS)


@pytest.mark.parametrize("language", ["", "fr", "en"])
@pytest.mark.parametrize("row", rows("dated"), ids=lambda row: row.text)
def test_a_date_is_noted_only_beside_the_name_of_its_thing(row: Row, language: str) -> None:
    said = hear(ears(), row.text, language, now=A_MONDAY)
    noted = said.values[0] if said.kind == "dated" else ""
    assert noted == row.cells[1]
