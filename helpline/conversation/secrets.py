"""Secrets that callers must not send: passwords, social security numbers, bank cards. Found so as not to be kept."""

from __future__ import annotations

import re
from collections.abc import Collection

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.fr import nir

from helpline.conversation.normalise import LONGEST, normalise

_NIR = re.compile(r"(?<![0-9])[1-478](?:[ .\-/_]?[0-9]){4}[ .\-/_]?(?:[0-9][ .\-/_]?[0-9]|2[ .\-/_]?[ab])(?:[ .\-/_]?[0-9]){8}(?![0-9])", re.I)
_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ .\-/_]{0,2}[0-9]){12,18}(?![0-9])")
_KEY_WORD = re.compile(r"(?<=[0-9])\s*,?\s*cl(?:é|e|É|ef)\s*:?\s*(?=[0-9]{2})", re.I)
_TOKEN = re.compile(r"\S+")


def secret_in(text: str, words: Collection[str], followers: Collection[str]) -> str:
    """The kind of secret in `text`: social, card, password, or nothing.

    `words` are the ways to say "password", `followers` the words after it that are no password.
    """
    text = "".join(str(_digit(character)) for character in text[:LONGEST])
    for found in _NIR.finditer(_KEY_WORD.sub(" ", text)):
        if _is_nir(found[0]):
            return "social"
    for found in _DIGITS.finditer(text):
        digits = re.sub(r"[^0-9]", "", found[0])
        if luhn.is_valid(digits) and len(set(digits)) > 1:
            return "card"
    return "password" if _password_in(text, words, followers) else ""


def _digit(character: str) -> str:
    return character if character.isascii() or not character.isdecimal() else normalise(character)


def _is_nir(text: str) -> bool:
    try:
        nir.validate(re.sub(r"[ .\-/_]", "", text).upper())
    except ValidationError:
        return False
    return True


def _password_in(text: str, words: Collection[str], links: Collection[str]) -> bool:
    """Whether a made-up word stands beside a word for "password", with nothing but small words between."""
    written = _TOKEN.findall(re.sub(r"(?<=[^\W\d])\s*[:=]\s*", " : ", text))[:300]
    plain = [normalise(word).replace(" ", "") for word in written]
    for at in range(len(plain)):
        for end in range(at + 1, min(len(plain), at + 3) + 1):
            if "".join(plain[at:end]) not in words:
                continue
            after = _beyond(plain, range(end, min(len(plain), end + 6)), links)
            before = _beyond(plain, range(at - 1, max(-1, at - 5), -1), links)
            if after >= 0 and _made_up(written[after]):
                return True
            if 0 <= before < at - 1 and _made_up(written[before]):
                return True
    return False


def _beyond(plain: list[str], places: range, links: Collection[str]) -> int:
    """The first of `places` whose word is no link between "password" and its value; -1 if there is none."""
    return next((at for at in places if plain[at] and plain[at] not in links), -1)


def _made_up(word: str) -> bool:
    """Whether `word` looks like a password: letters with digits or signs in them, or a row of digits."""
    word = word.strip(".,;()\"'«»")
    letters = sum(character.isalpha() for character in word)
    digits = sum(character.isdecimal() for character in word)
    signs = len(re.findall(r"[#$%&*@_+=!?/\\-]", word.rstrip("!?")))
    if digits and not letters:
        return len(word) == digits and digits >= 4 and word != "3949"
    return len(word) >= 5 and (digits >= 2 or (digits >= 1 and letters >= 4) or (signs >= 1 and letters >= 3 and "*#@$%&_".find(_sign(word)) >= 0))


def _sign(word: str) -> str:
    """The first sign in `word` that people do not write in a sentence; a blank if there is none."""
    return next((character for character in word if character in "*#@$%&_"), " ")
