"""Words of danger: "je veux mourir", "il me frappe", "je dors dehors". Careful to hear them, and not "mort de rire"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from helpline.conversation.normalise import squeezed, words_of
from helpline.conversation.tongue import LONG_TEXT, Tongue

GAP = 3  # words that may stand between two words of a phrase
SURE = 0.85  # a word less like a word of danger than this is one only if it is long
LONG = 6
FUZZY_WORDS = 40  # of a very long text; further on words must be spelt as they should
MOST_PLACES = 20  # of one word in one text

ByFirst = Mapping[str, tuple[tuple[str, ...], ...]]  # from the first word of phrases to the rest of each


@dataclass(frozen=True, slots=True)
class Danger:
    """The phrases of danger of one language, and the phrases that only look like them.

    `forms` are those that a word may have, slips among them or not. `may_tell` is true of a word that may be the most
    telling one of a phrase, `tells` of one that is it without a slip: a text without any is not read.
    """

    tongue: Tongue
    phrases: ByFirst
    innocent: ByFirst
    forms: Callable[[str, bool], frozenset[str]]
    may_tell: Callable[[str], bool]
    tells: Callable[[str], bool]
    reach: Callable[[str, bool], frozenset[str]]  # the forms of a word, and of what it may be written out as
    always: frozenset[str]  # forms of terms of several words
    sets: tuple[frozenset[str], ...]  # the words of each phrase

    def beside(self, words: tuple[str, ...]) -> tuple[str, ...] | None:
        """The words beside the phrases of danger; None where there is no danger."""
        if not self._may_be_in(words):
            return None
        read = self.tongue.read(words)
        forms = [self.forms(word, at < FUZZY_WORDS) for at, word in enumerate(read)]
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

    def _may_be_in(self, words: tuple[str, ...]) -> bool:
        """Whether all words of a phrase may stand in `words`: false of most texts, and quicker than to read them."""
        first, others = words[:LONG_TEXT], words[LONG_TEXT:]
        if not any(map(self.may_tell, first)) and not any(map(self.tells, others)):
            return False
        if not others:
            return True
        roots = self.always.union(
            *(self.reach(word, True) for word in first), *(self.reach(word, False) for word in others)
        )
        return any(map(roots.issuperset, self.sets))


def _spans(phrases: ByFirst, places: Mapping[str, list[int]], forms: list[frozenset[str]]) -> Iterable[tuple[int, ...]]:
    """Where the words of a phrase stand in order, few words apart."""
    for first in phrases.keys() & places.keys():
        for rest in phrases[first]:
            if not places.keys() >= set(rest):
                continue
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
    rooted = _rooted(tongue, dangerous)
    forms = _forms_in(tongue)
    of_terms = frozenset[str]().union(*(forms(unit, True) for unit in tongue.units.values()))
    may_tell, tells = _telling(tongue, rooted, forms, of_terms)
    sets = {frozenset((first, *rest)) for first, others in rooted.items() for rest in others}
    least = tuple(each for each in sets if not any(other < each for other in sets))
    return Danger(
        tongue, rooted, _rooted(tongue, excused), forms, may_tell, tells, _reach(tongue, forms), of_terms, least
    )


def _reach(tongue: Tongue, forms: Callable[[str, bool], frozenset[str]]) -> Callable[[str, bool], frozenset[str]]:
    written_out: dict[str, set[str]] = {}
    for written, meant in tongue.spelling.items():
        written_out.setdefault(max(written.split(), key=len), set()).update(meant)

    @lru_cache(maxsize=8192)
    def reach(word: str, fuzzy: bool) -> frozenset[str]:
        meant = written_out.get(word, set()) | written_out.get(squeezed(word), set())
        return forms(word, fuzzy).union(*(forms(each, fuzzy) for each in meant))

    return reach


def _forms_in(tongue: Tongue) -> Callable[[str, bool], frozenset[str]]:
    @lru_cache(maxsize=8192)
    def forms(word: str, fuzzy: bool) -> frozenset[str]:
        found = {word, tongue.root(word)}
        if fuzzy and word not in tongue.filler and word not in tongue.small:
            for guess in tongue.guesses(word):
                if guess.likeness >= SURE or len(word) >= LONG:
                    found |= {guess.word, tongue.root(guess.word)}
        return frozenset(found)

    return forms


def _telling(
    tongue: Tongue, phrases: ByFirst, forms: Callable[[str, bool], frozenset[str]], of_terms: frozenset[str]
) -> tuple[Callable[[str], bool], Callable[[str], bool]]:
    """Whether a word may be the most telling one of a phrase, or may be written out as that; and whether it surely is.

    Where a term of several words is the most telling one, any word may begin it.
    """
    small = of_terms.union(map(tongue.root, tongue.small | tongue.filler))

    def most(words: tuple[str, ...]) -> str:
        return min(words, key=lambda word: (word in of_terms, word in small, -len(word), word))

    telling = {most((first, *rest)) for first, others in phrases.items() for rest in others}

    def is_telling(word: str) -> bool:
        return not telling.isdisjoint(forms(word, True))

    spelling = {
        max(written.split(), key=len) for written, meant in tongue.spelling.items() if any(map(is_telling, meant))
    }
    by_terms = not telling.isdisjoint(of_terms)

    @lru_cache(maxsize=20000)
    def may_tell(word: str) -> bool:
        return by_terms or is_telling(word) or tells(word)

    @lru_cache(maxsize=20000)
    def tells(word: str) -> bool:
        written_out = word in spelling or squeezed(word) in spelling
        return by_terms or written_out or not telling.isdisjoint(forms(word, False))

    return may_tell, tells


def _rooted(tongue: Tongue, phrases: Iterable[tuple[str, ...]]) -> ByFirst:
    found: dict[str, list[tuple[str, ...]]] = {}
    for words in phrases:
        roots = [tongue.root(word) for word in tongue.read(words)]
        if roots:
            found.setdefault(roots[0], []).append(tuple(roots[1:]))
    return {first: tuple(rests) for first, rests in found.items()}
