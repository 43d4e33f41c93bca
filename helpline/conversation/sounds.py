"""How a word sounds in French, so that words written by ear ("mo2pass", "randé vou") are found."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = str.maketrans(
    {"1": "un", "2": "de", "3": "troi", "4": "catr", "5": "sink", "6": "sis", "7": "set", "8": "uit", "9": "nef"}
)

# In order; what a rule writes in capitals is one sound that no later rule touches. A word without the letters behind
# a rule has nothing for it.
_RULES = tuple(
    (re.compile(pattern), sound, needed)
    for pattern, sound, needed in (
        (r"ph", "f", "ph"),
        (r"sch|sh|ch", "C", "h"),
        (r"tion|ssion|sion|cion|tiom|xion(?=s?$)", "siO", "io"),
        (r"(?<=[aeiouy])s(?=[aeiouy])", "z", "s"),
        (r"s?c(?=[eiy])|ss|ç", "s", ""),
        (r"qu|q|ck|cc|c|k", "K", ""),
        (r"gu(?=[eiy])", "G", "gu"),
        (r"g(?=[eiy])e?|j", "J", ""),
        (r"eaux?|au[xdt]?|ot$|o[sp]$", "o", ""),
        (r"ill(?=[aeiou])|il(?=l?e?s?$)(?<=[ae]il)", "Y", "il"),
        (r"oin", "wI", "oin"),
        (r"oi[stxe]*$|oi|oy", "wa", "o"),
        (r"oeu|eu", "E", "eu"),
        (r"ou[sxtp]?$|ou|oo", "U", "o"),
        (r"(?:ain|ein|aim|in|im|yn|ym)(?![aeiouynmAIOUEé])", "I", ""),
        (r"(?:an|en|am|em)(?![aeiouynmAIOUEé])", "A", ""),
        (r"(?:on|om)(?![aeiouynmAIOUEé])", "O", "o"),
        (r"(?:un|um)(?![aeiouynmAIOUEé])", "I", "u"),
        (r"ai[st]?|ei|ay|ey|er$|ez$|et$|ee", "é", ""),
    )
)
_SILENT = re.compile(r"(?<=..)e(?=[lmnrtvdsKJCG][aeiouAIOUE])")
_LETTERS = str.maketrans({"y": "i", "h": "", "w": "v"})
# What falls off the end of a word that ends in one of these letters.
_RULES_OF_ENDS = tuple(
    (re.compile(pattern), last)
    for pattern, last in (
        (r"(?<=.)(?:e?s|e?nt|e)$", "ste"),
        (r"(?<=..)[tdxspz]$", "tdxspz"),
        (r"(?<=..)é$", "é"),
    )
)


@lru_cache(maxsize=16384)
def sound_of(word: str) -> str:
    """The sounds of a normalised word, roughly: one key for "radié", "radier" and "radiez"."""
    if not word.isascii():
        return word
    word = word[:40].translate(_DIGITS)
    for pattern, sound, needed in _RULES:
        if needed in word:
            word = pattern.sub(sound, word)
    word = _without_doubles(word.translate(_LETTERS))
    for pattern, last in _RULES_OF_ENDS:
        if word[-1:] and word[-1] in last:
            word = pattern.sub("", word)
    if "e" in word[2:]:
        word = _SILENT.sub("", word)
    return _without_doubles(word)


def _without_doubles(word: str) -> str:
    """`word` with each run of one letter as that letter. A pattern for that takes three times as long."""
    last = single = ""
    for letter in word:
        if letter != last:
            single += letter
            last = letter
    return single
