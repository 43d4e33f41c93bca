"""A text as tokens: numbers, words, and the signs that stand between the parts of a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpline.conversation.normalise import LONGEST, compatible, normalise
from helpline.conversation.when.number_words import number_at

MOST_TOKENS = 120  # words, numbers and signs of a text that may name an appointment
_DASHES = re.compile("[‐-―−⁃]")
_SLASHES = re.compile("[∕؍]")
_SIGN = re.compile(r"[/.:,\-%€$£]")
# Letters of Yi, which nobody here writes: they come through `normalise` in the place of the signs.
SIGNS = "ꀀꀁꀂꀃꀄꀅꀆꀇꀈ"
_KEPT = str.maketrans("/.:,-%€$£" + SIGNS, SIGNS + " " * len(SIGNS))
_SIGNS = str.maketrans(SIGNS, "/.:,-%€$£")
_TOKEN = re.compile(r"\d+|[/.:,\-%€$£]|[^\s\d/.:,\-%€$£]+")
_BETWEEN_WORDS = re.compile(r"(?<!\d)(?<!\d )-(?! ?\d)|-(?! ?\w)|(?<!\w)(?<!\w )-")
_STOPS = re.compile(r"(?<!\d)[.,:]|[.,](?!\d)|:(?! ?\d)")
_RUN = re.compile(r"(?<![\d/:])\d(?:[ .\-]?(?:\d|[ab](?=[ .\-]?\d)))*")
_DATE_RUN = re.compile(
    r"(?:\d{1,2}([ .\-])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d([ .\-])\d{1,2}\2\d{1,2}|\d{1,2}([.\-])\d{1,2}\3\d\d(?= ))"
    r"(?: \d{1,2}(?:[ .]?\d\d)?)?"
)
_LONG_RUN = 9  # digits: a phone number, a social security number, a card
_LONGEST_DAY = 8  # digits of a day without signs
_GLUED = {"main": "demain", "moro": "tomorrow", "morrow": "tomorrow"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign or a number; `start` and `end` are where it stands in the plain text."""

    text: str
    start: int
    end: int
    number: int = -1
    ordinal: bool = False
    digits: int = 0  # how many; 0 of a number in words

    @property
    def is_number(self) -> bool:
        """Whether it is a number."""
        return self.number >= 0


NOTHING = Token("", 0, 0)


class Tokens:
    """The tokens of a text; beyond both ends stands NOTHING."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self._tokens = tuple(_tokens_of(plain))

    def __len__(self) -> int:
        return len(self._tokens)

    def at(self, place: int) -> Token:
        """The token at `place`."""
        return self._tokens[place] if 0 <= place < len(self._tokens) else NOTHING

    def text(self, place: int) -> str:
        """The word or sign at `place`."""
        return self._tokens[place].text if 0 <= place < len(self._tokens) else ""

    def glued(self, place: int) -> bool:
        """Whether nothing stands between the token at `place` and the one before."""
        return 0 < place < len(self) and self.at(place - 1).end == self.at(place).start

    def are(self, place: int, *words: str) -> bool:
        """Whether exactly `words` stand from `place` on."""
        return all(self.text(place + more) == word for more, word in enumerate(words))

    def without(self, spans: Sequence[tuple[int, int]]) -> str:
        """The words left over when the tokens of `spans` are taken out."""
        left = list(self.plain)
        for begins, ends in spans:
            if begins < ends:
                start, end = self.at(begins).start, self.at(ends - 1).end
                left[start:end] = " " * (end - start)
        return " ".join(_SIGN.sub(" ", "".join(left)).split())


def plain(text: str) -> str:
    """`text` normalised, but with the signs that dates are written with."""
    text, _ = compatible(text[:LONGEST].encode("utf-8", "ignore").decode("utf-8"))
    text = _SLASHES.sub("/", _DASHES.sub("-", text)).replace("،", ",")
    text = normalise(text.translate(_KEPT)).translate(_SIGNS)
    return " ".join(_STOPS.sub(" ", _BETWEEN_WORDS.sub(" ", text)).split())


def count_in(plain: str) -> int:
    """How many words, numbers and signs there are."""
    return len(_TOKEN.findall(plain))


def _tokens_of(plain: str) -> list[Token]:
    masked = [found.span() for found in _RUN.finditer(plain) if _is_no_date(found[0])]
    tokens: list[Token] = []
    for found in _TOKEN.finditer(plain):
        start, end = found.span()
        while masked and masked[0][1] <= start:
            masked.pop(0)
        word = found[0]
        if masked and masked[0][0] <= start:
            tokens.append(Token("#", start, end))
        elif word.isdecimal():
            digits = len(word)
            tokens.append(Token(word, start, end, int(word) if digits <= _LONGEST_DAY else -1, digits=digits))
        else:
            tokens.append(Token(word, start, end))
    return _with_numbers_in_words(tokens)


def _is_no_date(run: str) -> bool:
    return sum(map(str.isdecimal, run)) >= _LONG_RUN and not _DATE_RUN.fullmatch(run)


def _with_numbers_in_words(tokens: list[Token]) -> list[Token]:
    words = [token.text for token in tokens]
    merged: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.text == "2" and place + 1 < len(tokens) and words[place + 1] in _GLUED:
            merged.append(Token(_GLUED[words[place + 1]], token.start, tokens[place + 1].end))
            place += 2
            continue
        found = number_at(words, place)
        if found:
            number, ordinal, after = found
            merged.append(Token(token.text, token.start, tokens[after - 1].end, number, ordinal))
            place = after
        else:
            merged.append(token)
            place += 1
    return merged
