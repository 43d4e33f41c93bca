"""Secrets that callers must not send: passwords, social security numbers, bank cards. Found so as not to be kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.fr import nir

from helpline.conversation.normalise import LONGEST, joined, uncut

_NIR = re.compile(
    r"(?<![0-9])[1-478](?:[ .\-/_]?[0-9]){4}"
    r"[ .\-/_]?(?:[0-9][ .\-/_]?[0-9]|2[ .\-/_]?[ab])(?:[ .\-/_]?[0-9]){8}(?![0-9])",
    re.I,
)
_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ .\-/_]{0,2}[0-9]){12,18}(?![0-9])")
_KEY_WORD = re.compile(r"(?<=[0-9])\s*,?\s*cl(?:é|e|É|ef)\s*:?\s*(?=[0-9]{2})", re.I)
_SOCIAL = re.compile(r"\b(?:secu|securite sociale|social security|nir|vitale|ssn)\b")
_CARD = re.compile(r"\b(?:carte|card|cb)\b")
_CODE = re.compile(r"\b(?:mon|le|my|the) code (?:c est|est|is|c|s) ([0-9 ]{4,9})$")
_AROUND = ".,;()\"'«»"
_NO_PASSWORD = frozenset({"3949", "33700"})
_SAYS = frozenset({"est", "cest", "c", "is", "its"})
# Passwords of letters alone that people choose most; other words after "mot de passe" are more often a question.
_OFTEN_CHOSEN = frozenset(
    {"azerty", "azertyuiop", "qwerty", "soleil", "doudou", "loulou", "marseille", "chouchou", "sunshine", "iloveyou"}
    | {"jetaime", "nicolas", "camille", "princesse", "football", "letmein"}
)
SHORTEST = 5  # characters of a password that is no row of digits
MOST_TOKENS = 300
_TOKEN = re.compile(r"\S+")
_DECIMAL = re.compile(r"\d")
_FEWEST = 13  # digits of a card or a social security number


def secret_in(
    text: str,
    words: frozenset[str],
    links: Collection[str],
    knows: Callable[[str], bool],
    plain: tuple[str, bool] | None = None,
) -> str:
    """The kind of secret in `text`: social, card, password, or nothing.

    `words` are the ways to say "password", `links` the words between it and its value; `knows` tells whether a word
    is a word of a language, and so no password. `plain` is what `uncut` makes of the text, if that is known.
    """
    text = text[:LONGEST]
    said, is_all = plain or uncut(text)
    if not text.isascii():
        text = _DECIMAL.sub(lambda found: str(unicodedata.decimal(found[0])), text)
    number = _number_in(text) if len(_DECIMAL.findall(text)) >= _FEWEST else ""
    if number:
        return number
    if (not is_all or _names_password(said, words)) and _password_in(text, words, links, knows):
        return "password"
    return _named_number(text, said[:LONGEST])


def _number_in(text: str) -> str:
    """The kind of a number that its digits prove."""
    for number in dict.fromkeys(found[0] for found in _NIR.finditer(_KEY_WORD.sub(" ", text))):
        if _is_nir(number):
            return "social"
    for number in dict.fromkeys(found[0] for found in _DIGITS.finditer(text)):
        digits = re.sub(r"[^0-9]", "", number)
        if len(set(digits)) > 1 and luhn.is_valid(digits):
            return "card"
    return ""


def _named_number(text: str, said: str) -> str:
    """A long number that its sender calls a card or a social security number, one digit of it mistyped; a code."""
    if not _DECIMAL.search(text) and not _DECIMAL.search(said):
        return ""
    counts = [len(_DECIMAL.findall(found[0])) for found in _DIGITS.finditer(text)]
    is_social, is_card = bool(counts and _SOCIAL.search(said)), bool(counts and _CARD.search(said))
    for count in counts:
        if is_social and count in (13, 15):
            return "social"
        if is_card and count >= 15:
            return "card"
    code = _CODE.search(said)
    return "password" if code and code[1].replace(" ", "") not in _NO_PASSWORD else ""


def _is_nir(text: str) -> bool:
    try:
        nir.validate(re.sub(r"[ .\-/_]", "", text).upper())
    except ValidationError:
        return False
    return True


def _names_password(plain: str, words: frozenset[str]) -> bool:
    """Whether the letters of a word for "password" stand side by side in a text."""
    letters = plain.replace(" ", "")
    return any(word in letters for word in _shortest(words))


@lru_cache(maxsize=8)
def _shortest(words: frozenset[str]) -> tuple[str, ...]:
    """Those of `words` that hold no other one of them."""
    return tuple(word for word in words if not any(other in word for other in words if other != word))


@lru_cache(maxsize=8)
def _beginnings(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word[:end] for word in words for end in range(len(word) + 1))


def _password_in(text: str, words: frozenset[str], links: Collection[str], knows: Callable[[str], bool]) -> bool:
    """Whether a made-up word stands beside a word for "password", with nothing but small words between."""
    written = _TOKEN.findall(re.sub(r"(?<=[^\W\d])\s*[:=]\s*", " : ", text))[:MOST_TOKENS]
    beginnings = _beginnings(words)
    plain = list(map(joined, written))
    for at in (place for place, word in enumerate(plain) if word in beginnings):
        for end in range(at + 1, min(len(plain), at + 3) + 1):
            if "".join(plain[at:end]) not in words:
                continue
            after = _beyond(plain, range(end, min(len(plain), end + 6)), links)
            before = _beyond(plain, range(at - 1, max(-1, at - 5), -1), links)
            if after >= 0 and (_made_up(written[after]) or _named(written, plain, end, after, knows)):
                return True
            if 0 <= before < at - 1 and _made_up(written[before]):
                return True
    return False


def _beyond(plain: list[str], places: range, links: Collection[str]) -> int:
    """The first of `places` whose word is no link between "password" and its value; -1 if there is none."""
    return next((at for at in places if plain[at] and plain[at] not in links), -1)


def _named(written: list[str], plain: list[str], end: int, after: int, knows: Callable[[str], bool]) -> bool:
    """Whether a strange word of letters is given as the password: after a colon, or last and with a capital."""
    word, last = written[after].strip(_AROUND), after >= len(written) - 1
    if plain[after] in _OFTEN_CHOSEN:
        return True
    if len(plain[after]) < SHORTEST or not plain[after].isalpha() or knows(plain[after]):
        return False
    said_to_be = not _SAYS.isdisjoint(plain[end:after])
    return ":" in written[end:after] or (last and (word.istitle() or said_to_be))


def _made_up(word: str) -> bool:
    """Whether `word` looks like a password: letters with digits or signs in them, or a row of digits."""
    word = word.strip(_AROUND)
    letters, digits = sum(map(str.isalpha, word)), sum(map(str.isdecimal, word))
    if digits and not letters:
        return len(word) == digits and digits >= 4 and word not in _NO_PASSWORD and not re.fullmatch("20[0-9]{2}", word)
    if len(word) < SHORTEST:
        return False
    return digits >= 2 or (digits == 1 and letters >= 4) or (letters >= 3 and any(sign in word for sign in "*#@$%&_"))
