"""The labels of choices as each language reads them: made once, for every caller is offered the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from helpline.conversation.normalise import words_of
from helpline.conversation.tongue import Tongue

MOST_LABELS = 4096


@dataclass(frozen=True, slots=True)
class Label:
    """For each word of a label that says something the roots that it may have; and all of these together."""

    words: tuple[frozenset[str], ...]
    roots: frozenset[str]


def telling(tongue: Tongue, read: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """For each word that says something the roots that it may have; the words are as the tongue reads them."""
    return tuple(tongue.roots(word) for word in read if word not in tongue.filler)


def labels_in(tongues: Sequence[Tongue]) -> Callable[[str], tuple[Label, ...]]:
    """A function from a label to what it says in each of these languages. Never to be asked for a caller's words."""

    @lru_cache(maxsize=MOST_LABELS)
    def of(label: str) -> tuple[Label, ...]:
        read = (telling(tongue, tongue.read(words_of(label))) for tongue in tongues)
        return tuple(Label(words, frozenset().union(*words)) for words in read)

    return of
