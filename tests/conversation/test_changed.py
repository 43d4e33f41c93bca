"""A value with some fields changed is what `dataclasses.replace` makes of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.changed import changed
from helpline.conversation.session import Place, Session

SESSION = Session("fr", Place("menu"), trail=(Place("update", 1),), turn=4)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "language": st.sampled_from(["fr", "en"]),
        "place": st.sampled_from([Place("menu"), Place("update", 1)]),
        "turn": st.integers(0, 5),
        "trail": st.sampled_from([(), (Place("update", 1),)]),
    },
)


@given(CHANGES)
def test_it_is_what_the_library_makes(changes: dict[str, object]) -> None:
    assert changed(SESSION, **changes) == replace(SESSION, **changes)  # type: ignore[arg-type]


def test_where_nothing_changes_it_is_the_same_value() -> None:
    assert changed(SESSION, language="fr", turn=4) is SESSION


def test_there_is_no_other_field() -> None:
    with pytest.raises(AttributeError, match="colour"):
        changed(SESSION, colour="blue")
