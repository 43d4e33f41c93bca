"""One form for every way to write a letter, a digit, an apostrophe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.conversation.normalise import LONGEST, is_latin, normalise, squeezed
from helpline.conversation.sounds import sound_of


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("l'aide", "l aide"),
        ("l’aide", "l aide"),
        ("ARRÊT", "arret"),
        ("e\u0301te\u0301", "ete"),
        ("ＳＴＯＰ", "stop"),
        ("stopppp !!!", "stopp"),
        ("Cœur, æther", "coeur aether"),
        ("١٢٣", "123"),
        ("۴۵", "45"),
        ("1️⃣", "1"),
        ("①", "1"),
        ("  deux\t\nmots ", "deux mots"),
        ("a\x00b", "a b"),
        ("\u200fstop\u200e", "stop"),
        ("so\u00adleil", "soleil"),
        ("don't, can't, won't", "do not can not will not"),
        ("👍 ok", "👍 ok"),
        ("😀", ""),
        ("\ud800salut", "salut"),
    ],
)
def test_text_is_made_plain(written: str, plain: str) -> None:
    assert normalise(written) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إيقاف", "ايقاف"),
        ("كلمة", "كلمه"),
        ("مستشفى", "مستشفي"),
        ("کمک", "كمك"),
        ("یک", "يك"),
        ("مُحَمَّد", "محمد"),
        ("ثبت‌نام", "ثبت نام"),
    ],
)
def test_arabic_letters_have_one_form(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_only_latin_letters_lose_their_accents() -> None:
    assert normalise("Й") == "й"
    assert normalise("Ё") == "ё"


def test_doubled_letters_are_squeezed_but_digits_are_not() -> None:
    assert squeezed("stopp") == squeezed("stop")
    assert squeezed("00") == "00"


@pytest.mark.parametrize("words", ["radie radier radiez", "kan quand", "koi quoi", "idantifiant identifiant"])
def test_words_written_by_ear_sound_alike(words: str) -> None:
    assert len({sound_of(word) for word in words.split()}) == 1


def test_the_script_of_most_letters_counts() -> None:
    assert is_latin("bonjour سلام")
    assert not is_latin("السلام rdv")
    assert is_latin("123 !")


@given(st.text(alphabet=st.characters()))
def test_any_text_has_a_plain_form_that_stays_plain(text: str) -> None:
    plain = normalise(text)
    assert len(plain) <= LONGEST
    assert "  " not in plain
    assert plain == plain.strip()
    assert isinstance(sound_of(plain[:40]), str)
