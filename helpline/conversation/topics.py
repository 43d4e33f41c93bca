"""Which topics a text is about: every keyword phrase is weighed against its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from helpline.conversation.names import Names, ends_of
from helpline.conversation.tongue import Tongue

OTHER_FORM = 0.94  # a word of the same family, not the same word
COMPANY = 1.2  # what words beside the best phrase add
LONGER = 0.1  # what each further word adds to a phrase that is wholly there
ALL_OF_IT = 0.999  # the share of a phrase from which nothing of it is missing
EXACT = 0.5  # what is added to a phrase that is the whole text
SIDE_BY_SIDE = 0.25  # what each word weighs of a phrase that has small words only
LONGEST_SMALL = 6  # words of such a phrase
SAME_WORD = 0.95  # likeness from which a word of another language is a word of this one too
NEAR_BY = 2  # how far a "not" may stand from what it denies, in telling words
UNKNOWN_WORD = 0.3  # what a word that no keyword holds weighs against a topic


@dataclass(frozen=True, slots=True)
class Phrase:
    """One keyword of a node: its telling words, each with its root and weight.

    `full` holds all words where the small ones say something too: "can register" is not the name of "register".
    """

    node: str
    words: tuple[tuple[str, str, float], ...]
    total: float
    worth: float
    full: tuple[str, ...]
    roots: tuple[tuple[str, str], ...]  # each root once, behind the word that has it


class Sense(NamedTuple):
    """A root that a word of a text may mean: the word of the vocabulary, how likely, and where it stands."""

    word: str
    likeness: float
    at: int


@dataclass(frozen=True, slots=True)
class Holding:
    """The phrases that hold the root of one word of the vocabulary, by number; whether they hold the word itself.

    `numbers` are the bits of those that hold other roots too. Of these, `beside` has for each node those that weigh
    most where the text holds no other word of theirs, of those that weigh quite the same the first, and all of them.
    `alone` are the phrases that hold no other root.
    """

    weight: float
    numbers: int
    alone: Numbers
    beside: tuple[tuple[str, tuple[int, ...], Numbers, Numbers], ...]


# The number of a phrase, the place of its first root among those of the text, the weight and the number of its words
# that are there, and what a "not" among them weighs that stands far from the others.
Found = tuple[int, int, float, int, float]
# A phrase of which something stands in a text, the weight of its words that do, its score, and what comes first.
Match = tuple[Phrase, float, float, tuple[int, int]]
Numbers = tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """How strongly a text speaks of each node, and by which share it was understood.

    `certain` is the share of the text that the best phrase of a node accounts for; `exact` says that the text is
    nothing but the name of a node.
    """

    scores: Mapping[str, float]
    explained: float
    certain: Mapping[str, float]
    exact: bool = False


NOTHING = Weighed({}, 0.0, {})


@dataclass(frozen=True, slots=True)
class Topics:
    """The phrases of one language, found by the roots of their words; `names` are the keywords to the letter."""

    tongue: Tongue
    names: Names
    phrases: tuple[Phrase, ...]
    holding: Callable[[str], Holding]
    meanings: Callable[[str], tuple[tuple[str, str, float], ...]]  # of a word: root, word of the vocabulary, likeness
    weights: Mapping[str, float]
    company: Mapping[str, tuple[tuple[str, float], ...]]  # of each root the nodes that have it, and how much
    small_phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    small_beginnings: frozenset[str]
    negations: frozenset[str]

    def weigh(
        self, words: tuple[str, ...], foreign: frozenset[str] = frozenset(), read: tuple[str, ...] | None = None
    ) -> Weighed:
        """How strongly `words` speak of each node; `foreign` are words of another language, so no slips of this one.

        `read` is what the tongue reads in `words`, if that is known.
        """
        read = self.tongue.read(ends_of(words)) if read is None else read
        senses, missed = self._senses(read, foreign)
        side_by_side = list(self._small(read))
        if not senses and not side_by_side:
            return NOTHING
        best, exact = self._best(read, senses, missed)
        scores = {node: score for node, (_, _, score, _) in best.items()}
        for node, score in side_by_side:
            scores[node] = max(score, scores.get(node, 0.0))
        strengths = [(sense.at, root, self.weights[root] * sense.likeness) for root, sense in senses.items()]
        explained = _strongest((at, weight) for at, _, weight in strengths) or sum(score for _, score in side_by_side)
        everything = explained + UNKNOWN_WORD * missed
        certain = dict.fromkeys(scores, 0.0)
        near = self._near(strengths)
        for node, (phrase, weight, _, _) in best.items():
            own = {senses[root].at for _, root in phrase.roots if root in senses}
            beside = [each for each in near[node] if each[0] not in own]
            if beside:
                scores[node] += COMPANY * _strongest(beside)
            certain[node] = min(1.0, weight / phrase.total) * weight / everything
        return Weighed(scores, explained / everything, certain, exact)

    def _best(self, read: tuple[str, ...], senses: Mapping[str, Sense], missed: int) -> tuple[dict[str, Match], bool]:
        """Of each node the phrase that was meant most, and whether one is the whole text.

        The text is `read`, of which `missed` words mean nothing. Of a node's phrases that hold one word of the text
        and no other, only the weightiest count, and not even these if one of them holds another word too.
        """
        holding = [self.holding(sense.word) for sense in senses.values()]
        several = self._of_several(senses, holding)
        apart = {self.phrases[number].node for number, held in several.items() if held[4]}
        found = list(several.values())
        for first, (sense, one) in enumerate(zip(senses.values(), holding, strict=True)):
            weights = (one.weight * (sense.likeness * OTHER_FORM), one.weight * sense.likeness)
            found += [(number, first, weights[is_own], 1, 0.0) for number, is_own in one.alone]
            for node, alike, telling, each in one.beside:
                if node in apart:
                    found += [
                        (number, first, weights[is_own], 1, 0.0) for number, is_own in each if number not in several
                    ]
                elif several.keys().isdisjoint(alike):
                    found += [(number, first, weights[is_own], 1, 0.0) for number, is_own in telling]
        said = len({sense.at for sense in senses.values()}) + missed
        return self._best_of(found, said, read)

    def _best_of(self, found: Iterable[Found], said: int, read: tuple[str, ...]) -> tuple[dict[str, Match], bool]:
        """The best of the phrases that were found, for each node. Of those that score the same the first in the text.

        `said` are the words of the text that may mean something.
        """
        best: dict[str, Match] = {}
        some_exact = False
        for number, first, weight, count, apart in found:
            phrase = self.phrases[number]
            left, held = (weight - apart, count - 1) if apart else (weight, count)
            share = left / phrase.total
            if held < len(phrase.words):
                score = left * phrase.worth * share
            else:
                score = left * phrase.worth * (1.0 + LONGER * (held - 1))
                if said == held and share > ALL_OF_IT and phrase.full in ((), read):
                    score, some_exact = score + EXACT, True
            known = best.get(phrase.node)
            if known is None or score > known[2] or (score == known[2] and (first, number) < known[3]):
                best[phrase.node] = (phrase, weight, score, (first, number))
        return best, some_exact

    def _of_several(self, senses: Mapping[str, Sense], holding: Sequence[Holding]) -> dict[int, Found]:
        """The phrases that hold several of the roots, by their number."""
        once = twice = 0
        for one in holding:
            twice |= once & one.numbers
            once |= one.numbers
        order = {root: place for place, root in enumerate(senses)}
        denies = not self.negations.isdisjoint(senses)
        found: dict[int, Found] = {}
        for number in _places_of_bits(twice):
            phrase = self.phrases[number]
            held = [(order[root], word, root) for word, root in phrase.roots if root in order]
            held.sort()
            weight = 0.0
            for _, word, root in held:
                sense = senses[root]
                weight += self.weights[root] * (sense.likeness if word == sense.word else sense.likeness * OTHER_FORM)
            apart = self._far_negation(phrase, senses) if denies else 0.0
            found[number] = (number, held[0][0], weight, len(held), apart)
        return found

    def _near(self, strengths: Sequence[tuple[int, str, float]]) -> dict[str, list[tuple[int, float]]]:
        """For each node the words that its phrases hold: where they stand, and what they weigh there."""
        near: dict[str, list[tuple[int, float]]] = {}
        for at, root, weight in strengths:
            for node, share in self.company[root]:
                near.setdefault(node, []).append((at, weight * share))
        return near

    def _far_negation(self, phrase: Phrase, senses: Mapping[str, Sense]) -> float:
        """The weight of a "not" of the phrase that stands far from its other words: it is about something else."""
        said = [(root in self.negations, senses[root].at, weight) for _, root, weight in phrase.words if root in senses]
        others = [at for negates, at, _ in said if not negates]
        far = [
            weight for negates, at, weight in said if negates and others and min(abs(at - o) for o in others) > NEAR_BY
        ]
        return far[0] if len(far) == 1 else 0.0

    def _small(self, read: tuple[str, ...]) -> Iterator[tuple[str, float]]:
        """The nodes that are named by small words only, which must stand side by side: "qui êtes-vous"."""
        for at in [place for place, word in enumerate(read) if word in self.small_beginnings]:
            for end in range(at + 2, min(len(read), at + LONGEST_SMALL) + 1):
                for node in self.small_phrases.get(read[at:end], ()):
                    yield node, SIDE_BY_SIDE * (end - at) + (EXACT if end - at == len(read) else 0.0)

    def _senses(self, read: tuple[str, ...], foreign: frozenset[str]) -> tuple[dict[str, Sense], int]:
        """The roots that the words may mean, the likeliest of each; and how many words mean nothing."""
        senses: dict[str, Sense] = {}
        missed = 0
        tongue = self.tongue
        for at, word in enumerate([word for word in read if word not in tongue.filler] or read):
            meanings = self.meanings(word)
            if word in foreign:
                meanings = tuple(meaning for meaning in meanings if meaning[2] >= SAME_WORD)
            if not meanings:
                missed += len(word) > 2 and word not in tongue.filler and word not in tongue.small
            for root, meant, likeness in meanings:
                if root not in senses or likeness > senses[root].likeness:
                    senses[root] = Sense(meant, likeness, at)
        return senses, missed


def _strongest(weights: Iterable[tuple[int, float]]) -> float:
    """The sum over the places of a text of the strongest meaning of each: one word means one thing."""
    best: dict[int, float] = {}
    for at, weight in weights:
        if weight > best.get(at, 0.0):
            best[at] = weight
    return sum(best.values())


def _places_of_bits(mask: int) -> Iterator[int]:
    """The places of the bits of a number that are set."""
    written = f"{mask:b}"[::-1]
    at = written.find("1")
    while at >= 0:
        yield at
        at = written.find("1", at + 1)
