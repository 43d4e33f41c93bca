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
_WRITTEN_NOT, _MORE_OF_NOT = re.compile("n['`]t", re.I), 4  # "won't" is "will not"
# Letters that are never joined with the one before them, so that a text may be cut there.
_APART = re.compile("[\0-\u02ff\u3300-\u33ff\ufb50-\ufdff]")
_PIECE = 100
_NOT_LATIN = re.compile("[^\0-\u024fḀ-ỿａ-ｚ]+")
_APOSTROPHES = "’‘‛`´ʼʹ＇′‵"
_ONE_FORM = _ARABIC | str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))


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
_PLAIN_ASCII = str.maketrans({sign: _plain(sign.lower().translate(_ONE_FORM)) for sign in _ASCII})


def normalise(text: str) -> str:
    """`text` in lower case without accents, signs, emoji or doubled spaces; apostrophes become spaces."""
    return uncut(text)[0][:LONGEST]


def joined(word: str) -> str:
    """A word, normalised, without the signs in it."""
    if word.isascii() and word.isalnum():  # as most are
        return _DRAWN_OUT.sub(r"\1\1", word.lower())
    return normalise(word).replace(" ", "")


def uncut(text: str) -> tuple[str, bool]:
    """What `normalise` makes of a text before that is cut to what is read; and whether it is all of it."""
    text = text[:LONGEST]
    text, whole = (text.translate(_PLAIN_ASCII), True) if text.isascii() else _plain_text(text)
    if "'" in text:
        text = _NOT.sub(lambda found: f" {_FULL_NOT.get(found[1] or '', 'not')}", text).replace("'", " ")
    return _DRAWN_OUT.sub(r"\1\1", " ".join(text.split())), whole


def _plain_text(text: str) -> tuple[str, bool]:
    text, whole = compatible(text.encode("utf-8", "ignore").decode("utf-8"))
    text = text.casefold().translate(_ONE_FORM)
    return "".join(map(_plain, unicodedata.normalize("NFC", text))), whole


def compatible(text: str) -> tuple[str, bool]:
    """The first letters of `text` in their usual form, NFKC, as many as are read; and whether these are all."""
    pieces: list[str] = []
    begins = size = 0
    while begins < len(text) and size < LONGEST:
        cut = _APART.search(text, begins + _PIECE)
        ends = cut.start() if cut else len(text)
        pieces.append(unicodedata.normalize("NFKC", text[begins:ends]))
        begins, size = ends, size + len(pieces[-1])
    return "".join(pieces)[:LONGEST], begins == len(text) and size <= LONGEST  # one letter may become eighteen


def is_whole(text: str) -> bool:
    """Whether nothing of `text` is cut off when it is normalised, however many letters its letters become."""
    if _MOST_OF_ANY * len(text) <= LONGEST:
        return True
    if text.isascii():
        return len(text) + _MORE_OF_NOT * len(_WRITTEN_NOT.findall(text)) <= LONGEST
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
    letters = "".join(filter(str.isalpha, text[:LONGEST]))
    return 2 * len(_NOT_LATIN.sub("", letters)) >= len(letters)
