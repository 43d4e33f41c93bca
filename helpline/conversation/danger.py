"""Words of danger: "je veux mourir", "il me frappe", "je dors dehors". Careful to hear them, and not "mort de rire"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpline.conversation.normalise import words_of
from helpline.conversation.tongue import Tongue

GAP = 3  # words that may stand between two words of a phrase
SURE = 0.85  # a word less like a word of danger than this is one only if it is long
LONG = 6
FUZZY_WORDS = 40  # of a very long text; further on words must be spelt as they should
MOST_PLACES = 20  # of one word in one text

ByFirst = Mapping[str, tuple[tuple[str, ...], ...]]  # from the first word of phrases to the rest of each


@dataclass(frozen=True, slots=True)
class Danger:
    """The phrases of danger of one language, and the phrases that only look like them."""

    tongue: Tongue
    phrases: ByFirst
    innocent: ByFirst

    def beside(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """The words beside the phrases of danger; None where there is no danger."""
        read = self.tongue.read(words)
        fuzzy = {word: self._forms(word, fuzzy=True) for word in set(read[:FUZZY_WORDS])}
        exact = {word: self._forms(word, fuzzy=False) for word in set(read[FUZZY_WORDS:])}
        forms = [*map(fuzzy.__getitem__, read[:FUZZY_WORDS]), *map(exact.__getitem__, read[FUZZY_WORDS:])]
        if all(map(self.phrases.keys().isdisjoint, forms)):
            return None
        places: dict[str, list[int]] = {}
        for at, own in enumerate(forms):
            for form in own:
                places.setdefault(form, []).append(at)
        spans = list(_spans(self.phrases, places, forms))
        if not spans:
            return None
        excused = {at for span in _spans(self.innocent, places, forms) for at in span}
        dangerous = [span for span in spans if excused.isdisjoint(span)]
        if not dangerous:
            return None
        taken = {at for span in dangerous for at in span}
        return tuple(word for at, word in enumerate(read) if at not in taken)

    def _forms(self, word: str, fuzzy: bool) -> set[str]:
        tongue = self.tongue
        forms = {word, tongue.root(word)}
        if fuzzy and word not in tongue.filler and word not in tongue.small:
            for guess in tongue.guesses(word):
                if guess.likeness >= SURE or len(word) >= LONG:
                    forms.add(guess.word)
                    forms.add(tongue.root(guess.word))
        return forms


def _spans(phrases: ByFirst, places: Mapping[str, list[int]], forms: list[set[str]]) -> Iterable[tuple[int, ...]]:
    """Where the words of a phrase stand in order, few words apart."""
    for first in phrases.keys() & places.keys():
        for rest in phrases[first]:
            for start in places[first][:MOST_PLACES]:
                span = [start]
                for word in rest:
                    after = span[-1] + 1
                    found = next((at for at in range(after, min(len(forms), after + GAP + 1)) if word in forms[at]), -1)
                    if found < 0:
                        break
                    span.append(found)
                else:
                    yield tuple(span)


def danger_of(
    tongue: Tongue, phrases: Iterable[str], innocent: Iterable[str], known: frozenset[str] = frozenset()
) -> Danger:
    """The danger that `phrases` name in a tongue's language; `known` are words that are no misspelling of theirs."""
    dangerous = [words_of(phrase) for phrase in phrases]
    excused = [words_of(phrase) for phrase in innocent]
    tongue = tongue.knowing(dangerous + excused, known)
    return Danger(tongue, _rooted(tongue, dangerous), _rooted(tongue, excused))


def _rooted(tongue: Tongue, phrases: Iterable[tuple[str, ...]]) -> ByFirst:
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in phrases:
        roots = [tongue.root(word) for word in tongue.read(words)]
        if roots:
            found.setdefault(roots[0], []).append(tuple(roots[1:]))
    return {first: tuple(rests) for first, rests in found.items()}
