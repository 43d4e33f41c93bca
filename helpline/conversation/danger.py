"""Words of danger: "je veux mourir", "il me frappe", "je dors dehors". Careful to hear them, and not "mort de rire"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpline.conversation.normalise import words_of
from helpline.conversation.tongue import Tongue, tongue_of
from helpline.menus.shapes import Language

GAP = 3  # words that may stand between two words of a phrase
SURE = 0.85  # a word less like a word of danger than this is one only if it is long
LONG = 6


@dataclass(frozen=True, slots=True)
class Danger:
    """The phrases of danger of one language, and the phrases that only look like them."""

    tongue: Tongue
    phrases: tuple[tuple[str, ...], ...]
    innocent: tuple[tuple[str, ...], ...]

    def heard_in(self, words: tuple[str, ...]) -> bool:
        """Whether a phrase of danger stands in `words` outside of every innocent phrase."""
        read = self.tongue.read(words)
        forms = [self._forms(word) for word in read]
        places: dict[str, list[int]] = {}
        for at, own in enumerate(forms):
            for form in own:
                places.setdefault(form, []).append(at)
        excused: set[int] = set()
        for phrase in self.innocent:
            for span in _spans(phrase, places, forms):
                excused |= set(span)
        return any(
            not excused.intersection(span) for phrase in self.phrases for span in _spans(phrase, places, forms)
        )

    def _forms(self, word: str) -> frozenset[str]:
        forms = {word, self.tongue.root(word)}
        if word not in self.tongue.filler and word not in self.tongue.small:
            for guess in self.tongue.guesses(word):
                if guess.likeness >= SURE or len(word) >= LONG:
                    forms |= {guess.word, self.tongue.root(guess.word)}
        return frozenset(forms)


def _spans(
    phrase: tuple[str, ...], places: Mapping[str, list[int]], forms: list[frozenset[str]]
) -> Iterable[tuple[int, ...]]:
    """Where the words of `phrase` stand in order, few words apart."""
    for start in places.get(phrase[0], ()):
        span = [start]
        for word in phrase[1:]:
            after = span[-1] + 1
            found = next((at for at in range(after, min(len(forms), after + GAP + 1)) if word in forms[at]), -1)
            if found < 0:
                break
            span.append(found)
        else:
            yield tuple(span)


def danger_of(
    language: Language, phrases: Iterable[str], innocent: Iterable[str], known: frozenset[str] = frozenset()
) -> Danger:
    """The danger that `phrases` name in one language; `known` are words that are no misspelling of theirs."""
    dangerous = [words_of(phrase) for phrase in phrases]
    excused = [words_of(phrase) for phrase in innocent]
    tongue = tongue_of(language, dangerous + excused, known)
    return Danger(tongue, _rooted(tongue, dangerous), _rooted(tongue, excused))


def _rooted(tongue: Tongue, phrases: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    read = (tongue.read(words) for words in phrases if words)
    return tuple(tuple(tongue.root(word) for word in words) for words in read)
