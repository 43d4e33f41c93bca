"""Numbers under seal."""

from __future__ import annotations

import pytest

from helpline.records.sealing import Seals, UnknownKey, key_mark
from tests.records.filled import KEY, OTHER_KEY

NUMBER = "+33639980001"


def test_a_sealed_number_opens_and_does_not_show() -> None:
    seals = Seals([KEY])
    sealed = seals.seal(NUMBER)
    assert seals.open(sealed.number) == NUMBER
    assert NUMBER[3:] not in sealed.number
    assert sealed.key == key_mark(KEY)


def test_the_same_number_never_looks_the_same() -> None:
    assert Seals([KEY]).seal(NUMBER).number != Seals([KEY]).seal(NUMBER).number


def test_every_key_opens_and_the_first_one_seals() -> None:
    old = Seals([KEY]).seal(NUMBER)
    both = Seals([OTHER_KEY, KEY])
    assert both.open(old.number) == NUMBER
    assert both.seal(NUMBER).key == key_mark(OTHER_KEY)
    assert Seals([OTHER_KEY]).open(both.seal(NUMBER).number) == NUMBER


def test_a_number_under_a_lost_key_says_what_to_do() -> None:
    with pytest.raises(UnknownKey, match="add it again"):
        Seals([OTHER_KEY]).open(Seals([KEY]).seal(NUMBER).number)


def test_a_mark_tells_keys_apart_and_says_nothing_of_them() -> None:
    assert key_mark(KEY) != key_mark(OTHER_KEY)
    assert len(key_mark(KEY)) == 8
    assert key_mark(KEY) not in KEY
