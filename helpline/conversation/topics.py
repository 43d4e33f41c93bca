"""Which topics a text is about: every keyword phrase is weighed against its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


class Sense(NamedTuple):
    """A root that a word of a text may mean: the word of the vocabulary, how likely, and where it stands."""

    word: str
    likeness: float
    at: int


class Match(NamedTuple):
    """A phrase of which something stands in a text. `weight` is that of its words that do."""

    phrase: Phrase
    weight: float
    score: float


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
    holders: Mapping[str, tuple[tuple[int, str, float], ...]]
    weights: Mapping[str, float]
    company: Mapping[str, Mapping[str, float]]
    small_phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    negations: frozenset[str]

    def weigh(self, words: tuple[str, ...], foreign: frozenset[str] = frozenset()) -> Weighed:
        """How strongly `words` speak of each node; `foreign` are words of another language, so no slips of this one."""
        read = self.tongue.read(ends_of(words))
        senses, missed = self._senses(read, foreign)
        side_by_side = list(self._small(read))
        if not senses and not side_by_side:
            return NOTHING
        best, exact = self._best(read, senses, missed)
        scores = {node: match.score for node, match in best.items()}
        for node, score in side_by_side:
            scores[node] = max(score, scores.get(node, 0.0))
        strengths = [(sense.at, root, self.weights[root] * sense.likeness) for root, sense in senses.items()]
        explained = _strongest((at, weight) for at, _, weight in strengths) or sum(score for _, score in side_by_side)
        everything = explained + UNKNOWN_WORD * missed
        certain = dict.fromkeys(scores, 0.0)
        for node, match in best.items():
            scores[node] += COMPANY * self._company_of(match.phrase, strengths)
            certain[node] = min(1.0, match.weight / match.phrase.total) * match.weight / everything
        return Weighed(scores, explained / everything, certain, exact)

    def _best(self, read: tuple[str, ...], senses: Mapping[str, Sense], missed: int) -> tuple[dict[str, Match], bool]:
        """Of each node the phrase that was meant most, and whether one is the whole text.

        The text is `read`, of which `missed` words mean nothing.
        """
        weights: dict[int, float] = {}
        counts: dict[int, int] = {}
        for root, sense in senses.items():
            likeness, meant = sense.likeness, sense.word
            other = likeness * OTHER_FORM
            for number, own, weight in self.holders.get(root, ()):
                more = weight * (likeness if own == meant else other)
                if number in counts:
                    weights[number] += more
                    counts[number] += 1
                else:
                    weights[number] = more
                    counts[number] = 1
        best: dict[str, Match] = {}
        some_exact = False
        said = len({sense.at for sense in senses.values()}) + missed
        denies = not self.negations.isdisjoint(senses)
        for number, weight in weights.items():
            phrase = self.phrases[number]
            apart = self._far_negation(phrase, senses) if denies else 0.0
            found, count = (weight - apart, counts[number] - 1) if apart else (weight, counts[number])
            share = found / phrase.total
            if count < len(phrase.words):
                score = found * phrase.worth * share
            else:
                score = found * phrase.worth * (1.0 + LONGER * (count - 1))
                if said == count and share > ALL_OF_IT and phrase.full in ((), read):
                    score, some_exact = score + EXACT, True
            known = best.get(phrase.node)
            if known is None or score > known.score:
                best[phrase.node] = Match(phrase, weight, score)
        return best, some_exact

    def _company_of(self, phrase: Phrase, strengths: Sequence[tuple[int, str, float]]) -> float:
        """What the words beside a phrase add to its node: words of the node's other phrases."""
        near = self.company[phrase.node]
        own_roots = {root for _, root, _ in phrase.words}
        taken = {at for at, root, _ in strengths if root in own_roots}
        beside = [(at, weight * near[root]) for at, root, weight in strengths if root in near and at not in taken]
        return _strongest(beside) if beside else 0.0

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
        for at in range(len(read) if self.small_phrases else 0):
            for end in range(at + 2, min(len(read), at + LONGEST_SMALL) + 1):
                for node in self.small_phrases.get(read[at:end], ()):
                    yield node, SIDE_BY_SIDE * (end - at) + (EXACT if end - at == len(read) else 0.0)

    def _senses(self, read: tuple[str, ...], foreign: frozenset[str]) -> tuple[dict[str, Sense], int]:
        """The roots that the words may mean, the likeliest of each; and how many words mean nothing."""
        senses: dict[str, Sense] = {}
        missed = 0
        for at, word in enumerate([word for word in read if word not in self.tongue.filler] or read):
            surest = SAME_WORD if word in foreign else 0.0
            guesses = [
                guess
                for guess in self.tongue.guesses(word)
                if guess.likeness >= surest and self.tongue.root(guess.word) in self.weights
            ]
            if not guesses:
                missed += len(word) > 2 and word not in self.tongue.filler and word not in self.tongue.small
            for guess in guesses:
                root = self.tongue.root(guess.word)
                if root not in senses or guess.likeness > senses[root].likeness:
                    senses[root] = Sense(guess.word, guess.likeness, at)
        return senses, missed


def _strongest(weights: Iterable[tuple[int, float]]) -> float:
    """The sum over the places of a text of the strongest meaning of each: one word means one thing."""
    best: dict[int, float] = {}
    for at, weight in weights:
        if weight > best.get(at, 0.0):
            best[at] = weight
    return sum(best.values())
