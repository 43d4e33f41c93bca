"""How a word sounds in French, so that words written by ear ("mo2pass", "randé vou") are found."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = str.maketrans(
    {"1": "un", "2": "de", "3": "troi", "4": "catr", "5": "sink", "6": "sis", "7": "set", "8": "uit", "9": "nef"}
)

# In order; what a rule writes in capitals is one sound that no later rule touches.
_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"sch|sh|ch", "C"),
        (r"tion|ssion|sion|cion|tiom|xion(?=s?$)", "siO"),
        (r"(?<=[aeiouy])s(?=[aeiouy])", "z"),
        (r"s?c(?=[eiy])|ss|ç", "s"),
        (r"qu|q|ck|cc|c|k", "K"),
        (r"gu(?=[eiy])", "G"),
        (r"g(?=[eiy])e?|j", "J"),
        (r"eaux?|au[xdt]?|ot$|o[sp]$", "o"),
        (r"ill(?=[aeiou])|il(?=l?e?s?$)(?<=[ae]il)", "Y"),
        (r"oin", "wI"),
        (r"oi[stxe]*$|oi|oy", "wa"),
        (r"oeu|eu", "E"),
        (r"ou[sxtp]?$|ou|oo", "U"),
        (r"(?:ain|ein|aim|in|im|yn|ym)(?![aeiouynmAIOUEé])", "I"),
        (r"(?:an|en|am|em)(?![aeiouynmAIOUEé])", "A"),
        (r"(?:on|om)(?![aeiouynmAIOUEé])", "O"),
        (r"(?:un|um)(?![aeiouynmAIOUEé])", "I"),
        (r"ai[st]?|ei|ay|ey|er$|ez$|et$|ee", "é"),
    )
)
_LETTERS = str.maketrans({"y": "i", "h": "", "w": "v"})
_RULES_OF_ENDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(?<=.)(?:e?s|e?nt|e)$", ""),
        (r"(?<=..)[tdxspz]$", ""),
        (r"(?<=..)é$", ""),
        (r"(?<=..)e(?=[lmnrtvdsKJCG][aeiouAIOUE])", ""),
    )
)


@lru_cache(maxsize=16384)
def sound_of(word: str) -> str:
    """The sounds of a normalised word, roughly: one key for "radié", "radier" and "radiez"."""
    if not word.isascii():
        return word
    word = word[:40].translate(_DIGITS)
    for pattern, sound in _RULES:
        word = pattern.sub(sound, word)
    word = _without_doubles(word.translate(_LETTERS))
    for pattern, sound in _RULES_OF_ENDS:
        word = pattern.sub(sound, word)
    return _without_doubles(word)


def _without_doubles(word: str) -> str:
    """`word` with each run of one letter as that letter. A pattern for that takes three times as long."""
    last = single = ""
    for letter in word:
        if letter != last:
            single += letter
            last = letter
    return single
