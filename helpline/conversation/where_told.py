"""What may follow the date and time of an appointment, and says nothing of them: a room, or whom one will meet.

"RDV 12/12 14h30 salle 12", "avec Mme Martin". Whatever else follows may say that nobody will come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from helpline.conversation.normalise import LONGEST, is_whole, words_of
from helpline.conversation.stopping import TO_THE_LETTER, written_as_names

_ROOMS = frozenset(
    [
        "salle",
        "bureau",
        "box",
        "guichet",
        "porte",
        "etage",
        "batiment",
        "bat",
        "room",
        "office",
        "desk",
        "floor",
        "door",
        "building",
    ]
)
_WITH = frozenset(("avec", "with"))
_BEGINNINGS = _ROOMS | _WITH
_TITLES = frozenset(["mme", "mlle", "m", "mr", "mrs", "ms", "miss", "madame", "mademoiselle", "monsieur"])
_NUMBER = re.compile(r"[a-z]?\d{1,4}[a-z]?|[a-z]")
_MOST_NAMES = 3


def may_tell_place(text: str, words: Iterable[str], whole: bool = False) -> bool:
    """Whether a text, of which these are the words, may name a room or a person to meet. `whole`: they are all."""
    return not _BEGINNINGS.isdisjoint(words) or not (whole or is_whole(text))


def without_place(text: str, means: Callable[[str], float]) -> str:
    """A text without the room and the name that it ends with; as it stands if it ends with none.

    `means` tells how surely a word is one that the line knows.
    """
    for found in re.finditer(r"\S+", text[:LONGEST]):
        word = words_of(found[0])[:1]
        if found.start() and word and word[0] in _BEGINNINGS:
            tail = text[found.start() : LONGEST]
            return text[: found.start()] if _is_place(tail, means) else text
    return text


def _is_place(tail: str, means: Callable[[str], float]) -> bool:
    words, as_names = words_of(tail), written_as_names(f", {tail}")
    at = 0
    while at < len(words):
        begins, is_room = at, words[at] in _ROOMS
        if not is_room and words[at] not in _WITH:
            return False
        at += 1
        if is_room:
            at += at < len(words) and bool(_NUMBER.fullmatch(words[at]))
        else:
            has_title = at < len(words) and words[at] in _TITLES
            at = first = at + has_title
            while at < len(words) and at - first < _MOST_NAMES and _is_name(words[at], has_title, as_names, means):
                at += 1
        if at == begins + 1:
            return False
    return True


def _is_name(word: str, has_title: bool, as_names: frozenset[str], means: Callable[[str], float]) -> bool:
    if not word.isalpha() or word in _ROOMS:
        return False
    meaning = means(word)
    return (has_title or word in as_names) and meaning < TO_THE_LETTER
