"""Numbers in words up to 59, as speech recognition writes them, in French and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_ONES = (
    "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth",
)
_TENS = ("vingt trente quarante cinquante", "twenty thirty forty fifty")

ORDINALS: Mapping[str, int] = {
    **{word: number for words in _ORDINALS for number, word in enumerate(words.split(), 1)},
    **{"premier": 1, "premiere": 1, "twentieth": 20, "thirtieth": 30},
}
ONES: Mapping[str, int] = {
    **{word: number for words in _ONES for number, word in enumerate(words.split(), 1)},
    **{"une": 1, "zero": 0},
}
TENS: Mapping[str, int] = {word: 10 * number for words in _TENS for number, word in enumerate(words.split(), 2)}
_TEN_AND = {"sept": 17, "huit": 18, "neuf": 19}
_THOUSANDS = {("deux", "mille"), ("deux", "mil"), ("two", "thousand")}


def number_at(words: Sequence[str], at: int) -> tuple[int, bool, int] | None:
    """The number that begins at `at`: its value, whether it is an ordinal, and how many words it takes."""
    if tuple(words[at : at + 2]) in _THOUSANDS:
        rest = _below_sixty(words, at + 3 if words[at + 2 : at + 3] == ["and"] else at + 2)
        return (2000 + rest[0], False, rest[2]) if rest else (2000, False, at + 2)
    return _below_sixty(words, at)


def _below_sixty(words: Sequence[str], at: int) -> tuple[int, bool, int] | None:
    if at >= len(words):
        return None
    word = words[at]
    after = words[at + 1] if at + 1 < len(words) else ""
    if word in ORDINALS:
        return ORDINALS[word], True, at + 1
    if word == "dix" and after in _TEN_AND:
        return _TEN_AND[after], False, at + 2
    if word in ONES:
        return ONES[word], False, at + 1
    if word not in TENS:
        return None
    beside = at + 2 if after == "et" and words[at + 2 : at + 3] in (["un"], ["une"]) else at + 1
    unit = words[beside] if beside < len(words) else ""
    if 1 <= ONES.get(unit, 0) <= 9:
        return TENS[word] + ONES[unit], False, beside + 1
    if beside == at + 1 and 1 <= ORDINALS.get(unit, 0) <= 9:
        return TENS[word] + ORDINALS[unit], True, beside + 1
    return TENS[word], False, at + 1
