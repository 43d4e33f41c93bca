"""A caller's text made plain: one case, one form of each letter and digit, words with single spaces between."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 1600  # The carrier joins the parts of a long SMS up to this many characters.

_ARABIC = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ة": "ه",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ئ": "ي",
        "ک": "ك",
        "ګ": "گ",
        "ؤ": "و",
        "ـ": None,
    }
)
_FOLDED = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ð": "d", "þ": "th"})
# Signs that say something by themselves; every other sign becomes a space.
_SAYING = {"👍": "👍", "👌": "👍", "🙏": "👍", "👏": "👍", "❤": "👍", "🔟": "10"}
_NOT = re.compile(r"\b(ca|wo|sha)?n't\b|n't\b")
_FULL_NOT = {"ca": "can not", "wo": "will not", "sha": "shall not"}
_DRAWN_OUT = re.compile(r"(\D)\1{2,}")
_DOUBLED = re.compile(r"(\D)\1+")
# How many letters one may become: of those up to the usual signs of print, and of any.
_MOST_OF_WESTERN, _MOST_OF_ANY = 4, 18
_FIRST_OF_MANY = "\u2057"
_APOSTROPHES = re.compile("[’‘‛`´ʼʹ＇′‵]")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """One character in its plain form; a space for whatever is no letter and no digit."""
    if character in _SAYING:
        return f" {_SAYING[character]} "
    if character == "'":
        return "'"
    number = unicodedata.digit(character, None)
    if number is not None:
        return str(number)
    category = unicodedata.category(character)
    if category[0] == "L":
        bare = unicodedata.normalize("NFD", character)[0]
        if bare < "ɐ":  # Only Latin letters lose their accents: й is no и, é is an e.
            character = bare
        return character.translate(_FOLDED)
    if category in ("Mn", "Me"):
        return "" if unicodedata.name(character, "").startswith(("ARABIC", "COMBINING", "VARIATION")) else character
    if category == "Mc":
        return character
    if category == "Cf" and character != "\u200c":  # A zero-width non-joiner stands between two Persian words.
        return ""
    return " "


_ASCII = "".join(map(chr, range(128)))
_PLAIN_ASCII = str.maketrans({sign: _plain(_APOSTROPHES.sub("'", sign).lower()) for sign in _ASCII})


def normalise(text: str) -> str:
    """`text` in lower case without accents, signs, emoji or doubled spaces; apostrophes become spaces."""
    text = text[:LONGEST]
    text = text.translate(_PLAIN_ASCII) if text.isascii() else _plain_text(text)
    if "'" in text:
        text = _NOT.sub(lambda found: f" {_FULL_NOT.get(found[1] or '', 'not')}", text).replace("'", " ")
    return _DRAWN_OUT.sub(r"\1\1", " ".join(text.split()))[:LONGEST]


def _plain_text(text: str) -> str:
    text = text.encode("utf-8", "ignore").decode("utf-8")
    text = unicodedata.normalize("NFKC", text)[:LONGEST].casefold()  # one letter may become eighteen
    text = _APOSTROPHES.sub("'", text).translate(_ARABIC)
    return "".join(map(_plain, unicodedata.normalize("NFC", text)))


def is_whole(text: str) -> bool:
    """Whether nothing of `text` is cut off when it is normalised, however many letters its letters become."""
    if text.isascii() and "'" not in text and "`" not in text:
        return len(text) <= LONGEST
    most = _MOST_OF_WESTERN if max(text) < _FIRST_OF_MANY else _MOST_OF_ANY
    return most * len(text) <= LONGEST


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text`, normalised."""
    return tuple(normalise(text).split())


def words_in(entries: Iterable[str]) -> frozenset[str]:
    """Every word of `entries`, normalised."""
    return frozenset(word for entry in entries for word in words_of(entry))


def phrases_in(entries: Iterable[str]) -> tuple[str, ...]:
    """`entries`, normalised, each once and in their order; what has no words is left out."""
    return tuple(dict.fromkeys(filter(None, map(normalise, entries))))


@lru_cache(maxsize=4096)
def squeezed(word: str) -> str:
    """`word` with every doubled letter once: "stopp" and "stop" are one."""
    return _DOUBLED.sub(r"\1", word)


def is_latin(text: str) -> bool:
    """Whether most letters of `text` are Latin; true of a text without letters."""
    if text.isascii() or max(text) < "ɐ":
        return True
    letters = [character for character in text[:LONGEST] if character.isalpha()]
    latin = sum(1 for character in letters if character < "ɐ" or "Ḁ" <= character <= "ỿ" or "ａ" <= character <= "ｚ")
    return 2 * latin >= len(letters)
